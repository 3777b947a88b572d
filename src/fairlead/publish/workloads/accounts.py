"""Who a pod is for the cluster, and what it may do there: next to nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.labels import metadata
from fairlead.publish.chart.object_names import ObjectName

_GROUP = "rbac.authorization.k8s.io"


def service_account(chart: Chart, name: str, annotations: Mapping[str, str]) -> dict[str, Any]:
    """A ServiceAccount. It mounts no token by itself: its pods say whether they want one."""
    labelled = metadata(chart, name)
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {**labelled, "annotations": dict(annotations)} if annotations else labelled,
        "automountServiceAccountToken": False,
    }


def role(chart: Chart, name: str, rules: list[dict[str, Any]]) -> dict[str, Any]:
    """A Role that allows what its rules say, and nothing else."""
    return {"apiVersion": f"{_GROUP}/v1", "kind": "Role", "metadata": metadata(chart, name), "rules": rules}


def role_binding(chart: Chart, name: str, account: str) -> dict[str, Any]:
    """What gives an account of the release's namespace the Role of the same name as the binding."""
    return {
        "apiVersion": f"{_GROUP}/v1",
        "kind": "RoleBinding",
        "metadata": metadata(chart, name),
        "roleRef": {"apiGroup": _GROUP, "kind": "Role", "name": ObjectName("Role", name)},
        "subjects": [{"kind": "ServiceAccount", "name": ObjectName("ServiceAccount", account)}],
    }
