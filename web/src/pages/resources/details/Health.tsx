import type { HealthReport, Snapshot } from "../../../api/schema";
import { KeyValueList } from "../../../components/lists/KeyValueList";
import { Shape } from "../../../components/marks/Shape";
import { now } from "../../../state/clock";
import { clock, duration } from "../../../state/format";
import { reportWords } from "./reportWords";

function Name({ report }: { report: HealthReport }) {
  const tone = report.status === "Healthy" ? "ok" : "warn";
  return (
    <span class="check">
      <span class={`t-${tone}`}>
        <Shape name={tone} />
        <span class="sr">{report.status}</span>
      </span>
      <span class="cut">{report.name}</span>
    </span>
  );
}

/** The last answer of each check. */
export function Health({ resource }: { resource: Snapshot }) {
  return (
    <KeyValueList
      class="checks"
      entries={resource.reports.map((report) => ({
        key: report.name,
        name: <Name report={report} />,
        value: reportWords(report),
        plain: true,
        note:
          report.since === null ? (
            clock(report.checked_at)
          ) : (
            <span title={`${report.status} since ${clock(report.since)}`}>
              for {duration(now.value - report.since)}
            </span>
          ),
      }))}
    />
  );
}
