"""A cluster as a document: its workloads and pods in order of trouble, its nodes, and what happened in it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from fairlead.drivers.k3s.details.node_usage import NodeUse
from fairlead.drivers.k3s.details.pod import pod_view
from fairlead.drivers.k3s.reasons.events import time_of
from fairlead.drivers.k3s.tree.cluster_tree import ClusterTree, Key
from fairlead.drivers.k3s.tree.parents import SYSTEM_NAMESPACES, WORKLOADS
from fairlead.drivers.k3s.tree.times import seconds
from fairlead.model.health import HealthStatus
from fairlead.model.observation.cluster import ClusterDocument, ClusterEvent, NodeView, PodView, WorkloadView
from fairlead.model.observation.observed import ObservedChild

EVENTS = 200
"""Events that a document has at most."""
_PER_CENT_OF_A_CORE = 100.0


@dataclass(frozen=True, slots=True)
class ClusterFacts:
    """What is known of a cluster beside its objects.

    Args:
        name: The resource.
        nodes: The resources by the names of their nodes, the server's first.
        address: Where its API server is reached from this machine.
        kubeconfig: The path of its kubeconfig.
        ready_after: Seconds from its start until it was ready; None while it is not.
    """

    name: str
    nodes: Mapping[str, str]
    address: str
    kubeconfig: str
    ready_after: float | None


def cluster_document(facts: ClusterFacts, tree: ClusterTree, uses: Mapping[str, NodeUse]) -> ClusterDocument:
    """Return the document of a cluster.

    Args:
        facts: What is known of it.
        tree: Its objects.
        uses: What its nodes use of the machine, by their names.
    """
    objects = dict(tree.objects())
    server = next(iter(facts.nodes), "")
    info = _status(objects.get(Key("Node", None, server), {})).get("nodeInfo") or {}
    ready_after = None if facts.ready_after is None else round(facts.ready_after, 1)
    return ClusterDocument(
        name=facts.name,
        version=str(info.get("kubeletVersion") or ""),
        address=facts.address,
        kubeconfig=facts.kubeconfig,
        ready_after=ready_after,
        nodes=tuple(_nodes(facts, tree, uses)),
        workloads=tuple(sorted(_workloads(facts, tree), key=_trouble)),
        events=tuple(_events(tree)),
    )


# Workloads


def _workloads(facts: ClusterFacts, tree: ClusterTree) -> Iterator[WorkloadView]:
    below: set[Key] = set()
    for key, workload in tree.objects():
        if key.kind not in WORKLOADS or (child := tree.shown(key)) is None:
            continue
        pods = tree.pods_below(key)
        below.update(pods)
        if _is_job_of_a_schedule(child):
            continue
        if key.kind == "CronJob":
            jobs = [job for job, _ in tree.objects() if job.kind == "Job" and _parent(tree, job) == tree.id_of(key)]
            pods = [pod for job in jobs for pod in tree.pods_below(job)]
        yield _workload(facts, key, child, _pods(tree, pods), _wanted(workload))
    for key, _ in tree.objects():
        if key.kind == "Pod" and key not in below and (child := tree.shown(key)) is not None:
            yield _workload(facts, key, child, _pods(tree, [key]), 1)


def _workload(
    facts: ClusterFacts, key: Key, child: ObservedChild, pods: tuple[PodView, ...], wanted: int | None
) -> WorkloadView:
    is_of_definition = bool(child.parent) and child.parent != facts.name and "/" not in (child.parent or "")
    return WorkloadView(
        id=child.id_below(facts.name),
        name=key.name,
        namespace=key.namespace or "",
        kind=key.kind,
        owner=child.parent if is_of_definition else None,
        mine=key.namespace not in SYSTEM_NAMESPACES,
        ready=sum(pod.healthy for pod in pods),
        wanted=len(pods) if wanted is None else wanted,
        pods=pods,
    )


def _pods(tree: ClusterTree, keys: Iterable[Key]) -> tuple[PodView, ...]:
    pods = [pod_view(tree.id_of(key), pod) for key in keys if (pod := tree.object(key)) is not None]
    return tuple(sorted(pods, key=lambda pod: (pod.healthy, pod.name)))


def _trouble(workload: WorkloadView) -> tuple[bool, bool, str, str]:
    """The order: troubled ones first, those of k3s behind the app's, then by name."""
    is_well = workload.ready >= workload.wanted and all(pod.healthy for pod in workload.pods)
    return is_well, not workload.mine, workload.namespace, workload.name


