"""A cluster: what its API server and its nodes say beyond the snapshots of its resources."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PodView:
    """A pod.

    Args:
        id: The id of its snapshot.
        state: Its own word, such as ``Running`` or ``ImagePullBackOff``.
        ready: How many of its containers are ready.
        containers: How many it has.
        restarts: How often they were started again.
        node: The node it is on; null before it is given one.
        started_at: When it was made.
    """

    id: str
    name: str
    namespace: str
    state: str
    healthy: bool
    ready: int
    containers: int
    restarts: int
    node: str | None
    started_at: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadView:
    """A workload with its pods.

    Args:
        id: The id of its snapshot.
        kind: Such as ``Deployment``.
        owner: The resource of the definition that it belongs to; null for what is k3s's own.
        mine: Whether the app made it.
    """

    id: str
    name: str
    namespace: str
    kind: str
    owner: str | None
    mine: bool
    ready: int
    wanted: int
    pods: tuple[PodView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeView:
    """A node; ``cpu`` in per cent of one core, ``memory`` in bytes, null where the engine does not tell."""

    name: str
    resource: str
    role: str
    ready: bool
    reason: str
    cpu: float | None
    cpu_limit: float | None
    memory: float | None
    memory_limit: float | None
    pods: int
    pod_limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterEvent:
    """Something that happened in the cluster; ``count`` is how many times it was the same."""

    time: float
    warning: bool
    reason: str
    object: str
    namespace: str
    message: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterDocument:
    """A cluster; workloads with troubled ones first, those of k3s last; events newest first."""

    name: str
    version: str
    address: str
    kubeconfig: str
    ready_after: float | None
    nodes: tuple[NodeView, ...]
    workloads: tuple[WorkloadView, ...]
    events: tuple[ClusterEvent, ...]
