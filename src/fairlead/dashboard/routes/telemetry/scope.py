"""The resources that a question about telemetry is about."""

from __future__ import annotations

from fairlead.dashboard.request import Parameter, Request
from fairlead.dashboard.route import Served
from fairlead.errors import UsageError

RESOURCES = Parameter("r", "A resource, by its name or id; all without.", many=True)
FOLLOW = Parameter("follow", "Go on with what comes, one object per line, until the run ends.", "flag")
DEFAULT_LIMIT = 200
MOST = 5_000


def resources_of(served: Served, request: Request) -> frozenset[str] | None:
    """The ids of the resources that are asked for; None for all.

    What is no resource of the app may be one of an imported trace, and is taken as it is.
    """
    names = request.texts("r")
    return frozenset(_id(served, name) for name in names) if names else None


def _id(served: Served, name: str) -> str:
    try:
        return served.host.supervisor.resolve_id(name)
    except UsageError:
        return name


def limit_of(request: Request) -> int:
    """How many entries are asked for at most."""
    number = request.number("limit")
    return DEFAULT_LIMIT if number is None else min(int(number), MOST)
