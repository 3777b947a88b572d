"""Images from Dockerfiles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fairlead.engines.docker.api import Api


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """What to build."""

    context: str
    dockerfile: str
    tag: str
    args: Mapping[str, str]
    target: str | None
    labels: Mapping[str, str]


async def build(api: Api, engine: str, request: BuildRequest, on_output: Callable[[list[bytes]], None]) -> None:
    """Build an image."""
    raise NotImplementedError
