"""A node, and a namespace of the cluster itself, as they are shown in the tree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from fairlead.drivers.k3s.reasons import reason_of_node
from fairlead.drivers.k3s.reasons.conditions import condition, is_true
from fairlead.drivers.k3s.tree.times import seconds
from fairlead.errors import with_remedy
from fairlead.model.health import HealthStatus
from fairlead.model.observation.observed import ObservedChild
from fairlead.model.observation.state import State

_CAPACITY: Final = ("cpu", "memory", "pods")


def node_child(node: Mapping[str, Any], parent: str) -> ObservedChild:
    """A node as an observed child.

    Args:
        node: The node, as the API server returns it or slimmer.
        parent: What it is shown below.
    """
    ready = condition(node, "Ready")
    return ObservedChild(
        kind="Node",
        icon="node",
        name=node["metadata"]["name"],
        parent=parent,
        state=State.RUNTIME_UNHEALTHY if ready.get("status") == "Unknown" else State.RUNNING,
        health=HealthStatus.HEALTHY if is_true(ready) else HealthStatus.UNHEALTHY,
        reason=reason_of_node(node),
        properties=tuple(_properties(node.get("status") or {})),
        started_at=seconds(node["metadata"].get("creationTimestamp")),
    )


def _properties(status: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    if version := (status.get("nodeInfo") or {}).get("kubeletVersion"):
        yield "version", version
    addresses = {entry["type"]: entry["address"] for entry in status.get("addresses") or ()}
    if address := addresses.get("InternalIP"):
        yield "address", address
    capacity = status.get("capacity") or {}
    yield from ((name, str(capacity[name])) for name in _CAPACITY if name in capacity)


def namespace_child(name: str, members: Iterable[ObservedChild]) -> ObservedChild:
    """A namespace of the cluster itself as an observed child, that what is in it is shown below.

    Args:
        name: The namespace.
        members: What is shown right below it.
    """
    members = sorted(members, key=lambda member: member.name)
    ailing = next((member for member in members if member.reason), None)
    return ObservedChild(
        kind="Namespace",
        icon="manifest",
        name=name,
        state=State.ACTIVE,
        health=HealthStatus.DEGRADED if ailing else HealthStatus.HEALTHY,
        reason=f"{ailing.kind} {ailing.name}: {with_remedy(ailing.reason, ailing.remedy)}" if ailing else "",
        properties=(("objects", str(len(members))),),
    )
