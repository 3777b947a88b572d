"""What a cluster has to say about an object that a test has waited for in vain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import yaml

from fairlead.drivers.k3s.reasons import reason_of_pod
from fairlead.drivers.k3s.reasons.events import time_of
from fairlead.engines.kube import KubernetesApi, Object, ObjectKind
from fairlead.errors import EngineError

EVENTS: Final = 20
"""Events that are told: the latest."""
LINES: Final = 80
"""Lines of an object that are told."""
_POD: Final = ObjectKind("v1", "Pod")
_EVENT: Final = ObjectKind("v1", "Event")


async def evidence(api: KubernetesApi, namespace: str | None, obj: Object | None) -> list[str]:
    """Notes for an error: the object, the pods of its namespace that are not ready, and its events.

    Args:
        api: The cluster's API; one that does not answer adds nothing.
        namespace: Whose pods and events are told; None for those of no namespace.
        obj: The object as it was last; None where it was not there.
    """
    notes = [_text(obj)] if obj is not None else []
    if namespace is not None:
        try:
            pods = (await api.list(_POD, namespace=namespace)).items
            events = (await api.list(_EVENT, namespace=namespace)).items
        except EngineError as error:
            return [*notes, f"the pods and events of {namespace} can't be read: {error.message}"]
        notes += describe_pods(pods, events)
        notes += describe_events(events)
    return notes


def describe_pods(pods: list[Object], events: list[Object]) -> list[str]:
    """A note with the pods that are not ready, and why; none where all are."""
    reasons = [(pod["metadata"]["name"], reason_of_pod(pod, events)) for pod in pods]
    lines = [f"  {name}: {reason}" for name, reason in reasons if reason]
    return ["\n".join(["pods that are not ready:", *lines])] if lines else []


def describe_events(events: list[Object]) -> list[str]:
    """A note with the latest events; none where there are none."""
    latest = sorted(events, key=time_of)[-EVENTS:]
    lines = [f"  {_subject(event)}: {event.get('reason', '')}: {event.get('message', '')}" for event in latest]
    return ["\n".join(["events:", *lines])] if lines else []


def _subject(event: Mapping[str, Any]) -> str:
    involved = event.get("involvedObject") or {}
    return f"{involved.get('kind', '')} {involved.get('name', '')}"


def _text(obj: Object) -> str:
    """An object as YAML, with what a reader of a failure wants first; the data of a Secret is left out."""
    shown = {name: obj[name] for name in ("status", "spec", "data", "metadata") if name in obj}
    if obj["kind"] == "Secret":
        shown["data"] = dict.fromkeys(shown.get("data") or {}, "***")
    lines = yaml.safe_dump(shown, sort_keys=False, allow_unicode=True).splitlines()
    left = [f"… and {len(lines) - LINES} lines more"] if len(lines) > LINES else []
    return "\n".join([f"{obj['kind']} {obj['metadata']['name']}:", *(f"  {line}" for line in [*lines[:LINES], *left])])
