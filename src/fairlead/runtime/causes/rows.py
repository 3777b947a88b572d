"""The resources of a run as causes see them: declared ones, their replicas, and observed ones. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fairlead.model.observation.snapshot import HealthReport, ReplicaView, Snapshot


@dataclass(frozen=True, slots=True)
class Row:
    """A resource, or one replica of it.

    Args:
        id: Its id.
        name: What it is called.
        snapshot: The resource.
        replica: The replica; None for the resource as a whole.
    """

    id: str
    name: str
    snapshot: Snapshot
    replica: ReplicaView | None = None

    @property
    def reports(self) -> tuple[HealthReport, ...]:
        """The last answers of its health checks."""
        return self.snapshot.reports if self.replica is None else self.replica.reports

    @property
    def exit_code(self) -> int | None:
        """How it ended."""
        return self.snapshot.exit_code if self.replica is None else self.replica.exit_code


class Rows:
    """All rows of a run, found by id.

    Args:
        snapshots: The present snapshots, in order.
    """

    def __init__(self, snapshots: Sequence[Snapshot]) -> None:
        self.snapshots = {snapshot.id: snapshot for snapshot in snapshots}
        self.order = {snapshot.id: place for place, snapshot in enumerate(snapshots)}

    def row(self, id: str) -> Row:
        """The row of a resource."""
        snapshot = self.snapshots[id]
        return Row(id, snapshot.name, snapshot)

    def ancestors(self, snapshot: Snapshot) -> Iterator[Snapshot]:
        """What a resource is shown below, the nearest first."""
        seen = {snapshot.id}
        while snapshot.parent is not None and snapshot.parent not in seen:
            parent = self.snapshots.get(snapshot.parent)
            if parent is None:
                return
            seen.add(parent.id)
            yield parent
            snapshot = parent

    def declared(self, snapshot: Snapshot) -> Snapshot | None:
        """The resource of the definition that a resource is, or is shown below."""
        if snapshot.declared is not None:
            return snapshot
        return next((each for each in self.ancestors(snapshot) if each.declared is not None), None)
