"""Whether a cluster is ready, judged from what its API shows: this run's nodes, and its DNS."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fairlead.engines.kube import Object
from fairlead.model.health import Health


@dataclass(frozen=True, slots=True)
class ClusterView:
    """What the API shows of a cluster.

    Args:
        nodes: Its Node objects.
        account: The ServiceAccount ``default`` of the namespace ``default``, without which no pod can be created.
        dns: The Deployment of CoreDNS.
    """

    nodes: tuple[Object, ...]
    account: Object | None
    dns: Object | None


@dataclass(frozen=True, slots=True)
class Expected:
    """What has to be there.

    Args:
        nodes: When each node was started, by its name, in seconds since the epoch of the engine's clock.
        problems: What is known of a node that is not there, by its name.
        has_dns: Whether CoreDNS is to be there.
    """

    nodes: Mapping[str, float]
    problems: Mapping[str, str]
    has_dns: bool


def judge(view: ClusterView, expected: Expected) -> Health:
    """Whether the cluster is ready; if not, why, with what is known of each node that is not."""
    nodes = {node["metadata"]["name"]: node for node in view.nodes}
    missing = [
        problem
        for name, started in expected.nodes.items()
        if (problem := _node_problem(name, nodes.get(name), started, expected.problems.get(name, "")))
    ]
    ready = len(expected.nodes) - len(missing)
    if missing:
        return Health.unhealthy(f"{ready} of {len(expected.nodes)} nodes are ready: {'; '.join(missing)}")
    if view.account is None:
        return Health.unhealthy("its service accounts are not there yet")
    if expected.has_dns and not _is_available(view.dns):
        return Health.unhealthy("its DNS is not up yet")
    return Health.healthy(f"{_counted(ready)} ready")


def stale_nodes(nodes: Iterable[Object], expected: Collection[str], cluster: str) -> list[str]:
    """The nodes of agents that an earlier definition of the cluster had, and that are gone for good."""
    names = [node["metadata"]["name"] for node in nodes if _ready_condition(node).get("status") != "True"]
    return [name for name in names if name not in expected and name.startswith(f"{cluster}-agent-")]


def _counted(count: int) -> str:
    return "1 node is" if count == 1 else f"{count} nodes are"


def _node_problem(name: str, node: Object | None, started: float, known: str) -> str:
    """Why a node is not ready; empty when it is."""
    if node is None:
        return f"{name} has not joined" + (f" ({known})" if known else "")
    condition = _ready_condition(node)
    is_new = _seconds(condition.get("lastHeartbeatTime")) >= int(started)  # the API has whole seconds
    if condition.get("status") == "True" and is_new:
        return ""
    if not is_new:
        return f"{name} has not reported yet" + (f" ({known})" if known else "")
    words = str(condition.get("message") or condition.get("reason") or "no reason given")
    return f"{name} is not ready: {words}" + (f" ({known})" if known else "")


def _ready_condition(node: Mapping[str, Any]) -> Mapping[str, Any]:
    conditions = node.get("status", {}).get("conditions") or ()
    return next((condition for condition in conditions if condition.get("type") == "Ready"), {})


def _is_available(deployment: Mapping[str, Any] | None) -> bool:
    return bool(deployment) and (deployment or {}).get("status", {}).get("availableReplicas", 0) > 0


def _seconds(time: object) -> float:
    try:
        return datetime.fromisoformat(str(time)).timestamp()
    except ValueError:
        return 0.0
