import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { toProblem } from "../../api/problem";
import type { ParameterView } from "../../api/schema";
import { Button } from "../../components/Button";
import { Callout } from "../../components/Callout";
import { Shape } from "../../components/marks/Shape";
import { listed } from "../../state/format";
import { commandOf, startCommand, whyNot } from "../../state/run/commands";
import { whyOff } from "../../state/run/connection";
import { findResource } from "../../state/run/resources";
import { DeclaredLink } from "./DeclaredLink";
import { HeldUp } from "./HeldUp";
import { KeepOption } from "./KeepOption";
import { setValue } from "./state";
import { ValueField } from "./ValueField";
import { cleanValue, setLabel, valueProblem } from "./wording";

/** The way out for who has no value: what waits for it is left out of this run. */
function RunWithout({ parameter }: { parameter: ParameterView }) {
  const waiting = parameter.used_by.filter((user) => user.waits_since !== null);
  const left = waiting.flatMap(({ resource }) => findResource(resource) ?? []);
  const stops = left.flatMap((each) => commandOf(each, "stop") ?? []);
  if (left.length === 0 || left.length > 2 || stops.length < left.length) return null;
  return (
    <Button
      label={`Run without ${listed(left.map(({ name }) => name))}`}
      look="ghost"
      title="Stops the wait; it can be started at any time"
      whyOff={stops.map(whyNot).find((why) => why !== "") ?? ""}
      onClick={() => {
        for (const { id } of left) startCommand(id, "stop");
      }}
    />
  );
}

/** The form for a parameter without a value: what it is for, what it holds up, and what giving it will do.
 * @param props.path Where values are kept for later runs; undefined where none are.
 * @param props.first Whether it is the first form of the page, whose button stands out.
 * @param props.focused Whether the address names it.
 * @param props.onDone Called when it has got its value. */
export function MissingForm(props: {
  parameter: ParameterView;
  path: string | undefined;
  first: boolean;
  focused: boolean;
  onDone: () => void;
}) {
  const { parameter, path } = props;
  const { name, secret } = parameter;
  const value = useSignal("");
  const keep = useSignal(true);
  const problem = useSignal("");
  const busy = useSignal(false);
  const section = useRef<HTMLElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const snapshot = findResource(name);
  // What keeps a value from being read, such as a store that can't be read, is another matter than that there is none.
  const failure = snapshot && snapshot.state !== "ValueMissing" ? snapshot.reason : "";

  useEffect(() => {
    if (!props.focused) return;
    section.current?.scrollIntoView({ block: "nearest" });
    input.current?.focus({ preventScroll: true });
  }, [props.focused]);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    const text = cleanValue(value.value);
    problem.value = valueProblem(text);
    if (problem.value !== "") {
      input.current?.focus();
      return;
    }
    busy.value = true;
    try {
      await setValue(name, text, keep.value && path !== undefined);
      props.onDone();
    } catch (error) {
      const { message, remedy } = toProblem(error);
      problem.value = remedy ? `${message}. ${remedy}` : message;
    } finally {
      busy.value = false;
    }
  }

  return (
    <section ref={section} class="pform t-warn" aria-labelledby={`missing-${name}`}>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <div class="ttl">
          <Shape name="missing" />
          <h2 id={`missing-${name}`}>{name} needs a value</h2>
          <span class="grow" />
          <DeclaredLink name={name} file={parameter.file} line={parameter.line} />
        </div>
        {parameter.description && <p>{parameter.description}</p>}
        {failure && <Callout look={{ shape: "bad", tone: "bad" }} what={failure} />}
        <ValueField
          id={`value-${name}`}
          value={value.value}
          secret={secret}
          hint={secret ? "Masked everywhere once it is set." : ""}
          problem={problem.value}
          inputRef={input}
          onInput={(text) => {
            value.value = text;
            problem.value = "";
          }}
        />
        {path !== undefined && (
          <KeepOption
            path={path}
            checked={keep.value}
            onChange={(checked) => {
              keep.value = checked;
            }}
          />
        )}
        <div class="do">
          <Button
            type="submit"
            label={setLabel(parameter, findResource)}
            look={props.first ? "primary" : "plain"}
            busy={busy.value}
            whyOff={whyOff()}
          />
          <RunWithout parameter={parameter} />
        </div>
      </form>
      <HeldUp parameter={parameter} />
    </section>
  );
}
