"""Create requests that the watchdog knows of until the engine has answered them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairlead.engines.docker.api import Api, Params, Refused
from fairlead.engines.guard import Guard, MadeKind


async def create_object(
    api: Api,
    guard: Guard | None,
    kind: MadeKind,
    name: str,
    body: Mapping[str, Any],
    params: Params | None = None,
) -> Any:
    """Create a container, network or volume, and return the engine's answer.

    Until there is an answer the watchdog knows of the request, so that the object is removed if this host dies.

    Raises:
        Refused: The engine says no.
        EngineUnavailable: It does not answer; the object may or may not be created.
    """
    if guard is not None:
        guard.making(kind, name)
    try:
        answer = await api.call("POST", f"{kind}s/create", params=params, body=body)
    except Refused:
        _note_answer(guard, kind, name)
        raise
    _note_answer(guard, kind, name)
    return answer


def _note_answer(guard: Guard | None, kind: MadeKind, name: str) -> None:
    if guard is not None:
        guard.made(kind, name)
