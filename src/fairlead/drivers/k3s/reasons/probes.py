"""Which probe keeps a container from being ready, and what it was answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fairlead.drivers.k3s.reasons.events import last_message

_PREFIX: Final = {
    "startup": "Startup probe failed:",
    "readiness": "Readiness probe failed:",
    "liveness": "Liveness probe failed:",
}

Events = Sequence[Mapping[str, Any]]


def why_not_ready(label: str, name: str, container: Mapping[str, Any], *, is_started: bool, events: Events) -> str:
    """Why a container that runs is not ready: the probe that fails, and its answer.

    Args:
        label: What the container is called.
        name: Its name.
        container: Its spec.
        is_started: Whether its startup probe has succeeded.
        events: Those of its pod.
    """
    kind = "readiness" if is_started or "startupProbe" not in container else "startup"
    probe = container.get(f"{kind}Probe")
    if probe is None:
        return f"{label} has just started"
    answer = _answer(kind, name, events)
    asks = f"the {kind} probe of {label} ({_question(probe)})"
    if answer is None:
        return f"{asks} has not succeeded yet"
    return f"{asks} fails: {answer}" if answer else f"{asks} fails, and says nothing"


def why_killed_by_probe(label: str, name: str, events: Events) -> str:
    """That a container was killed because of a probe, and the probe's answer; empty if it was not."""
    killed = last_message(_of_container(events, name), "Killing", contains="probe")
    kind = next((kind for kind in ("liveness", "startup") if f"failed {kind} probe" in killed), "")
    if not kind:
        return ""
    answer = _answer(kind, name, events)
    return f"{label} is restarted again and again, as its {kind} probe fails{f': {answer}' if answer else ''}"


def _answer(kind: str, name: str, events: Events) -> str | None:
    """What a probe was answered last, which may be nothing; None where it has not failed."""
    # Readiness probe failed: HTTP probe failed with statuscode: 503
    message = last_message(_of_container(events, name), "Unhealthy", contains=_PREFIX[kind])
    if not message:
        return None
    answer = message.removeprefix(_PREFIX[kind]).strip().replace("HTTP probe failed with statuscode:", "status")
    return " ".join(answer.split())[:300]


def _of_container(events: Events, name: str) -> list[Mapping[str, Any]]:
    """The events of one container; the kubelet notes it as ``spec.containers{web}``."""
    return [event for event in events if f"{{{name}}}" in str((event.get("involvedObject") or {}).get("fieldPath", ""))]


def _question(probe: Mapping[str, Any]) -> str:
    if get := probe.get("httpGet"):
        return f"GET {get.get('path', '/')} on port {get['port']}"
    if socket := probe.get("tcpSocket"):
        return f"connection to port {socket['port']}"
    if grpc := probe.get("grpc"):
        return f"gRPC on port {grpc['port']}"
    return " ".join(str(part) for part in (probe.get("exec") or {}).get("command", ()))[:80]
