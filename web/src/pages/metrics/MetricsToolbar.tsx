import type { InstrumentView } from "../../api/schema";
import { Button } from "../../components/Button";
import { Field } from "../../components/Field";
import { Segmented } from "../../components/Segmented";
import { setQuery } from "../../state/place/route";
import { AttributeFilter } from "./AttributeFilter";
import { attributeChoices, withChoice } from "./instrumentChoice";
import { isFollowing, setFollowing } from "./metricsFeed";
import { WINDOWS, type WindowName } from "./timeWindow";

/** How many attributes can be filtered by beside the search. */
const MOST_FILTERS = 3;

/** How the instruments are shown. */
export type MetricsView = "charts" | "table";

/** Search, filters, the form, and the window of time. */
export function MetricsToolbar(props: {
  instruments: readonly InstrumentView[];
  text: string;
  filters: readonly string[];
  view: MetricsView;
  window: WindowName;
}) {
  const { filters } = props;
  const choices = attributeChoices(props.instruments, filters).slice(
    0,
    Math.max(MOST_FILTERS, filters.length),
  );
  return (
    <div class="bar">
      <Field
        label="Find an instrument"
        placeholder="Find an instrument"
        icon="search"
        hint="/"
        class="w240"
        value={props.text}
        onInput={(value) => setQuery({ q: value })}
      />
      {choices.map((choice) => (
        <AttributeFilter
          key={choice.name}
          choice={choice}
          onChoose={(value) => setQuery({ f: withChoice(filters, choice.name, value) })}
        />
      ))}
      <span class="grow" />
      <Segmented<MetricsView>
        label="View"
        class="hide"
        value={props.view}
        segments={[
          { value: "charts", label: "Charts" },
          { value: "table", label: "Table" },
        ]}
        onChange={(value) => setQuery({ view: value === "table" ? "table" : null })}
      />
      <Segmented
        label="Window"
        value={props.window}
        segments={WINDOWS}
        onChange={(value) => setQuery({ window: value })}
      />
      <Button
        label={isFollowing.value ? "Following" : "Follow"}
        icon="latest"
        class="hide"
        pressed={isFollowing.value}
        title="The charts go on with the time (f)"
        onClick={() => setFollowing(!isFollowing.peek())}
      />
    </div>
  );
}
