"""The state of a resource in words. The one place for them: the page, the command line and tests say the same.

The summary is made once, when a snapshot is; all other functions take a resource as the control API shows it
(``Snapshot.to_json``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fairlead.model.health import HealthStatus
from fairlead.model.observation.snapshot import HealthReport, Snapshot
from fairlead.model.observation.state import State
from fairlead.runtime.lifecycle.exit_codes import end_text, exit_code_text
from fairlead.runtime.lifecycle.outcome import has_ended_badly as snapshot_has_ended_badly

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


def summary_of(snapshot: Snapshot) -> str:
    """Why a resource is as it is, in one line: what it waits for, why it failed, which check fails; may be empty."""
    if snapshot.state is State.WAITING and (waits := _waits_text(snapshot)):
        return waits
    if snapshot.state is State.VALUE_MISSING:
        return fact_of(snapshot)  # how to give it one is the remedy of a cause
    code = exit_code_text(snapshot.exit_code) if snapshot.exit_code and snapshot_has_ended_badly(snapshot) else ""
    if snapshot.reason:
        tells_code = code in snapshot.reason
        return one_line(snapshot.reason if tells_code else f"{code}: {snapshot.reason}")
    if snapshot.health not in (HealthStatus.HEALTHY, None):
        return _replicas_text(snapshot) or reports_text(snapshot.reports)
    if snapshot.stop_requested and (snapshot.state in _ENDED or snapshot.state is State.NOT_STARTED):
        return "stopped"
    return code


def _replicas_text(snapshot: Snapshot) -> str:
    """How many of several replicas are healthy, where some are."""
    healthy = sum(replica.health is HealthStatus.HEALTHY for replica in snapshot.replicas)
    total = len(snapshot.replicas)
    return f"{healthy} of {total} replicas healthy" if 0 < healthy < total else ""


def fact_of(snapshot: Snapshot) -> str:
    """The reason in one line, without the remedy that it ends with."""
    text, remedy = one_line(snapshot.reason), one_line(snapshot.remedy)
    return text.removesuffix(remedy).rstrip().removesuffix(".") if remedy and text.endswith(remedy) else text


def duration_text(seconds: float) -> str:
    """A length of time as short as it may be: ``0.4 s``, ``48 s``, ``13 min``, ``2 h``, ``3 d``."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    for unit, length, last in (("s", 1, 99.5), ("min", 60, 99.5), ("h", 3600, 47.5)):
        if seconds / length < last:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds / 86400:.0f} d"


def sentence(text: str) -> str:
    """A text as a sentence: with a capital letter in front and a full stop behind."""
    text = text.strip()
    if not text:
        return ""
    begins_with_word = text[:2].isalpha() and text[:2].islower() and "_" not in text.split()[0]
    text = text[0].upper() + text[1:] if begins_with_word or text.startswith("a ") else text
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _waits_text(snapshot: Snapshot) -> str:
    """What it still waits for, each with why that is not there."""
    open_waits = [wait for wait in snapshot.waits if not wait.satisfied]
    texts = [f"{wait.resource} ({wait.why_not})" for wait in open_waits] or list(snapshot.waiting_for)
    return one_line("for " + ", ".join(texts)) if texts else ""


def reports_text(reports: Sequence[HealthReport]) -> str:
    """What the failing checks among some report, in one line."""
    return "; ".join(report_text(report) for report in reports if report.status is not HealthStatus.HEALTHY)


def report_text(report: HealthReport) -> str:
    """What a check reports; its name is in front of it, once."""
    description = one_line(report.description)
    if description.startswith(report.name):
        return description
    answered = bool(report.got) and description.startswith("answered ")
    return f"{report.name} {description}" if answered else f"{report.name}: {description}"


def problem_text(resource: Resource) -> str:
    """Why it is as it is, in one line; empty when there is nothing to say."""
    summary: str = resource["summary"]
    return summary


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
