import { measured } from "../../../state/format";

/** The heads of the waterfall's columns, with the scale of time. */
export function Ruler({ duration }: { duration: number }) {
  return (
    <div class="ruler">
      <span>Resource and operation</span>
      <div>
        <span>0</span>
        {[0.25, 0.5, 0.75, 1].map((part) => (
          <span key={part}>{measured(duration * part)}</span>
        ))}
      </div>
      <span>Time</span>
    </div>
  );
}
