"""The replicas of a resource: how many of it run on this machine, and what each is called."""

from __future__ import annotations

import re
from typing import NamedTuple

from fairlead.model.app import App
from fairlead.model.programs.workload import Workload
from fairlead.model.resource import Resource

_ID = re.compile(r"(.+)[-.]([1-9][0-9]{0,5})")


class Replica(NamedTuple):
    """One replica: its resource, its number from 0, and its id."""

    resource: Resource
    number: int
    id: str


def local_replicas(resource: Resource) -> int:
    """How many of a resource run on this machine: replicas of a process; a container runs once."""
    return resource.replicas if isinstance(resource, Workload) and resource.placement.is_process else 1


def replica_id(app: App, resource: str, number: int) -> str:
    """What a replica is called in addresses, logs and causes: ``api-1`` for the first of ``api``.

    Where a resource of the app is called so, it is ``api.1``, which no resource can be called.

    Args:
        app: The app.
        resource: The name of the resource.
        number: The number of the replica, from 0.
    """
    id = f"{resource}-{number + 1}"
    return f"{resource}.{number + 1}" if id in app else id


def find_replica(app: App, id: str) -> Replica | None:
    """The replica with an id, regardless of case; None where no replica has it."""
    match = _ID.fullmatch(id)
    if match is None or match[1] not in app:
        return None
    resource, number = app[match[1]], int(match[2]) - 1
    known = replica_id(app, resource.name, number)
    is_one = 1 < local_replicas(resource) > number and known.lower() == id.lower()
    return Replica(resource, number, known) if is_one else None
