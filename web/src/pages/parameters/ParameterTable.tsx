import type { ParameterView } from "../../api/schema";
import { ParameterRow } from "./ParameterRow";

/** All parameters, with the one that the address names unfolded. */
export function ParameterTable(props: {
  parameters: readonly ParameterView[];
  selected: string | undefined;
}) {
  return (
    <div class="ptab" role="table" aria-label="Parameters">
      <div class="row head" role="row">
        <span role="columnheader">Name</span>
        <span role="columnheader">Value</span>
        <span role="columnheader">Comes from</span>
        <span role="columnheader">Used by</span>
        <span role="columnheader">Declared</span>
        <span role="columnheader">
          <span class="sr">Actions</span>
        </span>
      </div>
      {props.parameters.map((parameter) => (
        <ParameterRow
          key={parameter.name}
          parameter={parameter}
          isOpen={parameter.name === props.selected}
          someOpen={props.selected !== undefined}
        />
      ))}
    </div>
  );
}
