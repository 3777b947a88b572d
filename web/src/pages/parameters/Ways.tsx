import type { ParameterView } from "../../api/schema";
import { CopyButton } from "../../components/CopyButton";
import { otherWays } from "./wording";

/** How to give a parameter a value without the page. */
export function Ways({ parameter }: { parameter: ParameterView }) {
  return (
    <ul class="ways">
      {otherWays(parameter).map((way) => (
        <li key={way}>
          <code>{way}</code>
          <CopyButton label={`Copy ${way}`} text={way} />
        </li>
      ))}
    </ul>
  );
}
