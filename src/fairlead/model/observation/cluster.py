"""A cluster: what its API server and its nodes say beyond the snapshots of its resources.

The driver of a cluster tells it by ``Driver.details()``; the control API hands it on as it is.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PodView:
    """A pod.

    Args:
        id: The id of its snapshot.
        state: Its own word, such as ``Running`` or ``ImagePullBackOff``.
        healthy: Whether it is ready, or has done its work.
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
        mine: Whether it is not k3s's own.
        ready: How many of its pods are ready, or have done their work.
        wanted: How many it is to have.
        pods: Its pods, troubled ones first.
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
    """A node.

    Args:
        name: Its name in the cluster.
        resource: The resource of the definition whose container it is.
        role: ``control plane`` or ``agent``.
        ready: Whether it takes pods.
        reason: Why not, in words; empty when all is well.
        cpu: In per cent of one core, null where that is not known (yet).
        cpu_limit: What it has, in per cent of one core.
        memory: In bytes, null where that is not known.
        memory_limit: The most it may take, in bytes.
        pods: How many it has.
        pod_limit: How many it may have.
    """

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
    """Something that happened in the cluster.

    Args:
        time: When it was last seen, in seconds since the epoch.
        warning: Whether it is a warning.
        reason: Its word, such as ``FailedScheduling``.
        object: What it is about, as ``pod/web-1``.
        namespace: The namespace of that; empty for what has none.
        message: What happened.
        count: How many times it was the same.
    """

    time: float
    warning: bool
    reason: str
    object: str
    namespace: str
    message: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterDocument:
    """A cluster.

    Args:
        name: The resource.
        version: Its version; empty while its server has not reported.
        address: Where its API server is reached from this machine.
        kubeconfig: The path of the kubeconfig of the run.
        ready_after: Seconds from its start until it was ready; null while it is not.
        nodes: Its nodes, the server's first.
        workloads: Its workloads: troubled ones first, those of k3s last.
        events: What happened in it, newest first.
    """

    name: str
    version: str
    address: str
    kubeconfig: str
    ready_after: float | None
    nodes: tuple[NodeView, ...]
    workloads: tuple[WorkloadView, ...]
    events: tuple[ClusterEvent, ...]
