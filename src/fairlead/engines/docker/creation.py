"""Create requests that the watchdog knows of until the engine has answered them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairlead.engines.docker.api import Api, Params, Refused
from fairlead.engines.watchdog.container_sweep import RUN_LABEL
from fairlead.engines.watchdog.guard import EngineObjectKind, Guard


async def create_object(
    api: Api,
    guard: Guard | None,
    kind: EngineObjectKind,
    name: str,
    body: Mapping[str, Any],
    params: Params | None = None,
) -> Any:
    """Create a container, network or volume, and return the engine's answer.

    Until there is an answer the watchdog waits for the object, if it is one of the run's, so that it is removed if this
    host dies.

    Raises:
        Refused: The engine says no.
        EngineUnavailable: It does not answer; the object may or may not be created.
    """
    guard = guard if RUN_LABEL in (body.get("Labels") or {}) else None
    if guard is not None:
        guard.creating(kind, name)
    try:
        answer = await api.call("POST", f"{kind}s/create", params=params, body=body)
    except Refused as refused:
        if guard is not None:
            (guard.created if refused.is_final else guard.creation_failed)(kind, name)
        raise
    if guard is not None:
        guard.created(kind, name)
    return answer
