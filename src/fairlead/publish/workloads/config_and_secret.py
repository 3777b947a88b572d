"""ConfigMap and Secret of a workload, and what its container and its pods say about them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from fairlead.model.programs.workload import Workload
from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.identity import digest
from fairlead.publish.chart.labels import metadata
from fairlead.publish.chart.leaves import ChartValue, Checksum, Text, When, WithDefault, chart_values, encode
from fairlead.publish.chart.object_names import ObjectName
from fairlead.publish.chart.pod_variables import PodVariables
from fairlead.publish.chart.sections import Path
from fairlead.publish.workloads.variables import existing_secret


def config_map(chart: Chart, name: str, environment: PodVariables) -> dict[str, Any]:
    """The ConfigMap with the variables that anyone may see."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata(chart, name),
        "data": dict(environment.config),
    }


def secret(chart: Chart, name: str, entries: Mapping[str, Text | When]) -> dict[str, Any]:
    """The Secret with the others, and with the files that have a secret in them.

    It has ``data``, not ``stringData``: of the latter, keys that are taken away stay behind in the cluster.
    """
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata(chart, name),
        "type": "Opaque",
        "data": {key: _base64(entry) for key, entry in entries.items()},
    }


def _base64(entry: Text | When) -> Text | When:
    if isinstance(entry, When):
        return When(entry.conditions, encode(entry.content, "base64"))
    return encode(entry, "base64")


def container_fields(chart: Chart, workload: Workload, name: str, environment: PodVariables) -> dict[str, Any]:
    """The fields of a container that give it its environment."""
    fields: dict[str, Any] = {}
    if environment.config:
        fields["envFrom"] = [{"configMapRef": {"name": ObjectName("ConfigMap", name)}}]
    if environment.secret:
        source = WithDefault(existing_secret(chart.values, workload), ObjectName("Secret", name))
        fields["env"] = [_from_secret(key, source, entry) for key, entry in environment.secret.items()]
    return fields


def _from_secret(key: str, source: Text, entry: Text | When) -> dict[str, Any]:
    selector: dict[str, Any] = {"name": source, "key": key}
    if isinstance(entry, When):
        selector["optional"] = True
    return {"name": key, "valueFrom": {"secretKeyRef": selector}}


def checksums(
    chart: Chart,
    workload: Workload,
    config: Mapping[str, Text | When],
    secret: Mapping[str, Text | When],
    files: Mapping[str, Text] = MappingProxyType({}),
) -> dict[str, Text]:
    """Annotations that make pods roll when their own data changes, and only then.

    For an existing Secret the annotation holds its name, since the chart can't see its contents.

    Args:
        chart: The chart.
        workload: Whose data it is.
        config: The variables that anyone may see.
        secret: What is in its Secret, by variable or file.
        files: The other files.
    """
    found = {"checksum/config": _checksum(workload, config), "checksum/files": _checksum(workload, files)}
    if secret:
        existing = existing_secret(chart.values, workload)
        found["checksum/secret"] = WithDefault(existing, _checksum(workload, secret))
    return {key: checksum for key, checksum in found.items() if checksum}


def _checksum(workload: Workload, data: Mapping[str, Text | When]) -> Text:
    """A checksum of data: of its fixed part here and now, of the values in it when the chart is rendered.

    The values under ``config`` are taken together, so that the expression stays short. Of nothing it is empty.
    """
    if not data:
        return ""
    section: Path = "config", workload.name
    own = ChartValue(section, "object")
    used: dict[ChartValue, None] = {}
    for key, entry in data.items():
        if isinstance(entry, ChartValue) and entry.path == (*section, key):
            used[own] = None
        else:
            used |= dict.fromkeys(chart_values(entry))
    fixed = digest(data)
    return Checksum((fixed, *used)) if used else fixed
