r"""A container's output: the engine's frames taken apart, complete to the last line.

Each frame is one line, or a piece of one that the engine found too long, behind a header that names the stream:

    01 00 00 00  00 00 00 2b  2026-11-20T23:55:56.794128313Z hello\n
    │            │            └ time and a space, because we ask for it
    │            └ length of what follows, big-endian
    └ 1 standard output, 2 standard error

A container with a terminal has one stream and no frames.

A followed log may end before its end: Podman drops what it has not sent when the container ends
(containers/podman#21914), and any engine may rotate a file away under the reader. So the rest is read once more after
the container's end, from the time of the last line on, and what came already is skipped.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Final, Literal

from fairlead.engines.containers import OutputChunk
from fairlead.engines.docker.api import Api, Params, Refused, segment
from fairlead.engines.docker.shapes import timestamp
from fairlead.engines.lines import LineSplitter

HEADER: Final = 8
PAUSE: Final = 0.1
"""Seconds before a log that ended while its container runs is followed again."""
BATCH: Final = 64 * 1024
"""Bytes that are taken apart at once, so that a flood of output leaves others their turn."""

Stream = Literal["stdout", "stderr"]
STREAMS: Final[dict[int, Stream]] = {0: "stdout", 1: "stdout", 2: "stderr"}


class Demultiplexer:
    """Takes the frames of one container apart, over any number of answers of the engine.

    Attributes:
        last: Time of the last line that was seen, as the engine wrote it.
        repeats: Number of frames seen with just that time.
    """

    def __init__(self) -> None:
        self.last = b""
        self.repeats = 0
        self._skip_to = b""
        self._skip = 0
        self._pending = b""
        self._splitters: dict[Stream, LineSplitter] = {"stdout": LineSplitter(), "stderr": LineSplitter()}

    def restart(self) -> None:
        """Expect the stream again, from a moment before ``last`` on, and skip what came before."""
        self._pending = b""
        self._skip_to, self._skip = self.last, self.repeats

    def feed(self, data: bytes) -> list[OutputChunk]:
        """Take the next bytes of the answer and return what they complete, streams in the order they came."""
        data = self._pending + data if self._pending else data
        position, end = 0, len(data)
        chunks: list[OutputChunk] = []
        payloads: list[bytes] = []
        stream: Stream = "stdout"
        while position + HEADER <= end:
            size = int.from_bytes(data[position + 4 : position + HEADER], "big")
            following = position + HEADER + size
            if following > end:
                break
            kind = STREAMS.get(data[position], "stdout")
            if kind is not stream:
                self._add(chunks, stream, payloads)
                payloads, stream = [], kind
            space = data.find(b" ", position + HEADER, following)
            if self._is_new(data[position + HEADER : space]):
                payloads.append(data[space + 1 : following])
            position = following
        self._pending = data[position:]
        self._add(chunks, stream, payloads)
        return chunks

    def flush(self) -> list[OutputChunk]:
        """Take the end: lines without a line end."""
        moment = self._moment()
        ends = ((stream, splitter.flush()) for stream, splitter in self._splitters.items())
        return [OutputChunk(stream, moment, lines) for stream, lines in ends if lines]

    def _is_new(self, moment: bytes) -> bool:
        if self._skip_to:
            if moment == self._skip_to and self._skip:
                self._skip -= 1
                return False
            if _key(moment) < _key(self._skip_to):
                return False
            self._skip_to = b""
        if moment == self.last:
            self.repeats += 1
        else:
            self.last, self.repeats = moment, 1
        return True

    def _add(self, chunks: list[OutputChunk], stream: Stream, payloads: list[bytes]) -> None:
        if payloads and (lines := self._splitters[stream].feed(b"".join(payloads))):
            chunks.append(OutputChunk(stream, self._moment(), lines))

    def _moment(self) -> float:
        return timestamp(self.last.decode(errors="replace")) or time.time()


def _key(moment: bytes) -> tuple[float, bytes]:
    # Podman leaves zeros at the end out, so texts compare only where the second is the same
    return timestamp(moment.decode(errors="replace")) or 0.0, moment


async def follow_logs(api: Api, container: str, since: float | None, follow: bool) -> AsyncIterator[OutputChunk]:
    """Read what a container writes.

    Args:
        api: The engine.
        container: Id of the container.
        since: Seconds since the epoch; None for all it has written.
        follow: Whether to go on until the container has ended.
    """
    state = await _state(api, container)
    if state is None:
        raise Refused(404, f"there is no container {container}")
    if state["tty"]:
        async for chunk in _terminal(api, container, since, follow):
            yield chunk
        return
    demultiplexer = Demultiplexer()
    running = follow
    while True:
        try:
            async with api.stream("GET", _path(container), params=_params(since, running)) as answer:
                async for data in answer.content.iter_any():
                    for piece in range(0, len(data), BATCH):
                        for chunk in demultiplexer.feed(data[piece : piece + BATCH]):
                            yield chunk
        except Refused as refused:
            if refused.status != 404 or not demultiplexer.last:
                raise
            break  # it was removed meanwhile
        if not running:
            break
        state = await _state(api, container)
        if state is None:
            break
        if running := state["running"]:
            await asyncio.sleep(PAUSE)
        demultiplexer.restart()
        since = _before(demultiplexer.last, since)
    for chunk in demultiplexer.flush():
        yield chunk


async def _terminal(api: Api, container: str, since: float | None, follow: bool) -> AsyncIterator[OutputChunk]:
    splitter = LineSplitter()
    params = {**_params(since, follow), "timestamps": False}
    async with api.stream("GET", _path(container), params=params) as answer:
        async for data in answer.content.iter_any():
            if lines := splitter.feed(data):
                yield OutputChunk("stdout", time.time(), lines)
    if lines := splitter.flush():
        yield OutputChunk("stdout", time.time(), lines)


async def _state(api: Api, container: str) -> dict[str, bool] | None:
    try:
        raw = await api.call("GET", f"containers/{segment(container)}/json")
    except Refused as refused:
        if refused.status == 404:
            return None
        raise
    return {"tty": bool(raw["Config"].get("Tty")), "running": bool((raw.get("State") or {}).get("Running"))}


def _path(container: str) -> str:
    return f"containers/{segment(container)}/logs"


def _params(since: float | None, follow: bool) -> Params:
    return {
        "stdout": True,
        "stderr": True,
        "timestamps": True,
        "follow": follow,
        **({} if since is None else {"since": f"{since:.9f}"}),
    }


def _before(last: bytes, since: float | None) -> float | None:
    # A hundredth earlier: Podman reads the number as a float, and what came already is skipped anyhow
    moment = timestamp(last.decode(errors="replace"))
    return since if moment is None else moment - 0.01
