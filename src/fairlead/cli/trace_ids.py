"""Traces by the first characters of their ids."""

from __future__ import annotations

from fairlead.cli.client import Client
from fairlead.errors import UsageError

_LENGTH = 32
_SHORTEST = 4
_MOST = 5_000


def whole_trace_id(client: Client, start: str) -> str:
    """Return the id of the trace that begins so; a whole one as it is.

    Raises:
        UsageError: No kept trace begins so, or more than one does.
    """
    start = start.lower()
    if len(start) >= _LENGTH:
        return start
    if len(start) < _SHORTEST:
        raise UsageError(f"{start} is too short for the id of a trace", remedy=f"Give {_SHORTEST} characters of it.")
    found = client.get("/api/telemetry/traces", [("q", start), ("limit", _MOST)], seconds=None)["traces"]
    ids = [trace["trace_id"] for trace in found if trace["trace_id"].startswith(start)]
    if len(ids) == 1:
        return str(ids[0])
    if ids:
        raise UsageError(f"{len(ids)} traces begin with {start}", remedy=f"Give more of it: {', '.join(ids[:3])}.")
    raise UsageError(f"there is no trace {start}", remedy="`fairlead traces` lists those that are kept.")
