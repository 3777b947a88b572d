"""What has to be done so that a release is as it is declared, from what Helm has recorded of it. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from fairlead.drivers.k3s.own_labels import APP
from fairlead.engines.helm.records import ReleaseRecord

FIELDS: Final = "dev.fairlead.fields"
"""The annotation of a record with the hashes of what the release was made from."""
REVISION: Final = "dev.fairlead.revision"
"""The label with the revision that an operation of Fairlead's was to make: Helm hands labels on to what others do."""

FOREIGN_SECONDS: Final = 300.0
"""Seconds after its begin for which an operation that Fairlead has not begun is taken for one that goes on: as long as
Helm waits where nothing else is said."""

Step = Literal["keep", "install", "upgrade", "rollback", "uninstall", "wait"]


@dataclass(frozen=True, slots=True)
class Plan:
    """The next thing to do.

    Args:
        step: ``keep`` where nothing has to be done; ``rollback`` and ``uninstall`` recover a release that an operation
            has left pending, and after them there is another plan; ``wait`` for another process that is at it.
        reason: Why, as a line for the log; empty where that goes without saying.
        revision: The revision to go back to.
    """

    step: Step
    reason: str = ""
    revision: int = 0


def plan_release(
    records: Sequence[ReleaseRecord],
    fields: Mapping[str, str],
    *,
    app: str,
    now: float,
    is_restart: bool = False,
) -> Plan:
    """What to do next.

    Args:
        records: The records of the release, in the order of their revisions.
        fields: A hash of each part that it is made from.
        app: The label of the app, which one host runs at a time: this one, which does nothing else with the release.
        now: The time, in seconds since the epoch.
        is_restart: Whether the user wants it upgraded whatever has changed.
    """
    last = records[-1] if records else None
    if last is None or last.status == "uninstalled":
        return Plan("install")
    if last.is_pending:
        return _recover(records, last, app, now)
    if last.status != "deployed":
        return Plan("upgrade", f"Revision {last.revision} has {last.status}; upgrading it")
    known = recorded_fields(last.annotations)
    if known is None:
        return Plan("upgrade", f"Upgrading: what revision {last.revision} was made from is not recorded")
    if changed := sorted(name for name in {*known, *fields} if known.get(name) != fields.get(name)):
        return Plan("upgrade", f"Upgrading: this has changed: {', '.join(changed)}")
    if is_restart:
        return Plan("upgrade", "Upgrading, as it is restarted; nothing has changed")
    return Plan("keep")


def recorded_fields(annotations: Mapping[str, str]) -> dict[str, Any] | None:
    """The hashes in the annotations of a record, or None."""
    try:
        known = json.loads(annotations.get(FIELDS, ""))
    except ValueError:
        return None
    return known if isinstance(known, dict) else None


def _recover(records: Sequence[ReleaseRecord], last: ReleaseRecord, app: str, now: float) -> Plan:
    is_ours = last.labels.get(APP) == app and last.labels.get(REVISION) == str(last.revision)
    if not is_ours and now - last.created_at < FOREIGN_SECONDS:
        return Plan("wait", f"Waiting for another process that is at it: revision {last.revision} is {last.status}")
    what = f"Revision {last.revision} was left {last.status} by an operation that did not end"
    good = [record.revision for record in records if record.status == "deployed"]
    if last.status == "uninstalling":
        return Plan("uninstall", f"{what}; uninstalling it to the end")
    if not good:
        return Plan("uninstall", f"{what}, and none was ever deployed; uninstalling it")
    return Plan("rollback", f"{what}; going back to revision {good[-1]}", good[-1])
