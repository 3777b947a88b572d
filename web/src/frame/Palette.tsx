import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../components/marks/Icon";
import { Dot } from "../components/marks/StateBadge";
import { Dialog } from "../components/overlays/Dialog";
import { closeOverlay } from "../state/overlays";
import { fitting, type PaletteEntry, paletteSources } from "../state/palette";
import { recentIds, rememberEntry } from "../state/recent";
import { Highlight } from "./Highlight";
import { causeEntries, commandEntries, pageEntries, resourceEntries, searchEntries } from "./paletteSources";

/** How many entries are offered. */
const MOST = 40;

function entriesFor(query: string): readonly PaletteEntry[] {
  const all = [...commandEntries(), ...resourceEntries(), ...pageEntries()];
  const more = paletteSources.value.flatMap((source) => source(query));
  if (query !== "")
    return fitting([...causeEntries(), ...all, ...more, ...searchEntries(query)], query).slice(0, MOST);
  const recent = recentIds.value.flatMap((id): readonly PaletteEntry[] => {
    const entry = all.find((each) => each.id === id);
    return entry ? [{ ...entry, group: "Recent" }] : [];
  });
  return [...causeEntries(), ...recent, ...pageEntries()];
}

function Option(props: { entry: PaletteEntry; query: string; chosen: boolean; onChoose: () => void }) {
  const { entry, query } = props;
  const item = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (props.chosen) item.current?.scrollIntoView({ block: "nearest" });
  }, [props.chosen]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the combobox
    <li
      ref={item}
      id={optionId(entry)}
      role="option"
      aria-selected={props.chosen}
      aria-disabled={entry.whyOff ? true : undefined}
      onClick={props.onChoose}
    >
      <span>{entry.look ? <Dot look={entry.look} /> : <Icon name={entry.icon ?? "chevron"} />}</span>
      <span>
        <Highlight text={entry.text} query={query} />
      </span>
      <small>{entry.hint}</small>
      {entry.key && <kbd>{entry.key}</kbd>}
    </li>
  );
}

function optionId(entry: PaletteEntry): string {
  return `pal-${entry.id.replaceAll(/\W+/g, "-")}`;
}

/** Search and run: resources, commands, pages; with nothing typed what needs a person, and what was used last. */
export function Palette() {
  const query = useSignal("");
  const at = useSignal(0);
  const input = useRef<HTMLInputElement>(null);
  const entries = entriesFor(query.value.trim());
  const chosen = Math.min(at.value, entries.length - 1);
  const entry = entries[chosen];
  useEffect(() => input.current?.focus(), []);

  function choose(picked: PaletteEntry | undefined): void {
    if (!picked || picked.whyOff) return;
    closeOverlay();
    rememberEntry(picked.id);
    picked.run();
  }

  function keyDown(event: KeyboardEvent): void {
    const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    const step = moves[event.key];
    if (step !== undefined && entries.length > 0)
      at.value = (chosen + step + entries.length) % entries.length;
    else if (event.key === "Enter") choose(entry);
    else if (event.key === "Tab" && entry?.group === "Resources") query.value = entry.text;
    else return;
    event.preventDefault();
  }

  return (
    <Dialog label="Search and commands" class="palette" onClose={closeOverlay}>
      <div class="pal-in">
        <Icon name="search" />
        <input
          ref={input}
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-controls="pal"
          aria-activedescendant={entry ? optionId(entry) : undefined}
          aria-label="Search resources, commands and pages"
          placeholder="Search resources, commands, pages"
          autocomplete="off"
          spellcheck={false}
          value={query.value}
          onInput={(event) => {
            query.value = event.currentTarget.value;
            at.value = 0;
          }}
          onKeyDown={keyDown}
        />
        <kbd>Esc</kbd>
      </div>
      <ul id="pal" role="listbox" aria-label="Results">
        {entries.map((each, index) => (
          <>
            {each.group !== entries[index - 1]?.group && (
              <li key={each.group} class="head" role="presentation">
                {each.group}
              </li>
            )}
            <Option
              key={each.id}
              entry={each}
              query={query.value.trim()}
              chosen={index === chosen}
              onChoose={() => choose(each)}
            />
          </>
        ))}
        {entries.length === 0 && (
          <li class="head" role="presentation">
            Nothing matches “{query.value}”
          </li>
        )}
      </ul>
      <footer>
        <span>
          <kbd>↑</kbd>
          <kbd>↓</kbd> choose
        </span>
        <span>
          <kbd>Enter</kbd> run
        </span>
        <span>
          <kbd>Tab</kbd> show a resource's commands
        </span>
      </footer>
    </Dialog>
  );
}
