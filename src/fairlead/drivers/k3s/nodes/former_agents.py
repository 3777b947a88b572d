"""Agents that a cluster which stays has had, and that are not declared any more."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from fairlead.drivers.containers.naming import RESOURCE
from fairlead.engines.containers import ContainerInfo
from fairlead.model.names import derived_name


def former_agents(
    containers: Iterable[ContainerInfo], cluster: str, declared: Collection[str]
) -> list[tuple[str, ContainerInfo]]:
    """The containers of agents that are not declared any more, with the names that those had.

    Args:
        containers: Containers of the app that outlive its runs.
        cluster: The cluster's name.
        declared: The names of all resources of the app.
    """
    named = ((container.labels.get(RESOURCE, ""), container) for container in containers)
    return [(name, one) for name, one in named if name not in declared and is_agent_of(name, cluster)]


def is_agent_of(name: str, cluster: str) -> bool:
    """Whether a resource is called as the agents of a cluster are."""
    prefix, _, number = name.rpartition("-")
    return prefix == derived_name(cluster, "agent") and number.isdecimal()
