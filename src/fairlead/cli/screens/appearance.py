"""How a resource looks: its colours, its name in a table, and what is worth showing at all.

All take a resource as the control API shows it (``Snapshot.to_json``); its state in words is in
:mod:`fairlead.runtime.lifecycle.state_text`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from fairlead.model.observation.state import State
from fairlead.runtime.lifecycle.state_text import Resource, has_ended_badly, has_finished, is_up

GOOD = "green"
BUSY = "cyan"
DOUBTFUL = "yellow"
BAD = "red"

#: Colours that tell resources apart in front of their log lines.
PREFIX_COLORS = ("cyan", "magenta", "green", "yellow", "blue", "bright_cyan", "bright_magenta", "bright_green")

_COLORS = {
    State.WAITING: BUSY,
    State.STARTING: BUSY,
    State.BUILDING: BUSY,
    State.STOPPING: BUSY,
    State.RUNNING: GOOD,
    State.ACTIVE: GOOD,
    State.RUNTIME_UNHEALTHY: BAD,
    State.FAILED_TO_START: BAD,
    State.VALUE_MISSING: BAD,
}
_COUNTED = {GOOD: "running", DOUBTFUL: "unhealthy", BUSY: "on the way", BAD: "failed"}


def state_color(resource: Resource) -> str | None:
    """The colour of the state; None for what rests."""
    if has_ended_badly(resource):
        return BAD
    if is_up(resource) and resource["ready_failure"]:
        return BAD
    if is_up(resource) and resource["health"] not in ("Healthy", None):
        return DOUBTFUL
    return _COLORS.get(resource["state"])


def health_color(resource: Resource) -> str | None:
    """The colour of the health."""
    return {"Healthy": GOOD, "Degraded": DOUBTFUL, "Unhealthy": DOUBTFUL}.get(resource["health"] or "")


def is_own(stream: str) -> bool:
    """Whether a log line of this stream is of Fairlead itself, and not of the resource."""
    return stream in ("system", "state")


def count_by_state(resources: Iterable[Resource]) -> str:
    """How many resources are up, busy, failed, done and at rest, in words."""
    counts = Counter(_counted_as(resource) for resource in resources)
    words = (*_COUNTED.values(), "finished", "not running")
    return ", ".join(f"{counts[word]} {word}" for word in words if counts[word]) or "nothing yet"


def _counted_as(resource: Resource) -> str:
    if has_finished(resource):
        return "finished"
    return _COUNTED.get(state_color(resource) or "", "not running")


def display_name(resource: Resource) -> str:
    """Its name in a table; of what was observed in a cluster also what kind of object it is, and in which namespace.

    The namespace is left out where it is ``default``, or that of the observed object that it is shown below.
    """
    name: str = resource["name"]
    if resource["origin"] != "observed":
        return name
    namespace = resource["id"].split("/")[-2]
    is_below_observed = "/" in (resource["parent"] or "")
    path = name if is_below_observed or namespace in ("-", "default") else f"{namespace}/{name}"
    return f"{resource['type'].lower()} {path}"


def is_settled_parameter(resource: Resource) -> bool:
    """Whether it is a parameter with nothing the matter, so that its name says enough."""
    is_fine = state_color(resource) != BAD and not resource["waiting_for"]
    return bool(resource["type"] == "Parameter" and is_fine)
