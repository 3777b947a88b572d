"""Images from registries."""

from __future__ import annotations

from collections.abc import Callable

from fairlead.engines.docker.api import Api


async def pull(api: Api, reference: str, architecture: str, on_progress: Callable[[str], None]) -> None:
    """Fetch an image."""
    raise NotImplementedError
