/** A choice of a segmented control; the count stands behind its word. */
export interface Segment<T extends string> {
  value: T;
  label: string;
  count?: number;
}

/** One choice of a few, all of them in view. */
export function Segmented<T extends string>(props: {
  label: string;
  segments: readonly Segment<T>[];
  value: T;
  onChange: (value: T) => void;
  class?: string;
}) {
  return (
    <div class={`seg ${props.class ?? ""}`} role="group" aria-label={props.label}>
      {props.segments.map(({ value, label, count }) => (
        <button
          key={value}
          type="button"
          aria-pressed={value === props.value}
          onClick={() => props.onChange(value)}
        >
          {label}
          {count !== undefined && <span class="n">{count}</span>}
        </button>
      ))}
    </div>
  );
}
