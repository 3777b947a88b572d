import { fileName } from "../../state/format";
import { writeAddress } from "../../state/place/address";

/** The line of the app file that declares a parameter; it leads to that line. */
export function DeclaredLink({ name, file, line }: { name: string; file: string; line: number }) {
  return (
    <a class="mono declared" href={writeAddress("resources", [name], {}, "source")} title={`${file}:${line}`}>
      {fileName(file)}:{line}
    </a>
  );
}
