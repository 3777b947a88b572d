import { Icon } from "./marks/Icon";

/** A filter that is on, with a button that takes it away.
 * @param props.onEdit Lets the reader change it; without it the chip only tells. */
export function FilterChip(props: { label: string; onRemove: () => void; onEdit?: () => void }) {
  const { label } = props;
  return (
    <span class="chip">
      {props.onEdit ? (
        <button type="button" class="edit" title="Change the filter" onClick={props.onEdit}>
          {label}
        </button>
      ) : (
        label
      )}
      <button
        type="button"
        aria-label={`Remove filter ${label}`}
        title="Remove filter"
        onClick={props.onRemove}
      >
        <Icon name="close" size={12} />
      </button>
    </span>
  );
}
