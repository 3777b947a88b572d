import type { SourceDocument } from "../../../api/schema";
import { Lines } from "../../../components/lists/Lines";

/** The lines of the app file that declare a resource. */
export function Source({ source }: { source: SourceDocument }) {
  return (
    <>
      {source.changed && (
        <p class="note">The app file was edited since the run began, so these lines may be others.</p>
      )}
      <Lines
        label="Lines of the app file"
        lines={source.lines.map(({ number, text, declares }) => ({ number, text, on: declares }))}
      />
    </>
  );
}
