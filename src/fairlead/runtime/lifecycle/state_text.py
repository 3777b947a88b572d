"""The state of a resource in words. The one place for them: the command line, tests and their reports say the same.

All take a resource as the control API shows it (``Snapshot.to_json``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairlead.model.state import State
from fairlead.runtime.lifecycle.exit_codes import end_text, exit_code_text

Resource = Mapping[str, Any]

_ENDED = (State.FINISHED, State.EXITED)
_UP = (State.RUNNING, State.ACTIVE)


def is_up(resource: Resource) -> bool:
    """Whether it is up: it runs, or is Active where its kind has nothing that could run."""
    return resource["state"] in _UP


def has_ended_badly(resource: Resource) -> bool:
    """Whether an exit code or an error says so, and it was not stopped."""
    failed = bool(resource["exit_code"] or resource["end_failure"])
    return resource["state"] in _ENDED and not resource["stop_requested"] and failed


def has_finished(resource: Resource) -> bool:
    """Whether it came to its end by itself, and well."""
    return resource["state"] in _ENDED and not resource["stop_requested"] and not has_ended_badly(resource)


def state_text(resource: Resource) -> str:
    """The state, with the number of replicas that are up where it has several."""
    state: str = resource["state"]
    replicas = resource["replicas"]
    if replicas and is_up(resource):
        return f"{state} ({sum(map(is_up, replicas))}/{len(replicas)})"
    return state


def health_text(resource: Resource) -> str:
    """The health, or nothing for what does not run, or runs only since a moment and was not asked yet."""
    was_asked = resource["reports"] or resource["reason"] or resource["health"] == "Healthy"
    return (resource["health"] or "") if was_asked else ""


def problem_text(resource: Resource) -> str:
    """Why it is not as it should be: what it waits for, why it failed, which check fails; empty when all is well."""
    if resource["waiting_for"]:
        return "for " + ", ".join(resource["waiting_for"])
    has_code = has_ended_badly(resource) and resource["exit_code"]
    code = exit_code_text(resource["exit_code"]) if has_code else ""
    if resource["reason"]:
        tells_code = code in resource["reason"]
        return one_line(resource["reason"] if tells_code else f"{code}: {resource['reason']}")
    if resource["health"] not in ("Healthy", None):
        failing = [report for report in resource["reports"] if report["status"] != "Healthy"]
        return "; ".join(_report_text(report["name"], report["description"]) for report in failing)
    if resource["state"] in _ENDED and resource["stop_requested"]:
        return "stopped"
    return code


def _report_text(name: str, description: str) -> str:
    """What a check reports; its name is in front of it, once."""
    return one_line(description if description.startswith(name) else f"{name}: {description}")


def urls_text(resource: Resource) -> str:
    """Its URLs while it is up."""
    return "  ".join(url["url"] for url in resource["urls"]) if is_up(resource) else ""


def failure_text(resource: Resource) -> str:
    """How it failed, as the rest of a sentence that begins with its name."""
    state = resource["state"]
    words = str({State.FAILED_TO_START: "failed to start", State.VALUE_MISSING: "has no value"}.get(state, state))
    if state in _ENDED and resource["exit_code"] not in (0, None):
        words = end_text(resource["exit_code"])
    elif resource["end_failure"]:
        words = "failed"
    elif resource["ready_failure"]:
        return f"did not become ready: {one_line(resource['ready_failure'])}"
    return f"{words}: {one_line(resource['reason'])}" if resource["reason"] else words


def change_line(resource: Resource) -> str:
    """State, health, and what is the matter with it or where it is, in one line."""
    text = state_text(resource)
    if health := health_text(resource):
        text += f", {health.lower()}"
    if problem := problem_text(resource):
        text += f" ({problem})" if resource["state"] != State.WAITING else f" {problem}"
    elif urls := urls_text(resource):
        text += f"  {urls}"
    return text


def one_line(text: str) -> str:
    """A text without its line ends."""
    return " ".join(text.split())
