/** The choice whether a value is kept for the next run, and where it goes then. */
export function KeepOption(props: { path: string; checked: boolean; onChange: (checked: boolean) => void }) {
  return (
    <label class="optn">
      <input
        type="checkbox"
        class="tick"
        checked={props.checked}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      <span>
        Keep for the next run
        <small>
          Stored with mode 0600 in <span class="mono">{props.path}</span>, outside the repository
        </small>
      </span>
    </label>
  );
}
