import type { SeriesLook } from "./seriesLook";

/** A piece of a line as the chart draws it, for its legend. */
export function SeriesMark({ look }: { look: SeriesLook }) {
  return (
    <svg class={`linemark ${look.token}`} width="18" height="8" aria-hidden="true">
      <path d="M0 4H18" stroke-dasharray={look.dash.join(" ") || undefined} />
    </svg>
  );
}
