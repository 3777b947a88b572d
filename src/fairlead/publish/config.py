"""ConfigMap and Secret of a workload, and what its container and its pods say about them."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from fairlead.model.workload import Workload
from fairlead.publish.chart import Chart
from fairlead.publish.environment import PodEnvironment, existing_secret
from fairlead.publish.files import Files
from fairlead.publish.labels import metadata
from fairlead.publish.values import ChartValue, Checksum, Leaf, Path, Text, When, WithDefault, chart_values, encode


def config_map(chart: Chart, name: str, environment: PodEnvironment) -> dict[str, Any]:
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


def container_fields(chart: Chart, workload: Workload, name: str, environment: PodEnvironment) -> dict[str, Any]:
    """The fields of a container that give it its environment."""
    fields: dict[str, Any] = {}
    if environment.config:
        fields["envFrom"] = [{"configMapRef": {"name": name}}]
    if environment.secret:
        source = WithDefault(existing_secret(chart.values, workload), name)
        fields["env"] = [_from_secret(key, source, entry) for key, entry in environment.secret.items()]
    return fields


def _from_secret(key: str, source: Text, entry: Text | When) -> dict[str, Any]:
    selector: dict[str, Any] = {"name": source, "key": key}
    if isinstance(entry, When):
        selector["optional"] = True
    return {"name": key, "valueFrom": {"secretKeyRef": selector}}


def checksums(chart: Chart, workload: Workload, environment: PodEnvironment, files: Files) -> dict[str, Text]:
    """Annotations that make the pods roll when their own data changes, and only then."""
    data: dict[str, tuple[Mapping[str, Text | When], Mapping[str, Text | When]]] = {
        "checksum/config": (environment.config, {}),
        "checksum/secret": ({}, environment.secret),
        "checksum/files": ({**files.config, **files.binary}, files.secret),
    }
    return {
        key: checksum_of(chart, workload, shown, secret) for key, (shown, secret) in data.items() if shown or secret
    }


def checksum_of(
    chart: Chart, workload: Workload, shown: Mapping[str, Text | When], secret: Mapping[str, Text | When]
) -> Text:
    """A checksum of data: of its fixed part here and now, of the values in it when the chart is rendered.

    The values under ``config`` are taken together, so that the expression stays short. What is in the Secret counts as
    long as the chart makes it; of one that takes its place the name is all there is to know.

    Args:
        chart: The chart.
        workload: Whose data it is.
        shown: The data in its ConfigMaps, by variable or file.
        secret: The data in its Secret.
    """
    section: Path = "config", workload.name
    fixed: list[str] = []
    used: dict[Leaf, None] = {}
    for key, entry in {**shown, **secret}.items():
        if isinstance(entry, ChartValue) and entry.path == (*section, key):
            used[ChartValue(section, "object")] = None
            fixed.append(key)
            continue
        fixed.append(f"{key}={entry!r}")
        for value in chart_values(entry):
            used[WithDefault(existing_secret(chart.values, workload), value) if key in secret else value] = None
    digest = sha256("\n".join(sorted(fixed)).encode("utf-8", "surrogatepass")).hexdigest()
    return Checksum((digest, *used)) if used else digest
