"""From the id in a path to the resource: declared ones by their names, observed ones by their ids."""

from __future__ import annotations

from fairlead.errors import FairleadError, UsageError
from fairlead.model.names import listing, nearest
from fairlead.model.snapshot import Snapshot
from fairlead.runtime.host import Host
from fairlead.runtime.logs.book import is_observed


def find_snapshot(host: Host, id: str) -> Snapshot:
    """Return the snapshot of a resource, by its name regardless of case or by its id.

    Raises:
        UsageError: There is none; the message names the nearest, or all.
    """
    snapshot = host.run.bus.snapshots.get(id)
    if snapshot is not None:
        return snapshot
    if not is_observed(id):
        return host.run.bus.current(host.supervisor.runner(id).name)
    owner, *_ = id.split("/")
    observed = [each.id for each in host.run.bus.all() if each.origin == "observed" and each.owner == owner]
    guess = nearest(id, observed)
    remedy = f"Did you mean {guess!r}?" if guess else f"There are {listing(observed)}." if observed else None
    raise UsageError(f"there is no resource {id!r}", remedy=remedy)


def require_declared(host: Host, id: str, deed: str) -> str:
    """Return the name of a declared resource, for what only those can do.

    Args:
        host: The host.
        id: Its id.
        deed: What is asked of it, as the command line calls it.

    Raises:
        UsageError: There is no such resource.
        FairleadError: It is an observed one; the remedy is the command for its owner.
    """
    snapshot = find_snapshot(host, id)
    if snapshot.origin == "declared":
        return snapshot.id
    raise FairleadError(
        f"it is observed below {snapshot.owner}, so it can't {deed} by itself",
        resource=snapshot.id,
        remedy=f"Use `fairlead {deed} {snapshot.owner}`.",
    )
