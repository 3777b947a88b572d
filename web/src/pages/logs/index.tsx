import { useSignal } from "@preact/signals";
import { useCallback, useEffect, useMemo } from "preact/hooks";
import type { Snapshot } from "../../api/schema";
import { ViewSheet } from "../../components/overlays/ViewSheet";
import { type ScopeCount, ScopeTree } from "../../components/scope/ScopeTree";
import { PageFrame } from "../../frame/PageFrame";
import { useKeys } from "../../state/keys";
import { isPhone } from "../../state/media";
import { closePanel, open, route, select } from "../../state/place/route";
import { scope } from "../../state/place/scope";
import { EntryDrawer } from "./entry/EntryDrawer";
import { openEntry, openedEntry } from "./entry/openEntry";
import { LogsFoot } from "./LogsFoot";
import { NoEntries } from "./LogsStates";
import { LevelChoice, LogsToolbar } from "./LogsToolbar";
import { LogTable } from "./LogTable";
import { counts, entries, isFollowing, openFeed, setFollowing, standStill } from "./logFeed";
import { readLogFilters } from "./logQuery";
import { pinned } from "./pinned";
import { entryAddress, listAddress, traceAddress } from "./words";
import "./logs.css";

/** Whether a resource can send telemetry. */
function canSend({ origin, type }: Snapshot): boolean {
  return origin === "declared" && type !== "Parameter";
}

function scopeCounts(): ReadonlyMap<string, ScopeCount> {
  return new Map(Object.entries(counts.value?.resources ?? {}).map(([id, count]) => [id, { count }]));
}

/** The id of the entry that the address names; null where it names none. */
function openId(): number | null {
  const segment = route.value.segments[0] ?? "";
  return /^\d+$/.test(segment) ? Number(segment) : null;
}

/** The page Logs: structured entries with filters, one click from their trace. */
export default function LogsPage() {
  const { query } = route.value;
  const id = openId();
  const isSheetOpen = useSignal(false);
  const key = JSON.stringify([query.get("q"), query.get("level"), query.getAll("f"), scope.value]);
  const filters = useMemo(() => readLogFilters(query, scope.value), [key]);
  useEffect(() => openFeed(filters), [filters]);
  useEffect(() => (id === null ? undefined : openEntry(id)), [id]);
  useEffect(() => (id === null ? undefined : standStill()), [id === null]);

  const openOne = useCallback((entry: number) => {
    const isOpen = openId() !== null;
    if (isPhone.value) open(entryAddress(entry), { panel: true });
    else select(entryAddress(entry), isOpen);
  }, []);
  const close = () => closePanel(listAddress());
  function move(by: number): void {
    const { shown } = entries.peek();
    const at = shown.findIndex((entry) => entry.id === id);
    const next = shown[at < 0 ? 0 : Math.min(Math.max(at + by, 0), shown.length - 1)];
    if (next) openOne(next.id);
  }

  useKeys([
    { key: "j", does: "Next entry", run: () => move(1) },
    { key: "k", does: "Previous entry", run: () => move(-1) },
    {
      key: "x",
      does: "Trace of this entry",
      run: () => {
        const entry = openedEntry.peek();
        if (entry?.id === id && entry?.trace_id) open(traceAddress(entry));
      },
    },
    { key: "f", does: "Follow or pause", run: () => setFollowing(!isFollowing.peek()) },
    { key: "Escape", does: "Close the entry", run: () => id !== null && close() },
  ]);

  const isEmpty = entries.value.shown.length === 0 && pinned.value.length === 0;
  return (
    <PageFrame title="Logs" heading="Structured logs" foot={<LogsFoot />}>
      <div class="scoped">
        <ScopeTree counts={scopeCounts()} only={canSend} />
        <div class="logs">
          <LogsToolbar
            filters={filters}
            onView={() => {
              isSheetOpen.value = true;
            }}
          />
          <div class={id === null ? "cols alone" : "cols with"}>
            {isEmpty ? (
              <NoEntries filters={filters} />
            ) : (
              <LogTable selected={id} onOpen={openOne} onMove={move} />
            )}
            {id !== null && <EntryDrawer id={id} onClose={close} />}
          </div>
        </div>
      </div>
      {isSheetOpen.value && (
        <ViewSheet
          counts={scopeCounts()}
          only={canSend}
          onClose={() => {
            isSheetOpen.value = false;
          }}
        >
          <LevelChoice level={filters.level} />
        </ViewSheet>
      )}
    </PageFrame>
  );
}
