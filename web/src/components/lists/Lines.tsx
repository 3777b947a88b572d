/** A line of a file. */
export interface SourceLine {
  number: number;
  text: string;
  /** Whether it is the one that is meant. */
  on?: boolean;
}

/** Some lines of a file with their numbers. */
export function Lines({ label, lines }: { label: string; lines: readonly SourceLine[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, so the keyboard has to reach it
    <div class="code" tabIndex={0} role="region" aria-label={label}>
      {lines.map((line) => (
        <div key={line.number} class={line.on ? "on" : ""}>
          <i>{line.number}</i>
          <span>{line.text}</span>
        </div>
      ))}
    </div>
  );
}
