"""From the id in a path to the resource: declared ones by their names, observed ones by their ids."""

from __future__ import annotations

from fairlead.errors import FairleadError
from fairlead.model.observation.snapshot import Snapshot
from fairlead.model.replicas import find_replica
from fairlead.runtime.host import Host


def find_snapshot(host: Host, id: str) -> Snapshot:
    """Return the snapshot of a resource, by its name regardless of case or by its id.

    Raises:
        UsageError: There is none; the message names the nearest, or all.
    """
    return host.run.bus.current(host.supervisor.resolve_id(id))


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
    replica = find_replica(host.run.app, id) if id not in host.run.bus.snapshots else None
    if replica is not None:
        name = replica.resource.name
        remedy = f"Use `fairlead {deed} {name}`, which means all of its replicas."
        raise FairleadError(
            f"it is a replica of {name}, and can't {deed} by itself", resource=replica.id, remedy=remedy
        )
    if snapshot.origin == "declared":
        return snapshot.id
    raise FairleadError(
        f"it is observed below {snapshot.owner}, so it can't {deed} by itself",
        resource=snapshot.id,
        remedy=_remedy(host, snapshot.owner or "", deed),
    )


def _remedy(host: Host, owner: str, deed: str) -> str:
    """The command for the owner as a whole; those of its kind may do it for a part of it."""
    commands = list(host.supervisor.runner(owner).commands)
    own = f", or one of its own commands ({', '.join(commands)}): `fairlead command {owner} NAME`" if commands else ""
    return f"Use `fairlead {deed} {owner}`{own}."