def _is_job_of_a_schedule(child: ObservedChild) -> bool:
    """Whether a Job belongs to a CronJob, whose pods its pods are."""
    return child.kind == "Job" and "/cronjob/" in (child.parent or "")


def _parent(tree: ClusterTree, key: Key) -> str | None:
    child = tree.shown(key)
    return child.parent if child is not None else None


def _wanted(workload: Mapping[str, Any]) -> int | None:
    """How many pods it is to have; None for as many as there are."""
    spec, kind = workload.get("spec") or {}, workload["kind"]
    if kind in ("Deployment", "StatefulSet"):
        return int(spec.get("replicas", 1))
    if kind == "DaemonSet":
        return int(_status(workload).get("desiredNumberScheduled") or 0)
    return int(spec.get("completions", 1)) if kind == "Job" else None


# Nodes


def _nodes(facts: ClusterFacts, tree: ClusterTree, uses: Mapping[str, NodeUse]) -> Iterator[NodeView]:
    pods: Counter[str] = Counter()
    for key, obj in tree.objects():
        if key.kind == "Pod" and (obj.get("status") or {}).get("phase") not in ("Succeeded", "Failed"):
            pods[str((obj.get("spec") or {}).get("nodeName") or "")] += 1
    order = list(facts.nodes)
    nodes = [(key.name, node) for key, node in tree.objects() if key.kind == "Node"]
    for name, node in sorted(nodes, key=lambda entry: order.index(entry[0]) if entry[0] in order else len(order)):
        child = tree.shown(Key("Node", None, name))
        capacity = _status(node).get("capacity") or {}
        use = uses.get(name)
        yield NodeView(
            name=name,
            resource=facts.nodes.get(name, facts.name),
            role="control plane" if order[:1] == [name] else "agent",
            ready=child is not None and child.health is HealthStatus.HEALTHY,
            reason=child.reason if child is not None else "",
            cpu=use.cpu if use else None,
            cpu_limit=float(capacity["cpu"]) * _PER_CENT_OF_A_CORE if str(capacity.get("cpu", "")).isdigit() else None,
            memory=use.memory if use else None,
            memory_limit=use.memory_limit if use else None,
            pods=pods[name],
            pod_limit=int(capacity.get("pods") or 0),
        )


# Events


def _events(tree: ClusterTree) -> list[ClusterEvent]:
    newest = sorted(tree.all_events(), key=time_of, reverse=True)[:EVENTS]
    folded: dict[tuple[str, str, str, str], ClusterEvent] = {}
    for event in newest:
        view = _event(event)
        same = (view.reason, view.object, view.namespace, view.message)
        known = folded.get(same)
        folded[same] = view if known is None else replace(known, count=known.count + view.count)
    return list(folded.values())


def _event(event: Mapping[str, Any]) -> ClusterEvent:
    involved, series = event.get("involvedObject") or {}, event.get("series") or {}
    return ClusterEvent(
        time=seconds(time_of(event)) or 0.0,
        warning=event.get("type") == "Warning",
        reason=str(event.get("reason") or ""),
        object=f"{str(involved.get('kind') or '').lower()}/{involved.get('name') or ''}",
        namespace=str(involved.get("namespace") or ""),
        message=str(event.get("message") or "").strip(),
        count=int(series.get("count") or event.get("count") or 1),
    )


def _status(obj: Mapping[str, Any]) -> Mapping[str, Any]:
    return obj.get("status") or {}
