"""Autoscalers that an upgrade from the chart in the output folder adds to pods which run without one.

The number of pods is then no longer in the chart, and a cluster fills in 1; see ``formats.scaling_notes``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from fairlead.publish.chart.chart import Chart, ChartObject
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.formats.paths import object_paths
from fairlead.publish.formats.published_objects import VALUES, PublishedObjects
from fairlead.publish.output_folder import Changes


def report_added_autoscalers(folder: Path, charts: Mapping[str, Chart], changes: Changes, report: Report) -> None:
    """Say which pods go for a moment when this chart takes the place of the published one.

    Args:
        folder: The output folder, which holds what was published before.
        charts: The chart in each of its subfolders; ``""`` for the folder itself.
        changes: How the two differ.
        report: Collects errors, warnings and notes.
    """
    for subfolder, chart in charts.items():
        for autoscaler, path in _added(subfolder, chart, folder, changes):
            target = autoscaler.body["spec"]["scaleTargetRef"]
            pods = _pods(folder / subfolder, path.parent, target["kind"], target["name"])
            if pods > 1:
                report.note(
                    autoscaler.owner,
                    f"an upgrade from the chart in the folder leaves 1 of the {pods} pods of its {target['kind']} "
                    f"{str(target['name'])!r} until the new autoscaler has started others, as the chart no longer "
                    "names their number",
                    f"Upgrade in a quiet hour, with autoscaling.{autoscaler.owner.name}.minReplicas at what runs now.",
                )


def _added(subfolder: str, chart: Chart, folder: Path, changes: Changes) -> Iterator[tuple[ChartObject, Path]]:
    """The autoscalers whose files are new, with those."""
    if not any("horizontalpodautoscaler" in path for path in changes.written):
        return
    for chart_object, name in object_paths(chart.objects):
        if chart_object.kind == "HorizontalPodAutoscaler" and not chart_object.is_given:
            for path in (Path(subfolder, f"{name}.yaml"), Path(subfolder, "templates", f"{name}.yaml")):
                if path.as_posix() in changes.written and not (folder / path).exists():
                    yield chart_object, folder / path


def _pods(chart_folder: Path, resource_folder: Path, kind: str, name: str) -> int:
    """How many pods a controller has by what is published; 0 where it is not there, or names no number."""
    files = [chart_folder / VALUES, *sorted(resource_folder.glob(f"{kind.lower()}*.yaml"))]
    texts = {
        file.relative_to(chart_folder).as_posix(): file.read_text(encoding="utf-8", errors="replace")
        for file in files
        if file.is_file()
    }
    published = PublishedObjects(texts)
    bodies = [body for path in texts if path != VALUES for body in published.read(path)]
    counts = [body["spec"].get("replicas") for body in bodies if body["metadata"]["name"] == name]
    return next((count for count in counts if isinstance(count, int)), 0)
