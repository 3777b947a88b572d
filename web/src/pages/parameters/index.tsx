import { Fragment } from "preact";
import { useEffect } from "preact/hooks";
import type { ParameterList } from "../../api/schema";
import { Callout } from "../../components/Callout";
import { EmptyState } from "../../components/EmptyState";
import { Patience, Skeleton } from "../../components/Skeleton";
import { Gone } from "../../frame/Gone";
import { PageFrame } from "../../frame/PageFrame";
import { writeAddress } from "../../state/place/address";
import { replace, route } from "../../state/place/route";
import { isStale } from "../../state/run/connection";
import { ChangeDialog } from "./ChangeDialog";
import { ForgetDialog } from "./ForgetDialog";
import { MissingForm } from "./MissingForm";
import { ParameterTable } from "./ParameterTable";
import { StaleNote } from "./StaleNote";
import { Stores } from "./Stores";
import { announcement, asked, hideSecret, listVersion, parameterList } from "./state";
import { isMissing, sourceOrder, storedPath, summary } from "./wording";
import "./parameters.css";

function SourceOrder({ names }: { names: readonly string[] }) {
  return (
    <p class="order">
      <span>First that has a value wins:</span>
      {names.map((name, index) => (
        <Fragment key={name}>
          {index > 0 && <span aria-hidden="true">›</span>}
          <b>{name}</b>
        </Fragment>
      ))}
    </p>
  );
}

/** Where the focus goes when a form has done its work: to the parameter in the table. */
function showInTable(name: string): void {
  replace(writeAddress("parameters"));
  requestAnimationFrame(() => document.getElementById(`parameter-${name}`)?.focus());
}

function Dialogs({ list }: { list: ParameterList }) {
  const open = asked.value;
  if (open?.kind === "forget") return <ForgetDialog names={open.names} />;
  const changed = list.parameters.find(({ name }) => open?.kind === "change" && name === open.name);
  return changed ? <ChangeDialog parameter={changed} path={storedPath(list)} /> : null;
}

function Loaded({ list, selected }: { list: ParameterList; selected: string | undefined }) {
  const { parameters } = list;
  if (parameters.length === 0) {
    return (
      <EmptyState
        icon="parameters"
        title="The app has no parameters"
        text={
          <>
            A parameter is a value from outside, such as a key: <code>app.add_parameter("payment-key")</code>
          </>
        }
      />
    );
  }
  if (selected !== undefined && !parameters.some(({ name }) => name === selected)) {
    return (
      <Gone
        icon="parameters"
        what={`parameter ${selected}`}
        text="The app file may have changed since the link was made."
        label="All parameters"
        href={writeAddress("parameters")}
      />
    );
  }
  const missing = parameters.filter(isMissing);
  return (
    <div class={isStale() ? "page stale" : "page"}>
      <div class="page-title">
        <h1>Parameters</h1>
        <span class="quiet">{summary(parameters)}</span>
      </div>
      {missing.map((parameter, index) => (
        <MissingForm
          key={parameter.name}
          parameter={parameter}
          path={storedPath(list)}
          first={index === 0}
          focused={parameter.name === selected}
          onDone={() => showInTable(parameter.name)}
        />
      ))}
      <section class="ptable">
        <SourceOrder names={sourceOrder(parameters)} />
        <ParameterTable parameters={parameters} selected={selected} />
        <StaleNote parameters={parameters} />
      </section>
      <Stores list={list} />
      <p class="sr" role="status">
        {announcement.value}
      </p>
      <Dialogs list={list} />
    </div>
  );
}

/** The page Parameters: a form for each that has no value, and all values with their sources. */
export default function ParametersPage() {
  const list = parameterList.data.value;
  const problem = parameterList.problem.value;
  const selected = route.value.segments[0];
  useEffect(() => {
    void parameterList.refresh();
  }, [listVersion.value]);
  useEffect(() => hideSecret, []);
  return (
    <PageFrame title="Parameters" heading="Parameters" shown={list !== null && list.parameters.length > 0}>
      {list ? (
        <Loaded list={list} selected={selected} />
      ) : problem ? (
        <div class="page">
          <Callout look={{ shape: "bad", tone: "bad" }} what={problem.message} remedy={problem.remedy} />
        </div>
      ) : (
        <div class="page">
          <Patience what="the parameters">
            <Skeleton width={240} />
            <Skeleton width={420} />
          </Patience>
        </div>
      )}
    </PageFrame>
  );
}
