import type { LogLevel } from "../../api/schema";
import { Button } from "../../components/Button";
import { Field } from "../../components/Field";
import { Segmented } from "../../components/Segmented";
import { histogram } from "./histogram/counts";
import { countOf, LEVEL_WORDS, LEVELS, shortCount } from "./levels";
import { chooseTime, type TimeChoice, timeChoice } from "./times";
import { wrapsLines } from "./wrapping";

const TIMES: readonly { value: TimeChoice; label: string }[] = [
  { value: "local", label: "Local" },
  { value: "utc", label: "UTC" },
  { value: "start", label: "Since start" },
];

const TITLES: Readonly<Record<LogLevel, string>> = {
  error: "Errors",
  warn: "Warnings",
  info: "Information, lines without a level, and what Fairlead says",
  debug: "Debugging",
};

/** The levels that are shown, each with how many lines it has. */
export function LevelFilter(props: {
  shown: ReadonlySet<LogLevel>;
  onToggle: (level: LogLevel) => void;
  class?: string;
}) {
  const totals = histogram.value?.totals;
  return (
    <div class={`seg ${props.class ?? ""}`} role="group" aria-label="Levels">
      {LEVELS.map((level) => (
        <button
          key={level}
          type="button"
          aria-pressed={props.shown.has(level)}
          title={TITLES[level]}
          onClick={() => props.onToggle(level)}
        >
          {LEVEL_WORDS[level]} {totals && <span class="n">{shortCount(countOf(totals, level))}</span>}
        </button>
      ))}
    </div>
  );
}

/** How times are written. */
export function TimeFilter({ class: name = "" }: { class?: string }) {
  return <Segmented label="Time" class={name} segments={TIMES} value={timeChoice()} onChange={chooseTime} />;
}

/** What of the lines can be done with buttons. */
export interface ConsoleActions {
  download: () => void;
  clear: () => void;
}

/** The buttons for wrapping, download and clearing. */
export function LineButtons({ download, clear, iconOnly }: ConsoleActions & { iconOnly: boolean }) {
  const look = iconOnly ? "hide" : "";
  return (
    <>
      <Button
        label="Wrap lines"
        icon="wrap"
        iconOnly={iconOnly}
        class={look}
        pressed={wrapsLines.value}
        onClick={() => {
          wrapsLines.value = !wrapsLines.value;
        }}
      />
      <Button
        label="Download what is shown"
        icon="download"
        iconOnly={iconOnly}
        class={look}
        onClick={download}
      />
      <Button label="Clear the view" icon="trash" iconOnly={iconOnly} class={look} onClick={clear} />
    </>
  );
}

/** How a search goes. */
export interface SearchState {
  typed: string;
  /** Which match the reader is at, from 1; 0 for none. */
  at: number;
  found: number;
  /** What is wrong with it, in words; empty when nothing is. */
  problem: string;
  onlyFound: boolean;
}

function SearchCount({ search }: { search: SearchState }) {
  if (search.problem) return <span class="matches bad">{search.problem}</span>;
  return (
    <span class="matches num">
      {search.at > 0
        ? `${search.at.toLocaleString("en")} of ${search.found.toLocaleString("en")}`
        : search.found.toLocaleString("en")}
      <span class="sr"> matches</span>
    </span>
  );
}

/** The toolbar of the console. */
export function ConsoleBar(props: {
  search: SearchState;
  onSearch: (typed: string) => void;
  onOnlyFound: (only: boolean) => void;
  onStep: (step: 1 | -1) => void;
  levels: ReadonlySet<LogLevel>;
  onToggle: (level: LogLevel) => void;
  actions: ConsoleActions;
  follows: boolean;
  onFollow: (follows: boolean) => void;
  onView: () => void;
}) {
  const { search, onStep } = props;
  const isSearching = search.typed !== "";
  function keyInSearch(event: KeyboardEvent): void {
    if (event.key === "Enter") onStep(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape" && isSearching) props.onSearch("");
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
  return (
    <div class="bar">
      <Field
        label="Search the console"
        placeholder="Search, or /regex/"
        icon="search"
        hint="/"
        class="search"
        value={search.typed}
        onInput={props.onSearch}
        onKeyDown={keyInSearch}
        after={isSearching && <SearchCount search={search} />}
      />
      {isSearching && (
        <>
          <Button
            label="Previous match"
            title="Previous match (Shift N)"
            icon="up"
            iconOnly
            look="ghost"
            onClick={() => onStep(-1)}
          />
          <Button
            label="Next match"
            title="Next match (N)"
            icon="down"
            iconOnly
            look="ghost"
            onClick={() => onStep(1)}
          />
          <Button
            label="Show only matches"
            icon="filter"
            iconOnly
            pressed={search.onlyFound}
            onClick={() => props.onOnlyFound(!search.onlyFound)}
          />
        </>
      )}
      <LevelFilter class="hide" shown={props.levels} onToggle={props.onToggle} />
      <span class="grow" />
      <TimeFilter class="hide wide-only" />
      <LineButtons {...props.actions} iconOnly />
      <Button label="View" icon="more" iconOnly class="narrow-only" popup="dialog" onClick={props.onView} />
      <Button
        label={props.follows ? "Following" : "Follow"}
        title={props.follows ? "Pause (F)" : "Follow (F)"}
        icon="latest"
        pressed={props.follows}
        onClick={() => props.onFollow(!props.follows)}
      />
    </div>
  );
}
