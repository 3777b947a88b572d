"""Why no node has been chosen for a pod: the scheduler's message in plain words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from fairlead.drivers.k3s.reasons.conditions import condition
from fairlead.drivers.k3s.reasons.events import events_of, last_message
from fairlead.drivers.k3s.reasons.reason import Reason

# 0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint {a: b}. preemption: 0/2 nodes …
_MESSAGE: Final = re.compile(
    r"^\d+/(\d+) nodes are available: (.*?)(?:\.? (?:no new claims to deallocate|preemption:|not found).*)?$", re.S
)
_CLAUSE: Final = re.compile(r", (?=\d+ )")
_COUNT: Final = re.compile(r"^\d+ (?:node\(s\) )?")
_TAINT: Final = re.compile(r"taint(?:\(s\))? ?\{([^:}]+)(?:: ?([^}]*))?\}")
_INSUFFICIENT: Final = re.compile(r"Insufficient (\S+)")

_TEXTS: Final = (
    ("didn't match Pod's node affinity/selector", "no node matches its node selector{selector}"),
    ("were unschedulable", "the node is cordoned and takes no new pods (kubectl uncordon lets it)"),
    ("Too many pods", "the node has as many pods as it may have"),
    ("didn't have free ports", "a host port that it asks for is taken on the node"),
    ("anti-affinity", "its pod anti-affinity forbids the node: a pod that it must not be beside is there"),
    ("pod affinity", "no node has the pods that its pod affinity asks for"),
    ("topology spread", "its topology spread constraints can't be met"),
    ("volume node affinity conflict", "its volume is on another node"),
    ("PersistentVolume's node affinity", "its volume is on another node"),
    ("available persistent volumes to bind", "no PersistentVolume fits its claim"),
)


def why_not_scheduled(pod: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> str:
    """Why no node has been chosen for a pod, in words.

    Args:
        pod: The pod.
        events: Events that may concern it or its claims.
    """
    scheduled = condition(pod, "PodScheduled")
    if scheduled.get("reason") == "SchedulingGated":
        gates = ", ".join(gate["name"] for gate in pod["spec"].get("schedulingGates", ()))
        return f"its scheduling gate {gates} holds it back: a controller has to remove it"
    message = str(scheduled.get("message") or last_message(events_of(pod, events), "FailedScheduling"))
    if not message:
        return "the scheduler has not looked at it yet"
    if "no nodes available" in message:
        return "the cluster has no node that takes pods yet"
    why = Reason.of(_why(pod, message, events))
    return Reason(f"no node can take it: {why.fact}", why.remedy)


def _why(pod: Mapping[str, Any], message: str, events: Sequence[Mapping[str, Any]]) -> str:
    if reason := _why_claim(pod, message, events):
        return reason
    match = _MESSAGE.match(message.strip())
    if match is None:
        return message.strip().rstrip(".")
    node_count, clauses = int(match[1]), _CLAUSE.split(match[2].rstrip("."))
    why = (", and " if node_count == 1 else ", or ").join(dict.fromkeys(_clause(pod, clause) for clause in clauses))
    resources = [f"resources.requests.{lacking[1]}" for lacking in map(_INSUFFICIENT.search, clauses) if lacking]
    return Reason(why, f"Lower {' and '.join(resources)}") if resources else why


def _clause(pod: Mapping[str, Any], clause: str) -> str:
    if lacking := _INSUFFICIENT.search(clause):
        return _lacking(pod, lacking[1])
    if "taint" in clause:
        return _taint(clause)
    for sign, text in _TEXTS:
        if sign in clause:
            return text.format(selector=_selector(pod))
    return _COUNT.sub("", clause)


def _lacking(pod: Mapping[str, Any], resource: str) -> str:
    requested = [
        str(amount)
        for container in pod["spec"].get("containers", ())
        if (amount := ((container.get("resources") or {}).get("requests") or {}).get(resource))
    ]
    return f"not enough {resource}" + (f" for its request of {' + '.join(requested)}" if requested else "")


def _taint(clause: str) -> str:
    match = _TAINT.search(clause)
    if match is None:
        return "a taint of the node that it does not tolerate"
    key, value = match[1].strip(), (match[2] or "").strip()
    if key.startswith("node.kubernetes.io/"):
        return f"the node is {key.partition('/')[2].replace('-', ' ')}"
    return f"it does not tolerate the node's taint {key}{f'={value}' if value else ''}"


def _selector(pod: Mapping[str, Any]) -> str:
    selector = pod["spec"].get("nodeSelector") or {}
    text = ", ".join(f"{key}={value}" for key, value in selector.items())
    return f" {text}" if text else " or affinity"


def _why_claim(pod: Mapping[str, Any], message: str, events: Sequence[Mapping[str, Any]]) -> str:
    if missing := re.search(r'persistentvolumeclaim "([^"]+)" not found', message):
        return Reason(f"its PersistentVolumeClaim {missing[1]} does not exist", "Create it in the pod's namespace")
    if "unbound immediate PersistentVolumeClaims" not in message:
        return ""
    names = _claims(pod)
    for name in names:
        claim = {
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": name, "namespace": pod["metadata"].get("namespace")},
        }
        if why := last_message(events_of(claim, events), "ProvisioningFailed", "FailedBinding"):
            return f"its PersistentVolumeClaim {name} is not bound: {why.rstrip('.')}"
    return f"its PersistentVolumeClaim {', '.join(names)} is not bound to a volume"


def _claims(pod: Mapping[str, Any]) -> list[str]:
    volumes = pod["spec"].get("volumes") or ()
    return [volume["persistentVolumeClaim"]["claimName"] for volume in volumes if "persistentVolumeClaim" in volume]
