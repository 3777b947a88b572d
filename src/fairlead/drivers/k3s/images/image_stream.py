"""An archive of images on its way from the engine into nodes: read once, written to all of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing

from fairlead.drivers.k3s.images.node_images import Node, NodeImage
from fairlead.engines.containers import ContainerEngine
from fairlead.engines.tasks import run_all

INTERVAL = 2.0
"""Seconds between two lines about the progress."""
_PIECES = 16
"""Pieces that one node may be behind; then the others wait for it."""


class _Pipe:
    """Bytes on their way to one node; those that come when it has stopped reading are dropped."""

    def __init__(self) -> None:
        self._pieces: asyncio.Queue[bytes] = asyncio.Queue(_PIECES)
        self._is_closed = False

    async def write(self, piece: bytes) -> None:
        """Hand over a piece, waiting while the node is behind; an empty one is the end."""
        if not self._is_closed:
            await self._pieces.put(piece)

    def close(self) -> None:
        """Stop reading."""
        self._is_closed = True
        while not self._pieces.empty():
            self._pieces.get_nowait()  # lets a writer that waits go on

    async def read(self) -> AsyncIterator[bytes]:
        """The pieces up to the end."""
        while piece := await self._pieces.get():
            yield piece


async def send(
    engine: ContainerEngine, images: Sequence[NodeImage], nodes: Sequence[Node], log: Callable[[str], None]
) -> None:
    """Send images to nodes, all in one archive.

    Args:
        engine: The engine that has the images.
        images: The images, which are for the same platform.
        nodes: Where they go.
        log: Gets a line at the beginning, now and then, and at the end.

    Raises:
        EngineError: The engine can't give them out, or a node can't take them; other nodes may have them then.
    """
    progress = _Progress(images, nodes, log)
    pipes = [_Pipe() for _ in nodes]
    imports = (_load(node, pipe, images) for node, pipe in zip(nodes, pipes, strict=True))
    await run_all("images for nodes", _feed(engine, images, pipes, progress), *imports)
    progress.finish()


async def _feed(
    engine: ContainerEngine, images: Sequence[NodeImage], pipes: Sequence[_Pipe], progress: _Progress
) -> None:
    references = dict.fromkeys(image.reference for image in images)
    async with aclosing(engine.save_images(*references, platform=images[0].platform)) as archive:
        async for piece in archive:
            if piece:
                progress.add(len(piece))
                for pipe in pipes:
                    await pipe.write(piece)
    for pipe in pipes:
        await pipe.write(b"")


async def _load(node: Node, pipe: _Pipe, images: Sequence[NodeImage]) -> None:
    try:
        await node.load(pipe.read(), images)
    finally:
        pipe.close()


class _Progress:
    """Lines about the progress: what goes where, and how much of it has gone."""

    def __init__(self, images: Sequence[NodeImage], nodes: Sequence[Node], log: Callable[[str], None]) -> None:
        self._what = f"{', '.join(image.name for image in images)} into {', '.join(node.name for node in nodes)}"
        self._log = log
        self._bytes = 0
        self._begin = time.monotonic()
        self._next = self._begin + INTERVAL
        log(f"Loading {self._what}")

    def add(self, count: int) -> None:
        """So many bytes more have gone."""
        self._bytes += count
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + INTERVAL
            self._log(f"Loading {self._what}: {self._size}")

    def finish(self) -> None:
        """All is there."""
        self._log(f"Loaded {self._what}: {self._size} in {time.monotonic() - self._begin:.1f} s")

    @property
    def _size(self) -> str:
        return f"{self._bytes / 2**20:.0f} MiB"
