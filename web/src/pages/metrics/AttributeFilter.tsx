import { Icon } from "../../components/marks/Icon";
import type { AttributeChoice } from "./instrumentChoice";

/** The last parts of an attribute's name: `http.response.status_code` is `status_code`. */
function shortName(name: string): string {
  return name.split(".").at(-1) ?? name;
}

/** Chooses a value of an attribute that the instruments are filtered by. */
export function AttributeFilter(props: { choice: AttributeChoice; onChoose: (value: string) => void }) {
  const { name, values, chosen } = props.choice;
  return (
    <label class={chosen === "" ? "btn pick hide" : "btn pick on"} title={name}>
      <Icon name="filter" />
      <span class="sr">Filter by {name}</span>
      <select value={chosen} onChange={(event) => props.onChoose(event.currentTarget.value)}>
        <option value="">{shortName(name)} = any</option>
        {values.map((value) => (
          <option key={value} value={value}>
            {shortName(name)} = {value}
          </option>
        ))}
      </select>
    </label>
  );
}
