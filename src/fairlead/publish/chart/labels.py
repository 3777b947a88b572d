"""The labels of what is published, by the convention of ``app.kubernetes.io``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.leaves import Builtin, Text
from fairlead.publish.chart.open_mapping import with_entries

_PREFIX = "app.kubernetes.io/"
# The same leaves in all objects, so that a renderer knows them again.
_RELEASE, _VERSION, _MANAGER, _CHART = Builtin("release"), Builtin("version"), Builtin("manager"), Builtin("chart")
#: What an object is labelled with as its component.
NAME = f"{_PREFIX}name"


def selector(name: str) -> dict[str, Text]:
    """What finds the pods of a workload. It can never be changed, so it holds nothing that might have to."""
    return {NAME: name, f"{_PREFIX}instance": _RELEASE}


def pod_labels(chart: Chart, name: str) -> dict[str, Text]:
    """The labels of pods: no version among them, or each new version of the chart would replace all pods."""
    return {**selector(name), f"{_PREFIX}part-of": chart.app}


def object_labels(chart: Chart, name: str) -> dict[str, Text]:
    """The labels of objects."""
    return {NAME: name, **shared_labels(chart)}


def shared_labels(chart: Chart) -> dict[str, Text]:
    """The labels that all objects of a chart have, also those that belong to no workload."""
    return {
        f"{_PREFIX}instance": _RELEASE,
        f"{_PREFIX}part-of": chart.app,
        f"{_PREFIX}version": _VERSION,
        f"{_PREFIX}managed-by": _MANAGER,
        "helm.sh/chart": _CHART,
    }


def metadata(chart: Chart, name: str) -> dict[str, object]:
    """The metadata of an object."""
    return {"name": name, "labels": object_labels(chart, name)}


def add_labels(body: dict[str, Any], labels: Mapping[str, Text]) -> None:
    """Give an object of a definition the labels that its own do not set."""
    own = body["metadata"].get("labels") or {}
    if isinstance(own, dict):
        missing = {key: text for key, text in labels.items() if key not in own}
        body["metadata"]["labels"] = with_entries(own, {**own, **missing})
