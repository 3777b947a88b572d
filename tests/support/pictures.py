"""Resources as the control API shows them, for tests of what shows them to a person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fairlead.model.health import HealthStatus
from fairlead.model.observation.snapshot import HealthReport, Snapshot, Url
from fairlead.model.observation.state import State
from fairlead.runtime.lifecycle.state_text import summary_of


def picture(name: str, state: State = State.RUNNING, **more: Any) -> dict[str, Any]:
    """A resource in a state; what else is given goes into the snapshot."""
    snapshot = Snapshot(name=name, kind=more.pop("kind", "Executable"), state=state, **more)
    return replace(snapshot, summary=summary_of(snapshot)).to_json()


def healthy(name: str, url: str = "http://localhost:8000") -> dict[str, Any]:
    """A resource that runs, is checked, and has an address."""
    report = HealthReport("GET /", HealthStatus.HEALTHY, "GET / answers 200", 0.0)
    return picture(name, health=HealthStatus.HEALTHY, reports=(report,), urls=(Url("http", url),))


def unhealthy(name: str, why: str) -> dict[str, Any]:
    """A resource that runs and is not well."""
    report = HealthReport("GET /", HealthStatus.UNHEALTHY, f"GET / {why}", 0.0)
    return picture(name, health=HealthStatus.UNHEALTHY, reports=(report,))
