import { useRef } from "preact/hooks";
import { Button } from "../../../components/Button";
import { whyOff } from "../../../state/run/connection";

/** Chooses files with exported traces. */
export function ImportButton(props: {
  onFiles: (files: readonly File[]) => void;
  look?: "plain" | "ghost";
  class?: string;
}) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        accept=".json,application/json"
        multiple
        hidden
        aria-label="Files with traces"
        onChange={(event) => {
          props.onFiles([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = "";
        }}
      />
      <Button
        label="Import"
        icon="upload"
        look={props.look ?? "ghost"}
        class={props.class}
        title="Import a trace from a file with OTLP JSON; it can be dropped here too"
        whyOff={whyOff()}
        onClick={() => input.current?.click()}
      />
    </>
  );
}
