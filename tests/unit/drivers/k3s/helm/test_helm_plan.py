"""What is done so that a release is as it is declared, decided on what Helm has recorded."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fairlead.drivers.k3s.helm.plan import FIELDS, FOREIGN_SECONDS, REVISION, Plan, plan_release
from fairlead.drivers.k3s.own_labels import APP
from fairlead.engines.helm import ReleaseStatus
from fairlead.engines.helm.records import ReleaseRecord

NOW = 1_000_000.0
SAME = {"chart": "1", "values": "2", "version": "3"}


def record(revision: int, status: ReleaseStatus, **more: Any) -> ReleaseRecord:
    return ReleaseRecord("web", "shop", revision, status, created_at=NOW - 10, **more)


def noted(**fields: str) -> dict[str, str]:
    return {FIELDS: json.dumps({**SAME, **fields})}


def plan(*records: ReleaseRecord, is_restart: bool = False) -> Plan:
    return plan_release(records, SAME, app="boat", now=NOW, is_restart=is_restart)


def test_a_release_that_is_not_there() -> None:
    """One that was never installed, or is uninstalled with its history kept, must be installed."""
    assert plan().step == "install"
    assert plan(record(1, "superseded"), record(2, "uninstalled")).step == "install"


def test_a_deployed_release() -> None:
    """It must be kept if it was made from the same, unless it is restarted; else be upgraded, with what has changed."""
    assert plan(record(1, "deployed", annotations=noted())) == Plan("keep")
    changed = plan(record(1, "deployed", annotations=noted(values="old", version="1.0")))
    assert changed == Plan("upgrade", "Upgrading: this has changed: values, version")
    assert plan(record(1, "deployed", annotations=noted()), is_restart=True).step == "upgrade"


@pytest.mark.parametrize("note", ["", "no JSON", "[]"])
def test_a_release_of_which_nothing_is_noted(note: str) -> None:
    """One that Fairlead has not installed, or not to the end, must be upgraded."""
    assert plan(record(1, "deployed", annotations={FIELDS: note})).step == "upgrade"


@pytest.mark.parametrize("status", ["failed", "superseded", "unknown"])
def test_a_release_that_is_not_deployed(status: ReleaseStatus) -> None:
    """One whose last revision is not deployed must be upgraded, though it was made from the same."""
    assert plan(record(1, "deployed"), record(2, status, annotations=noted())).step == "upgrade"


OWN = {"labels": {APP: "boat", REVISION: "2"}}


@pytest.mark.parametrize(
    ("status", "step", "revision"),
    [
        ("pending-upgrade", "rollback", 1),
        ("pending-rollback", "rollback", 1),
        ("uninstalling", "uninstall", 0),
    ],
)
def test_what_the_app_has_left_pending(status: ReleaseStatus, step: str, revision: int) -> None:
    """An operation of the app's own that did not end must be recovered at once: one host of an app runs at a time."""
    found = plan(record(1, "deployed"), record(2, status, **OWN))
    assert (found.step, found.revision) == (step, revision)
    assert f"Revision 2 was left {status}" in found.reason


def test_what_was_never_deployed_is_uninstalled() -> None:
    """Where no revision is deployed there is nothing to go back to."""
    assert plan(record(1, "failed"), record(2, "pending-upgrade", **OWN)).step == "uninstall"


@pytest.mark.parametrize(
    "labels",
    [{}, {APP: "other", REVISION: "2"}, {APP: "boat", REVISION: "1"}],
    ids=["by hand", "another app", "by hand, with the labels of the revision before"],
)
def test_what_others_do(labels: dict[str, str]) -> None:
    """An operation of another process must be waited for as long as it may take, and then be recovered."""
    records = record(1, "deployed"), record(2, "pending-upgrade", labels=labels)
    assert plan(*records).step == "wait"
    later = plan_release(records, SAME, app="boat", now=NOW + FOREIGN_SECONDS)
    assert (later.step, later.revision) == ("rollback", 1)
