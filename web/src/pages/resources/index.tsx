import { PageFrame } from "../../frame/PageFrame";
import { useKeys } from "../../state/keys";
import { resources } from "../../state/run/resources";
import { closeDetails } from "./actions";
import { Band } from "./Band";
import { LoadingTable, NoMatch, NoResources, NoSuchResource } from "./Blank";
import { Details } from "./details/Details";
import { panelWidth } from "./details/Resizer";
import { Foot } from "./Foot";
import "./resources.css";
import { ROW_KEYS } from "./rowKeys";
import { focusTable, Table } from "./Table";
import { Toolbar } from "./Toolbar";
import { isFiltered, openId, openName, rows } from "./tableState";

function Content() {
  if (!resources.loaded.value) return <LoadingTable />;
  if (resources.order.value.length === 0) return <NoResources />;
  if (rows.value.length === 0 && isFiltered.value) return <NoMatch />;
  return <Table />;
}

function closeToTable(): void {
  closeDetails();
  requestAnimationFrame(focusTable);
}

/** The page Resources: what needs a person, all resources, and the details of one. */
export default function ResourcesPage() {
  const name = openName.value;
  const isEmpty = resources.loaded.value && resources.order.value.length === 0;
  const details = useDetails();
  useKeys([
    ...ROW_KEYS,
    {
      key: "Escape",
      does: "Close the details",
      run: () => {
        if (openName.peek() === null) return;
        closeToTable();
      },
    },
  ]);
  const isGone = name !== null && details === null && resources.loaded.value && !isEmpty;
  return (
    <PageFrame title={details ?? "Resources"} heading="Resources" foot={<Foot />}>
      <div class="resources">
        {!isEmpty && <Toolbar />}
        <Band />
        <div class={details ? "split with" : "split"} style={{ "--panel": `${panelWidth.value}px` }}>
          {isGone ? <NoSuchResource name={name} /> : <Content />}
          {details && <Details id={details} onClose={closeToTable} />}
        </div>
      </div>
    </PageFrame>
  );
}

let lastId: string | null = null;

/** The id of the resource whose details are shown: that of the address, also when it went while it was open. */
function useDetails(): string | null {
  const name = openName.value;
  if (name === null) lastId = null;
  else if (openId.value !== null) lastId = openId.value;
  else if (lastId !== name) lastId = null;
  return lastId;
}
