import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/overlays/Dialog";
import { type Filter, isFilterName, OPERATORS } from "./filters";
import type { Seen } from "./seen";

const FIELDS = ["message", "scope", "instance"];

/** The form for a filter: an attribute, how it is compared, and with what. It offers what was seen.
 * @param props.filter The filter that is changed; null for a new one. */
export function FilterEditor(props: {
  filter: Filter | null;
  seen: Seen;
  onDone: (filter: Filter) => void;
  onClose: () => void;
}) {
  const id = useId();
  const name = useSignal(props.filter?.name ?? "");
  const operator = useSignal(props.filter?.operator ?? "=");
  const value = useSignal(props.filter?.value ?? "");
  const isComplete = isFilterName(name.value);

  function submit(event: Event): void {
    event.preventDefault();
    if (!isComplete) return;
    props.onDone({ name: name.value.trim(), operator: operator.value, value: value.value });
    props.onClose();
  }

  return (
    <Dialog label="Filter" class="confirm filtering" onClose={props.onClose}>
      <h2>{props.filter ? "Change the filter" : "New filter"}</h2>
      <form onSubmit={submit}>
        <label class="f">
          <span>Attribute</span>
          <input
            type="text"
            list={`${id}-names`}
            autocomplete="off"
            spellcheck={false}
            placeholder="order.id"
            value={name.value}
            onInput={(event) => {
              name.value = event.currentTarget.value;
            }}
          />
          {name.value !== "" && !isComplete && (
            <small class="problem">A name has none of = ! &lt; &gt; ~</small>
          )}
        </label>
        <datalist id={`${id}-names`}>
          {[...props.seen.keys(), ...FIELDS].map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
        <label class="f">
          <span>Comparison</span>
          <select
            value={operator.value}
            onChange={(event) => {
              const chosen = event.currentTarget.value;
              operator.value = OPERATORS.find((each) => each.operator === chosen)?.operator ?? "=";
            }}
          >
            {OPERATORS.map((each) => (
              <option key={each.operator} value={each.operator}>
                {each.words}
              </option>
            ))}
          </select>
        </label>
        <label class="f">
          <span>Value</span>
          <input
            type="text"
            list={`${id}-values`}
            autocomplete="off"
            spellcheck={false}
            value={value.value}
            onInput={(event) => {
              value.value = event.currentTarget.value;
            }}
          />
        </label>
        <datalist id={`${id}-values`}>
          {(props.seen.get(name.value.trim()) ?? []).map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
        <footer>
          <Button label="Cancel" onClick={props.onClose} />
          <Button
            label={props.filter ? "Change filter" : "Add filter"}
            look="primary"
            type="submit"
            whyOff={isComplete ? "" : "It needs an attribute"}
          />
        </footer>
      </form>
    </Dialog>
  );
}
