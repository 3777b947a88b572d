"""Finding the engine and connecting to it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping

from fairlead.engines.docker.api import Api
from fairlead.engines.docker.engine import ANSWER_TIME, DockerEngine
from fairlead.engines.docker.identity import identify
from fairlead.engines.docker.transport.discovery import Candidate, candidates
from fairlead.engines.watchdog.guard import Guard
from fairlead.errors import EngineError, EngineUnavailable


async def connect(environment: Mapping[str, str] | None = None, guard: Guard | None = None) -> DockerEngine:
    """Find the container engine and connect to it.

    Args:
        environment: The user's environment, which says where to look; that of this process by default.
        guard: Is told what is being made and built, so that nothing of it is left should this host die.

    Raises:
        EngineUnavailable: None answers; the message tells what was tried.
    """
    environment = dict(os.environ if environment is None else environment)
    tried: list[str] = []
    for candidate in candidates(environment):
        try:
            return await _connect(candidate, environment, guard)
        except EngineUnavailable as error:
            tried.append(_outcome(candidate, error))
    raise EngineUnavailable(
        f"no container engine answers; tried {', '.join(tried)}.",
        remedy="Start Docker or Podman (podman system service), or set DOCKER_HOST to where one is.",
    )


async def _connect(candidate: Candidate, environment: Mapping[str, str], guard: Guard | None) -> DockerEngine:
    api = Api(candidate, environment)
    try:
        async with asyncio.timeout(ANSWER_TIME):
            return DockerEngine(api, await identify(api), environment, guard)
    except BaseException as error:
        await api.close()
        if isinstance(error, TimeoutError):
            raise api.lost(f"not within {ANSWER_TIME:.0f} s") from None
        if isinstance(error, EngineError) and not isinstance(error, EngineUnavailable):
            raise api.lost(f"what answers is no container engine: {error.message}") from error
        raise


def _outcome(candidate: Candidate, error: EngineUnavailable) -> str:
    path = candidate.socket
    if path is None:
        return f"{candidate}: {error.message.rstrip('.')}"
    try:
        if not path.exists():
            return f"{candidate}: there is no such socket"
        if not os.access(path, os.R_OK | os.W_OK):
            return f"{candidate}: this user may not use it (join the group that owns it, then log in again)"
    except OSError:
        return f"{candidate}: this user may not look there"
    return f"{candidate}: {error.message.rstrip('.')}"
