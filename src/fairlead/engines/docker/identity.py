"""Which engine answers, asked in the way that takes it least.

An engine looks at the versions of all its parts before it says its own, for which it starts programs: a quarter of a
second on an idle machine, during which nothing of a run can start. What is needed at first is in the head of its answer
to a ping as well, except whether it is Docker Desktop.
"""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fairlead.engines.docker.api import Api, Refused, parse_version
from fairlead.engines.docker.transport.discovery import Candidate

LAST_WITHOUT_MINIMUM: Final = (1, 48)
"""The last version of the API whose engines surely speak ``NEWEST_VERSION`` as well; newer ones are asked for that."""


@dataclass(frozen=True, slots=True)
class Identity:
    """An engine.

    Args:
        name: ``docker`` or ``podman``.
        version: Its version.
        is_desktop: Whether it runs in a virtual machine that gives containers ``host.docker.internal`` by itself.
    """

    name: str
    version: str
    is_desktop: bool


async def identify(api: Api) -> Identity:
    """Ask an engine what it is, and have the API speak a version that it knows.

    Raises:
        EngineError: What answers is no engine.
        EngineUnavailable: It does not answer.
    """
    return (None if may_be_desktop(api.candidate) else await _by_ping(api)) or await _by_version(api)


def may_be_desktop(candidate: Candidate) -> bool:
    """Whether an engine may be Docker Desktop, as far as its address and this machine tell."""
    if candidate.socket is None or sys.platform != "linux":
        return True
    is_wsl = "microsoft" in platform.release().lower()  # where it lends its socket to Linux
    return is_wsl or "desktop" in os.path.realpath(candidate.socket)


async def _by_ping(api: Api) -> Identity | None:
    try:
        async with api.stream("GET", "_ping", versioned=False) as answer:
            await answer.read()
            headers: Mapping[str, str] = answer.headers
    except Refused:
        return None
    # Server: Docker/20.10.24+dfsg1 (linux), or Libpod/4.3.1 (linux)
    server = re.match(r"(Docker|Libpod)/(\S+)", headers.get("Server", ""))
    newest = parse_version(headers.get("Api-Version"))
    if server is None or "Api-Version" not in headers or newest > LAST_WITHOUT_MINIMUM:
        return None
    api.speak(newest)
    return Identity("podman" if server[1] == "Libpod" else "docker", server[2], is_desktop=False)


async def _by_version(api: Api) -> Identity:
    answer: dict[str, Any] = await api.call("GET", "version", versioned=False)
    api.speak(parse_version(answer.get("ApiVersion")), parse_version(answer.get("MinAPIVersion")))
    parts = {str(part.get("Name")) for part in answer.get("Components") or []}
    return Identity(
        "podman" if "Podman Engine" in parts else "docker",
        str(answer.get("Version") or ""),
        sys.platform == "darwin" or "Desktop" in str((answer.get("Platform") or {}).get("Name")),
    )
