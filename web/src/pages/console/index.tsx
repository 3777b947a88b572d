import { useSignal } from "@preact/signals";
import { memo } from "preact/compat";
import { useCallback, useEffect, useMemo, useRef } from "preact/hooks";
import type { LogLevel } from "../../api/schema";
import { Button } from "../../components/Button";
import { ViewSheet } from "../../components/overlays/ViewSheet";
import { type ScopeCount, ScopeTree } from "../../components/scope/ScopeTree";
import { PageFrame } from "../../frame/PageFrame";
import { useKeys } from "../../state/keys";
import { queryValue, route, setQuery } from "../../state/place/route";
import { app } from "../../state/run/app";
import { resources } from "../../state/run/resources";
import { ConsoleBar, LevelFilter, LineButtons, type SearchState, TimeFilter } from "./ConsoleBar";
import { ConsoleFoot } from "./ConsoleFoot";
import { ConsoleNotes } from "./ConsoleNotes";
import { NoLines } from "./ConsoleStates";
import { lineConsole } from "./console";
import { saveText, textOf } from "./download";
import { followHistogram, histogram } from "./histogram/counts";
import { Histogram } from "./histogram/Histogram";
import { hasLog, resourcesInView } from "./inView";
import { LineList } from "./LineList";
import { readLevels, toggledLevels } from "./levels";
import type { Row } from "./lines/rows";
import { foundRows, nextRow } from "./matches";
import { readPlace, rowAt } from "./place";
import { isSearching } from "./text/query";
import { timeChoice } from "./times";
import { writerName } from "./writerName";
import "./console.css";

const { list, store } = lineConsole;

/** Follow what the address asks for while the page is there. */
function useLines(): { typed: string; levels: ReadonlySet<LogLevel>; onlyFound: boolean } {
  const typed = queryValue("q");
  const levelText = queryValue("level");
  const onlyFound = queryValue("only") !== "";
  const levels = useMemo(() => readLevels(levelText), [levelText]);
  const inView = resourcesInView();
  const key = inView.areAll ? "all" : inView.ids.join("\n");
  const ids = useMemo(() => (inView.areAll ? null : new Set(inView.ids)), [key]);
  const isLoaded = resources.loaded.value;

  useEffect(() => {
    if (!isLoaded) return;
    lineConsole.refusal.value = "";
    lineConsole.follower.show(inView);
    if (ids?.size !== 0) return followHistogram(inView.areAll ? null : inView.ids);
    histogram.value = null;
  }, [key, isLoaded]);
  useEffect(() => () => lineConsole.follower.pause(), []);
  useEffect(() => lineConsole.show({ ids, levels, typed, onlyFound }), [ids, levels, typed, onlyFound]);
  return { typed, levels, onlyFound };
}

/** Lead to the place of the address, again as earlier lines come, until the reader moves. */
function usePlace(go: (row: Row) => void): { isAt: (row: Row) => boolean; moved: () => void } {
  const { query, fragment } = route.value;
  const at = query.get("at") ?? "";
  const place = useMemo(() => readPlace(at, fragment), [at, fragment]);
  const isPending = useRef(false);
  const version = lineConsole.version.value;
  useEffect(() => {
    isPending.current = place !== null;
  }, [place]);
  useEffect(() => {
    if (!place || !isPending.current) return;
    const row = rowAt(place, store, list);
    if (row) go(row);
  }, [place, version]);
  return {
    isAt: (row) =>
      place?.kind === "line" &&
      row.head.log.id === place.resource &&
      (row.head.number === place.number ||
        (row.stack?.some((line) => line.number === place.number) ?? false)),
    moved: () => {
      isPending.current = false;
    },
  };
}

function problemOf(): string {
  if (lineConsole.query.kind === "broken") return "not an expression";
  return lineConsole.search.isGivenUp ? "takes too long" : "";
}

function scopeCounts(): ReadonlyMap<string, ScopeCount> {
  const counts = new Map<string, ScopeCount>();
  for (const [id, count] of Object.entries(histogram.value?.resources ?? {})) counts.set(id, { count });
  return counts;
}

/** The tree of resources, which is not drawn anew with each line. */
const Scope = memo(() => <ScopeTree counts={scopeCounts()} only={hasLog} />);

