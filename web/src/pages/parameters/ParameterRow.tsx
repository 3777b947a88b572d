import { useEffect, useRef } from "preact/hooks";
import type { ParameterView } from "../../api/schema";
import { Button } from "../../components/Button";
import { CopyButton, copyText } from "../../components/CopyButton";
import { Icon } from "../../components/marks/Icon";
import { Shape } from "../../components/marks/Shape";
import { MenuButton } from "../../components/overlays/MenuButton";
import { MASK } from "../../components/SecretValue";
import type { MenuItem } from "../../state/menu";
import { writeAddress } from "../../state/place/address";
import { closePanel, isPlainClick, select } from "../../state/place/route";
import { whyOff } from "../../state/run/connection";
import { DeclaredLink } from "./DeclaredLink";
import { ParameterMore } from "./ParameterMore";
import { asked, revealed, secretValue, toggleSecret } from "./state";
import { isMissing } from "./wording";

function Value({ parameter }: { parameter: ParameterView }) {
  const { name, value, secret } = parameter;
  if (value === null) {
    return (
      <span class="state t-warn">
        <Shape name="missing" />
        <b>No value</b>
      </span>
    );
  }
  const shown = revealed.value?.name === name ? revealed.value.value : undefined;
  if (secret && shown === undefined) {
    return (
      <span class="mono">
        <span aria-hidden="true">{MASK}</span>
        <span class="sr">secret, masked</span>
      </span>
    );
  }
  const text = shown ?? value;
  return text === "" ? <span class="quiet">empty</span> : <span class="mono value">{text}</span>;
}

function Users({ names }: { names: readonly string[] }) {
  if (names.length === 0) return <span class="quiet">nothing in this run</span>;
  return (
    <>
      {names.map((name, index) => (
        <>
          {index > 0 && ", "}
          <a key={name} href={writeAddress("resources", [name])} data-panel>
            {name}
          </a>
        </>
      ))}
    </>
  );
}

function menuItems(parameter: ParameterView): readonly MenuItem[] {
  const { name, secret } = parameter;
  if (isMissing(parameter))
    return [{ label: "Enter value", icon: "parameter", href: writeAddress("parameters", [name]) }];
  const isShown = revealed.value?.name === name;
  const value = secret ? () => secretValue(name) : (parameter.value ?? "");
  return [
    ...(secret
      ? [
          {
            label: isShown ? "Hide value" : "Reveal for 30 s",
            icon: "eye",
            whyOff: whyOff(),
            run: () => void toggleSecret(name),
          } as const,
        ]
      : []),
    {
      label: "Copy value",
      icon: "copy",
      whyOff: secret ? whyOff() : "",
      run: () => void copyText(`Copy ${name}`, value),
    },
    {
      label: "Change value",
      icon: "parameter",
      whyOff: whyOff(),
      run: () => {
        asked.value = { kind: "change", name };
      },
    },
    {
      label: "Forget stored value",
      icon: "trash",
      whyOff: whyOff() || (parameter.stored ? "" : "no value of it is stored"),
      run: () => {
        asked.value = { kind: "forget", names: [name] };
      },
    },
    { label: "Show its log", icon: "console", href: writeAddress("console", [], { r: name }) },
  ];
}

/** A parameter: its value, where it comes from, who uses it. Its name unfolds the rest. */
export function ParameterRow(props: { parameter: ParameterView; isOpen: boolean; someOpen: boolean }) {
  const { parameter, isOpen } = props;
  const { name, secret } = parameter;
  const link = useRef<HTMLAnchorElement>(null);
  const address = writeAddress("parameters", [name]);
  const missing = isMissing(parameter);

  useEffect(() => {
    if (!isOpen || missing) return;
    link.current?.scrollIntoView({ block: "nearest" });
    link.current?.focus({ preventScroll: true });
  }, [isOpen]);

  function clicked(event: MouseEvent): void {
    if (!isPlainClick(event)) return;
    event.preventDefault();
    if (isOpen && !missing) closePanel(writeAddress("parameters"));
    else select(address, props.someOpen);
  }

  return (
    <>
      <div class="row" role="row">
        <div class="name" role="cell">
          <Icon name="parameter" size={15} />
          <a
            ref={link}
            class="nm"
            href={address}
            id={`parameter-${name}`}
            aria-expanded={missing ? undefined : isOpen}
            onClick={clicked}
          >
            {name}
          </a>
          {secret && <span class="x">secret</span>}
        </div>
        <div role="cell">
          <Value parameter={parameter} />
        </div>
        <div role="cell" class="source">
          {missing ? <span class="quiet">nowhere yet</span> : parameter.source}
        </div>
        <div role="cell" class="users">
          <Users names={parameter.used_by.map(({ resource }) => resource)} />
        </div>
        <div role="cell">
          <DeclaredLink name={name} file={parameter.file} line={parameter.line} />
        </div>
        <div class="acts" role="cell">
          {secret && !missing && (
            <Button
              label={revealed.value?.name === name ? `Hide ${name}` : `Reveal ${name} for 30 s`}
              icon="eye"
              iconOnly
              small
              look="ghost"
              pressed={revealed.value?.name === name}
              whyOff={whyOff()}
              onClick={() => void toggleSecret(name)}
            />
          )}
          {!missing && (
            <CopyButton
              label={`Copy ${name}`}
              text={secret ? () => secretValue(name) : (parameter.value ?? "")}
              whyOff={secret ? whyOff() : ""}
            />
          )}
          <MenuButton label={`More for ${name}`} small items={() => menuItems(parameter)} />
        </div>
      </div>
      {isOpen && !missing && <ParameterMore parameter={parameter} />}
    </>
  );
}
