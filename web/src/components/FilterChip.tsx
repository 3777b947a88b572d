import { Icon } from "./Icon";

/** A filter that is on, with a button that takes it away. */
export function FilterChip({ label, onRemove }: { label: string; onRemove: () => void }) {
  return (
    <span class="chip">
      {label}
      <button type="button" aria-label={`Remove filter ${label}`} title="Remove filter" onClick={onRemove}>
        <Icon name="close" size={12} />
      </button>
    </span>
  );
}
