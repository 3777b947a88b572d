"""A build context for builders that do not know the ignore file of a Dockerfile.

``Dockerfile.dockerignore`` beside a Dockerfile is read by BuildKit alone. The builder that Docker has without it, and
Podman's, would send everything, ``.env`` files included; so they get a copy of the folder without what it names.
"""

from __future__ import annotations

import asyncio
import tarfile
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from fairlead.engines.containers import BuildRequest
from fairlead.engines.docker.context import OUTSIDE, pack


@asynccontextmanager
async def staged(request: BuildRequest) -> AsyncIterator[BuildRequest]:
    """A request with a copy of the context, without what the ignore file of its Dockerfile names.

    Args:
        request: What to build.

    Yields:
        The request; the copy lasts as long as this.
    """
    with tempfile.TemporaryDirectory(prefix="fairlead-context-") as folder:
        dockerfile = await asyncio.to_thread(_copy, request, Path(folder))
        yield replace(request, context=folder, dockerfile=dockerfile)


def _copy(request: BuildRequest, folder: Path) -> str:
    """Copy what is to be sent; where the Dockerfile is: in the copy, or where it was, outside of the context."""
    archive, name = pack(Path(request.context), request.dockerfile_path)
    with archive, tarfile.open(fileobj=archive) as tar:
        # All of it is the user's own, links to elsewhere included, which the usual filter refuses.
        tar.extraction_filter = lambda member, path: member
        tar.extractall(folder)
    if name != OUTSIDE:
        return name
    Path(folder, name).unlink()  # no image should hold it
    return str(request.dockerfile_path.absolute())
