"""A resource's state in words and colours; the same in the live table, in plain lines and in ``resources``.

All take a resource as the control API shows it (``Snapshot.to_json``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairlead.model.state import State
from fairlead.runtime.lifecycle.exit_codes import end_text, exit_code_text

Resource = Mapping[str, Any]

_GOOD = "green"
_BUSY = "cyan"
_DOUBTFUL = "yellow"
_BAD = "red"

_COLORS = {
    State.WAITING: _BUSY,
    State.STARTING: _BUSY,
    State.BUILDING: _BUSY,
    State.STOPPING: _BUSY,
    State.RUNNING: _GOOD,
    State.ACTIVE: _GOOD,
    State.RUNTIME_UNHEALTHY: _BAD,
    State.FAILED_TO_START: _BAD,
    State.VALUE_MISSING: _BAD,
}
_ENDED = (State.FINISHED, State.EXITED)
_UP = (State.RUNNING, State.ACTIVE)


def state_text(resource: Resource) -> str:
    """The state, with the number of replicas that are up where it has several."""
    state: str = resource["state"]
    replicas = resource["replicas"]
    if replicas and state in _UP:
        up = sum(replica["state"] in _UP for replica in replicas)
        return f"{state} ({up}/{len(replicas)})"
    return state


def state_color(resource: Resource) -> str | None:
    """The colour of the state; None for what rests."""
    state = resource["state"]
    if state in _ENDED:
        return None if resource["stop_requested"] or resource["exit_code"] in (0, None) else _BAD
    if state in _UP and resource["ready_failure"]:
        return _BAD
    if state in _UP and resource["health"] not in ("Healthy", None):
        return _DOUBTFUL
    return _COLORS.get(state)


def health_text(resource: Resource) -> str:
    """The health, or nothing for what does not run, or runs only since a moment and was not asked yet."""
    was_asked = resource["reports"] or resource["reason"] or resource["health"] == "Healthy"
    return (resource["health"] or "") if was_asked else ""


def health_color(resource: Resource) -> str | None:
    """The colour of the health."""
    return {"Healthy": _GOOD, "Degraded": _DOUBTFUL, "Unhealthy": _DOUBTFUL}.get(resource["health"] or "")


def problem_text(resource: Resource) -> str:
    """Why it is not as it should be: what it waits for, why it failed, which check fails; empty when all is well."""
    if resource["waiting_for"]:
        return "for " + ", ".join(resource["waiting_for"])
    has_failed = resource["state"] in _ENDED and not resource["stop_requested"] and resource["exit_code"]
    code = exit_code_text(resource["exit_code"]) if has_failed else ""
    if resource["reason"]:
        return one_line(f"{code}: {resource['reason']}" if code else resource["reason"])
    if resource["health"] not in ("Healthy", None):
        failing = [report for report in resource["reports"] if report["status"] != "Healthy"]
        return "; ".join(_finding(report["name"], report["description"]) for report in failing)
    if resource["state"] in _ENDED and resource["stop_requested"]:
        return "stopped"
    return code


def _finding(name: str, description: str) -> str:
    """What a check found; its name is in front of it, once."""
    return one_line(description if description.startswith(name) else f"{name}: {description}")


def urls_text(resource: Resource) -> str:
    """Its URLs while it is up."""
    return "  ".join(url["url"] for url in resource["urls"]) if resource["state"] in _UP else ""


def failure(resource: Resource) -> str:
    """How it failed, as the rest of a sentence that begins with its name."""
    state = resource["state"]
    words = str({State.FAILED_TO_START: "failed to start", State.VALUE_MISSING: "has no value"}.get(state, state))
    if state in _ENDED and resource["exit_code"] not in (0, None):
        words = end_text(resource["exit_code"])
    elif resource["ready_failure"]:
        return f"did not become ready: {one_line(resource['ready_failure'])}"
    return f"{words}: {one_line(resource['reason'])}" if resource["reason"] else words


def change_line(resource: Resource) -> str:
    """What a plain line says of a resource: state, health, what is the matter or where it is."""
    text = state_text(resource)
    if health := health_text(resource):
        text += f", {health.lower()}"
    if detail := problem_text(resource):
        text += f" ({detail})" if resource["state"] != State.WAITING else f" {detail}"
    elif found := urls_text(resource):
        text += f"  {found}"
    return text


def one_line(text: str) -> str:
    """A text without its line ends."""
    return " ".join(text.split())


# How Fairlead begins what it writes into a resource's log when its state changes.
_TOLD_BY_STATE = (
    "Waiting for ",
    "No longer waiting ",
    "Failed to start: ",
    "No value: ",
    "Healthy",
    "Ended",
    "Killed by ",
    "Stopped",
)


def repeats_state(stream: str, text: str) -> bool:
    """Whether a line of a log says what the change of a state says too, so that one of them is enough."""
    return stream == "system" and text.startswith((*_TOLD_BY_STATE, "Unhealthy", "Degraded"))


def is_worth_a_row(resource: Resource) -> bool:
    """Whether it belongs into the table of a run: parameters only while something is wrong with them."""
    return resource["type"] != "Parameter" or state_color(resource) == _BAD or bool(resource["waiting_for"])
