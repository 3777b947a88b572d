import { Button } from "../../components/Button";
import { EmptyState } from "../../components/EmptyState";
import { Lines } from "../../components/lists/Lines";
import { Patience, Skeleton } from "../../components/Skeleton";
import { Gone } from "../../frame/Gone";
import { copy } from "../../state/clipboard";
import { fileName } from "../../state/format";
import { setQuery } from "../../state/place/route";
import { app } from "../../state/run/app";
import { resources } from "../../state/run/resources";
import { nearest } from "./nearest";
import { TableHead } from "./Table";
import { clearFilter, filter } from "./tableState";

const WIDTHS: readonly (readonly [level: number, name: number, reason: number])[] = [
  [0, 90, 70],
  [0, 70, 180],
  [1, 60, 70],
  [1, 60, 160],
  [0, 110, 220],
  [0, 80, 110],
  [0, 60, 70],
  [1, 80, 70],
  [1, 120, 70],
];

/** What stands for the rows while they are loading. */
export function LoadingTable() {
  return (
    <div class="table">
      <Patience what="resources">
        <div aria-hidden="true">
          <TableHead />
          {WIDTHS.map(([level, name, reason], index) => (
            <div class="row" key={`${index + 1}`}>
              <div class={`name lv${level}`}>
                <Skeleton width={name} />
              </div>
              <div>
                <Skeleton width={reason} />
              </div>
              <div class="c-url">
                <Skeleton width={100} />
              </div>
              <div class="c-src">
                <Skeleton width={120} />
              </div>
            </div>
          ))}
        </div>
      </Patience>
    </div>
  );
}

/** What is said when the app has nothing. */
export function NoResources() {
  const file = app.value?.apphost;
  return (
    <div class="table">
      <EmptyState
        icon="resources"
        title="This app declares no resources yet"
        text="Add one in the app file and run it again."
      >
        <Lines
          label="Example"
          lines={[
            { number: 5, text: "@apphost" },
            { number: 6, text: "def shop(app: AppBuilder) -> None:" },
            { number: 7, text: '    cache = app.add_redis("cache")', on: true },
          ]}
        />
        {file && (
          <Button
            label={`Copy path of ${fileName(file)}`}
            icon="file"
            onClick={() => void copy(file, "Path")}
          />
        )}
      </EmptyState>
    </div>
  );
}

/** What is said when the filter hides all. */
export function NoMatch() {
  const { text } = filter.value;
  const all = resources.all();
  const meant = nearest(
    text,
    all.map((each) => each.name),
  );
  const words = text.trim() === "" ? "the filter" : `“${text.trim()}”`;
  return (
    <div class="table">
      <EmptyState
        icon="filter"
        title={`No resource matches ${words}`}
        text={
          <>
            {all.length} resources are hidden by the filter.{" "}
            {meant && (
              <>
                Did you mean{" "}
                <button
                  type="button"
                  class="link"
                  onClick={() => setQuery({ q: meant, state: null, type: null })}
                >
                  {meant}
                </button>
                ?
              </>
            )}
          </>
        }
      >
        <Button label="Clear filter" onClick={clearFilter} />
      </EmptyState>
    </div>
  );
}

/** What is said when the address names a resource that is not there. */
export function NoSuchResource({ name }: { name: string }) {
  const names = resources.all().map((each) => each.name);
  const [first, second, third, ...rest] = names;
  const some = [first, second, third].filter((each) => each !== undefined).join(", ");
  const meant = nearest(name, names);
  return (
    <div class="table">
      <Gone
        icon="resources"
        what={`resource “${name}”`}
        text={`The app file has ${some}${rest.length > 0 ? ` and ${rest.length} more` : ""}. It may have been renamed since this link was made.`}
        label={meant ? `Show ${meant}` : "All resources"}
        href={meant ? `/resources/${encodeURIComponent(meant)}` : "/resources"}
      />
    </div>
  );
}
