"""Checksums on pods of data that a function of the definition changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairlead.publish.chart.chart import Chart, ChartObject
from fairlead.publish.chart.identity import digest
from fairlead.publish.chart.leaves import Checksum, Text, WithDefault, chart_values
from fairlead.publish.chart.names import object_name
from fairlead.publish.chart.object_names import ObjectKey


def data_hash(chart_object: ChartObject) -> str:
    """A hash of the content of a ConfigMap or Secret."""
    return digest({field: chart_object.body.get(field) for field in ("data", "stringData", "binaryData")})


def refresh_checksum(chart: Chart, owner: str, key: ObjectKey, data: ChartObject | None) -> None:
    """Let the pods of a resource have the checksum of its data as it is now; none where there is none.

    Args:
        chart: The chart.
        owner: The name of the resource.
        key: What the data was called when the chart was planned.
        data: Its ConfigMap or Secret; None if a function removed it.
    """
    annotation = _annotation(key, owner)
    for entry in chart.objects:
        annotations = _pod_annotations(entry.body) if entry.owner.name == owner else {}
        old = annotations.pop(annotation, None)
        if data is not None and old is not None:
            new = _checksum(data)
            annotations[annotation] = WithDefault(old.value, new) if isinstance(old, WithDefault) else new


def _annotation(key: ObjectKey, owner: str) -> str:
    """The annotation of pods with the checksum of a ConfigMap or Secret."""
    if key.kind == "Secret":
        return "checksum/secret"
    return "checksum/config" if key.name == object_name(owner) else "checksum/files"


def _checksum(data: ChartObject) -> Text:
    used = dict.fromkeys(chart_values(data.body))
    fixed = data_hash(data)
    return Checksum((fixed, *used)) if used else fixed


def _pod_annotations(body: Mapping[str, Any]) -> dict[str, Any]:
    content: Any = body.get("spec")
    if isinstance(content, dict) and "jobTemplate" in content:
        content = _field(content["jobTemplate"], "spec")
    annotations = _field(_field(_field(content, "template"), "metadata"), "annotations")
    return annotations if isinstance(annotations, dict) else {}


def _field(content: Any, name: str) -> Any:
    return content.get(name) if isinstance(content, dict) else None