/** The page Console. */
export default function ConsolePage() {
  const lines = useRef<LineList>(null);
  const view = useSignal<readonly [number, number] | null>(null);
  const current = useSignal<Row | null>(null);
  const isSheetOpen = useSignal(false);
  const { typed, levels, onlyFound } = useLines();
  const version = lineConsole.version.value;
  const follows = lineConsole.follows.value;

  function go(row: Row): void {
    lineConsole.follow(false);
    lines.current?.scrollTo(row, "center");
  }
  const place = usePlace(go);

  const isSearched = isSearching(lineConsole.query);
  const found = useMemo(
    () => (isSearched ? foundRows(list.rows, lineConsole.search.search) : []),
    [version, isSearched, typed],
  );

  function step(rows: readonly Row[], by: 1 | -1): void {
    const first = lines.current?.firstInView();
    const at = current.value;
    const from = at && at.index >= 0 && lines.current?.hasInView(at) ? at.index : (first?.index ?? 0) - by;
    const row = nextRow(rows, from, by);
    if (!row) return;
    place.moved();
    current.value = row;
    const isInStack = row.head.found !== lineConsole.search.search && row.isFound(lineConsole.search.search);
    if (isInStack && !row.isUnfolded) lineConsole.unfold(row, true);
    go(row);
  }

  const errors = () => list.rows.filter((row) => row.level === "error");
  const search: SearchState = {
    typed,
    at: current.value ? found.indexOf(current.value) + 1 : 0,
    found: found.length,
    problem: problemOf(),
    onlyFound,
  };
  const actions = {
    download: () => {
      const stamp = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
      saveText(
        textOf(list.rows, (line) => writerName(line.writer)),
        `${app.value?.name ?? "app"}-console-${stamp}.log`,
      );
    },
    clear: () => lineConsole.clear(),
  };
  const toggle = (level: LogLevel) => setQuery({ level: toggledLevels(levels, level) });
  const setFollow = (follow: boolean) => {
    place.moved();
    lineConsole.follow(follow);
  };

  useKeys([
    { key: "f", does: "Follow or pause", run: () => setFollow(!lineConsole.follows.value) },
    { key: "n", does: "Next match", run: () => step(found, 1) },
    { key: "Shift+N", does: "Previous match", run: () => step(found, -1) },
    { key: "e", does: "Next error", run: () => step(errors(), 1) },
    { key: "Shift+E", does: "Previous error", run: () => step(errors(), -1) },
  ]);

  const goTo = useCallback((time: number) => {
    const row = list.rows[list.indexAt(time)];
    if (!row) return;
    place.moved();
    lineConsole.follow(false);
    lines.current?.scrollTo(row, "start");
  }, []);

  const { open } = store;
  const shownOpen = lineConsole.isFiltered ? [] : open.filter((line) => list.listsOpen(line));
  const isEmpty = list.rows.length === 0 && shownOpen.length === 0;
  return (
    <PageFrame title="Console" heading="Console" foot={<ConsoleFoot isSearching={isSearched} />}>
      <div class="scoped">
        <Scope />
        <div class="console">
          <ConsoleBar
            search={search}
            onSearch={(q) => {
              current.value = null;
              setQuery({ q });
            }}
            onOnlyFound={(only) => setQuery({ only: only ? "1" : "" })}
            onStep={(by) => step(found, by)}
            levels={levels}
            onToggle={toggle}
            actions={actions}
            follows={follows}
            onFollow={setFollow}
            onView={() => {
              isSheetOpen.value = true;
            }}
          />
          <Histogram view={isEmpty ? null : view.value} onGo={goTo} />
          <ConsoleNotes />
          {isEmpty ? (
            <NoLines
              hidden={list.count}
              typed={lineConsole.isFiltered ? typed : ""}
              isBusy={lineConsole.isFiltered && lineConsole.search.isBusy}
              onShowAll={() => setQuery({ q: "", level: "", only: "" })}
            />
          ) : (
            <LineList
              handle={lines}
              list={list}
              version={version}
              open={shownOpen}
              follows={follows}
              look={{ query: lineConsole.query, time: timeChoice() }}
              isCurrent={(row) => row === current.value || place.isAt(row)}
              onFollow={setFollow}
              onMove={place.moved}
              onView={(from, to) => {
                if (view.peek()?.[0] !== from || view.peek()?.[1] !== to) view.value = [from, to];
              }}
            />
          )}
          {!follows && (
            <Button
              label={
                lineConsole.newLines > 0
                  ? `Jump to latest · ${lineConsole.newLines.toLocaleString("en")} new`
                  : "Jump to latest"
              }
              icon="latest"
              class="jumpto"
              onClick={() => setFollow(true)}
            />
          )}
        </div>
      </div>
      {isSheetOpen.value && (
        <ViewSheet
          counts={scopeCounts()}
          only={hasLog}
          onClose={() => {
            isSheetOpen.value = false;
          }}
        >
          <LevelFilter shown={levels} onToggle={toggle} />
          <TimeFilter />
          <LineButtons {...actions} iconOnly={false} />
        </ViewSheet>
      )}
    </PageFrame>
  );
}
