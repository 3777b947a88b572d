import { Button } from "../../components/Button";
import { Dialog } from "../../components/overlays/Dialog";
import { counted, listed } from "../../state/format";
import { whyOff } from "../../state/run/connection";
import { asked, forgetValues } from "./state";

function close(): void {
  asked.value = null;
}

/** Asks whether stored values are to be forgotten: a made-up password can't be made up again. */
export function ForgetDialog({ names }: { names: readonly string[] }) {
  const what = names.length === 1 ? names[0] : counted(names.length, "parameter");
  const title = `Forget the stored ${names.length === 1 ? "value" : "values"} of ${what}?`;
  return (
    <Dialog label={title} class="confirm" onClose={close}>
      <h2>{title}</h2>
      {names.length > 1 && <p>{listed(names)}</p>}
      <p>
        This run goes on with {names.length === 1 ? "it" : "them"}. The next one takes each value from another
        source, asks for it, or makes up another; what was written with a made-up one, such as the data of a
        database, can't be read with another.
      </p>
      <footer>
        <Button label={names.length === 1 ? "Keep value" : "Keep values"} autofocus onClick={close} />
        <Button
          label={`Forget ${names.length === 1 ? `value of ${what}` : `${names.length} values`}`}
          look="danger"
          whyOff={whyOff()}
          onClick={() => {
            close();
            void forgetValues(names);
          }}
        />
      </footer>
    </Dialog>
  );
}
