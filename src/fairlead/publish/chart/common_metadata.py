"""Labels and annotations that the chart's user puts on all that is in the chart."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fairlead.publish.chart.chart import Chart, ChartObject
from fairlead.publish.chart.leaves import ChartValue
from fairlead.publish.chart.open_mapping import OpenMapping
from fairlead.publish.chart.sections import Section

_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
#: Labels and annotations by which the chart's own objects are found, and pods are known to have changed.
_OURS = r"^(app\.kubernetes\.io|helm\.sh|checksum)/"
#: What can be set of labels and annotations: others than those of the chart itself.
METADATA_SCHEMA = {**_TEXTS, "propertyNames": {"not": {"pattern": _OURS}}}


def common_labels(chart: Chart) -> ChartValue:
    """The value with the labels of all objects and pods."""
    return chart.values.declare(
        Section.COMMON_LABELS.value(), dict(chart.labels), kind="object", schema=METADATA_SCHEMA
    )


def common_annotations(chart: Chart) -> ChartValue:
    """The value with the annotations of all objects and pods."""
    return chart.values.declare(
        Section.COMMON_ANNOTATIONS.value(), dict(chart.annotations), kind="object", schema=METADATA_SCHEMA
    )


def add_common_metadata(chart: Chart, objects: Iterable[ChartObject]) -> None:
    """Let the chart's user label and annotate objects of a chart, except those that are published as given."""
    objects = [chart_object for chart_object in objects if not chart_object.is_given]
    if not objects:
        return
    labels, annotations = common_labels(chart), common_annotations(chart)
    for chart_object in objects:
        metadata = chart_object.body["metadata"]
        metadata["labels"] = _opened(metadata.get("labels"), labels)
        metadata["annotations"] = _opened(metadata.get("annotations"), annotations)


def _opened(entries: dict[str, Any] | None, common: ChartValue) -> OpenMapping:
    if isinstance(entries, OpenMapping):
        return entries.over(common)
    return OpenMapping(entries or {}, common, fixed=True)
