r"""A container's output: the engine's frames taken apart, complete to the last line.

Each frame is one line, or a piece of one that the engine found too long, behind a header that names the stream:

    01 00 00 00  00 00 00 2b  2026-11-20T23:55:56.794128313Z hello\n
    │            │            └ time and a space, because we ask for it
    │            └ length of what follows, big-endian
    └ 1 standard output, 2 standard error

A container with a terminal has one stream and no frames.

A followed log can't be trusted to the end. Docker may rotate a file away under the reader; so the rest is read once
more when the container has ended, from the time of the last line on, and what came already is skipped. Podman drops
lines in the middle of a burst, and what it has not sent when the container ends (containers/podman#21914, seen with
4.3); there a followed log only tells that there is something new, which is then read without following.

As nothing hangs on the end of a followed log, it is asked for without HTTP's chunks: an engine makes one for each line,
and to take them apart costs more than all the rest.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator
from struct import Struct
from typing import Final, Literal

from fairlead.engines.containers import OutputChunk
from fairlead.engines.docker.api import Api, Params, Refused, segment
from fairlead.engines.docker.responses import timestamp
from fairlead.engines.lines import LineSplitter
from fairlead.errors import EngineError

HEADER: Final = 8
_kind_and_size = Struct(">B3xL").unpack_from
PAUSE: Final = 0.1
"""Seconds at least before a log is read again while its container runs."""
TAIL: Final = 1000
"""Lines that are read again, beyond those of the last second, to see what is new."""
PLACE: Final = 1e-5
"""Seconds by which lines are told apart that have the same whole second for their time."""
BATCH: Final = 64 * 1024
"""Bytes that are taken apart at once, so that a flood of output leaves others their turn."""

Stream = Literal["stdout", "stderr"]
STREAMS: Final[dict[int, Stream]] = {0: "stdout", 1: "stdout", 2: "stderr"}


class Gap(Exception):
    """There may be lines between those that were seen and those that come."""


class Demultiplexer:
    """Takes the frames of one container apart, over any number of answers of the engine.

    Args:
        since: Seconds since the epoch; what was written before is skipped. Engines are not that exact.

    Attributes:
        last: Time of the last line that was seen, as the engine wrote it.
        repeats: Number of frames seen with just that time.
    """

    def __init__(self, since: float | None = None) -> None:
        self.last = b""
        self.repeats = 0
        self._skip_to = b""
        self._skip = 0
        self._since = since
        self._overlap = False
        self._settled = False  # whether what comes is new, without a look at its time
        self._pending = b""
        self._splitters: dict[Stream, LineSplitter] = {"stdout": LineSplitter(), "stderr": LineSplitter()}

    def restart(self, *, overlap: bool = False) -> None:
        """Expect the stream again, from a moment before ``last`` on, and skip what came before.

        Args:
            overlap: Insist on a first frame from before ``last``; else ``feed`` raises ``Gap``: some may be missing.
        """
        self._pending = b""
        self._skip_to, self._skip = self.last, self.repeats
        self._overlap = overlap
        self._settled = False

    def ahead(self) -> Demultiplexer:
        """One that skips what this one has seen; it has a ``last`` as soon as there is something new."""
        other = Demultiplexer(self._since)
        other._skip_to, other._skip = self.last, self.repeats
        return other

    def feed(self, data: bytes) -> list[OutputChunk]:
        """Take the next bytes of the answer and return what they complete, streams in the order they came."""
        data = self._pending + data if self._pending else data
        position, end = 0, len(data)
        chunks: list[OutputChunk] = []
        payloads: list[bytes] = []
        stream = 1
        last, repeats = self.last, self.repeats  # this loop is what a line costs
        while (begin := position + HEADER) <= end:
            kind, size = _kind_and_size(data, position)
            following = begin + size
            if following > end:
                break
            if kind != stream:
                self._add(chunks, stream, payloads, last, repeats)
                payloads, stream = [], kind
            space = data.find(b" ", begin, following)
            moment = data[begin:space]
            if self._settled or self._is_new(moment):
                if moment == last:
                    repeats += 1
                else:
                    last, repeats = moment, 1
                if self._settled or self._is_wanted(_seconds(last, repeats)):
                    payloads.append(data[space + 1 : following])
            position = following
        self.last, self.repeats = last, repeats
        self._pending = data[position:]
        self._add(chunks, stream, payloads, last, repeats)
        return chunks

    def flush(self) -> list[OutputChunk]:
        """Take the end: lines without a line end."""
        moment = _seconds(self.last, self.repeats)
        ends = ((stream, splitter.flush()) for stream, splitter in self._splitters.items())
        return [OutputChunk(stream, moment, lines) for stream, lines in ends if lines]

    def _is_new(self, moment: bytes) -> bool:
        if self._overlap:
            if _key(moment) >= _key(self._skip_to):
                raise Gap
            self._overlap = False
        if self._skip_to:
            if moment == self._skip_to and self._skip:
                self._skip -= 1
                return False
            if _key(moment) < _key(self._skip_to):
                return False
            self._skip_to = b""
        return True

    def _is_wanted(self, moment: float) -> bool:
        if self._since is not None and moment < self._since:
            return False
        self._since = None
        self._settled = True
        return True

    def _add(self, chunks: list[OutputChunk], kind: int, payloads: list[bytes], moment: bytes, repeats: int) -> None:
        stream = STREAMS.get(kind, "stdout")
        if payloads and (lines := self._splitters[stream].feed(b"".join(payloads))):
            chunks.append(OutputChunk(stream, _seconds(moment, repeats), lines))


def _seconds(moment: bytes, repeats: int) -> float:
    """The time of a line. Where times are whole seconds, as Podman's, its place in the second counts."""
    seconds = timestamp(moment.decode(errors="replace"))
    if seconds is None:
        return time.time()
    return seconds if b"." in moment else seconds + min(repeats * PLACE, 1.0) - PLACE


def _key(moment: bytes) -> tuple[float, bytes]:
    # Podman leaves zeros at the end out, so texts compare only where the second is the same
    return timestamp(moment.decode(errors="replace")) or 0.0, moment


async def read_logs(
    api: Api, container: str, *, since: float | None, follow: bool, follow_loses: bool
) -> AsyncGenerator[OutputChunk, None]:
    """Read what a container has written.

    Args:
        api: The engine.
        container: Id of the container.
        since: Seconds since the epoch; None for all it has written.
        follow: Whether to go on until the container has ended.
        follow_loses: Whether the engine drops lines of a followed log.
    """
    state = await _state(api, container)
    if state is None:
        raise EngineError(f"there is no container {container} to read the output of.")
    if state["tty"]:
        read = _terminal(api, container, _params(since=since, follow=follow, timestamps=False))
    elif not follow:
        read = _once(api, container, since)
    elif follow_loses:
        read = _whenever_new(api, container, since)
    else:
        read = _followed(api, container, since)
    async with contextlib.aclosing(read):
        async for chunk in read:
            yield chunk


async def _terminal(api: Api, container: str, params: Params) -> AsyncGenerator[OutputChunk, None]:
    splitter = LineSplitter()
    async with api.stream("GET", _path(container), params=params) as answer:
        async for data in answer.content.iter_any():
            if lines := splitter.feed(data):
                yield OutputChunk("stdout", time.time(), lines)
    if lines := splitter.flush():
        yield OutputChunk("stdout", time.time(), lines)


async def _once(api: Api, container: str, since: float | None) -> AsyncGenerator[OutputChunk, None]:
    seen = Demultiplexer(since)
    async with contextlib.aclosing(_part(api, container, seen, _params(since=since))) as part:
        async for chunk in part:
            yield chunk
    for chunk in seen.flush():
        yield chunk


async def _followed(api: Api, container: str, since: float | None) -> AsyncGenerator[OutputChunk, None]:
    seen = Demultiplexer(since)
    running = True
    while True:
        rest = (
            _part(api, container, seen, _params(since=_from(seen, since), follow=True))
            if running
            else _news(api, container, seen, since)
        )
        async with contextlib.aclosing(rest):
            async for chunk in rest:
                yield chunk
        if not running:
            break
        if running := await _is_running(api, container):  # a restart, or a log that was rotated
            await asyncio.sleep(PAUSE)
    for chunk in seen.flush():
        yield chunk


async def _whenever_new(api: Api, container: str, since: float | None) -> AsyncGenerator[OutputChunk, None]:
    seen = Demultiplexer(since)
    since = since and int(since) - 0.01  # Podman's times are whole seconds here
    while True:
        running = await _is_running(api, container)
        begin, before = time.monotonic(), (seen.last, seen.repeats)
        async with contextlib.aclosing(_news(api, container, seen, since)) as news:
            async for chunk in news:
                yield chunk
        if not running:
            break
        # What takes the engine long is asked for less often: it searches all that was written.
        await asyncio.sleep(max(PAUSE, 2 * (time.monotonic() - begin)))
        if before == (seen.last, seen.repeats):
            await _until_new(api, container, seen, since)
    for chunk in seen.flush():
        yield chunk


async def _news(
    api: Api, container: str, seen: Demultiplexer, since: float | None
) -> AsyncGenerator[OutputChunk, None]:
    """What is there and was not seen; from the end of the log, if that overlaps with what was."""
    for params in (_tail(seen), _params(since=_from(seen, since))):
        if params is None:
            continue
        try:
            async with contextlib.aclosing(_part(api, container, seen, params, overlap="tail" in params)) as part:
                async for chunk in part:
                    yield chunk
            break
        except Gap:
            continue


async def _part(
    api: Api, container: str, seen: Demultiplexer, params: Params, overlap: bool = False
) -> AsyncGenerator[OutputChunk, None]:
    """Read until the engine ends the answer; nothing if the container was removed.

    Where the connection was lost in the middle, that is an error only of a log that is not followed.
    """
    seen.restart(overlap=overlap)
    try:
        async with api.stream("GET", _path(container), params=params, chunked=not params["follow"]) as answer:
            async for data in answer.content.iter_any():
                for start in range(0, len(data), BATCH):
                    for chunk in seen.feed(data[start : start + BATCH]):
                        yield chunk
    except Refused as refused:
        if not refused.is_about_something_gone:
            raise


async def _until_new(api: Api, container: str, seen: Demultiplexer, since: float | None) -> None:
    """Return when the container has written something that was not seen, or has ended."""
    ahead = seen.ahead()
    params = _tail(seen, follow=True) or _params(since=_from(seen, since), follow=True)
    try:
        async with api.stream("GET", _path(container), params=params) as answer:
            async for data in answer.content.iter_any():
                ahead.feed(data)
                if ahead.last:
                    return
    except Refused as refused:
        if not refused.is_about_something_gone:
            raise


async def _is_running(api: Api, container: str) -> bool:
    state = await _state(api, container)
    return state is not None and state["running"]


async def _state(api: Api, container: str) -> dict[str, bool] | None:
    try:
        raw = await api.call("GET", f"containers/{segment(container)}/json")
    except Refused as refused:
        if refused.is_about_something_gone:
            return None
        raise
    return {"tty": bool(raw["Config"].get("Tty")), "running": bool((raw.get("State") or {}).get("Running"))}


def _path(container: str) -> str:
    return f"containers/{segment(container)}/logs"


def _params(
    *, since: float | None = None, tail: int | None = None, follow: bool = False, timestamps: bool = True
) -> Params:
    return {
        "stdout": True,
        "stderr": True,
        "timestamps": timestamps,
        "follow": follow,
        # A number of this size is good for a quarter of a microsecond; the line of just that moment is wanted.
        **({} if since is None else {"since": f"{since - 1e-6:.9f}"}),
        **({} if tail is None else {"tail": tail}),
    }


def _tail(seen: Demultiplexer, *, follow: bool = False) -> Params | None:
    # From the log's end if that may suffice, because engines search for a time from the beginning. Not many lines, for
    # Podman needs a minute for 100,000.
    return _params(tail=seen.repeats + TAIL, follow=follow) if 0 < seen.repeats < TAIL else None


def _from(seen: Demultiplexer, since: float | None) -> float | None:
    # A hundredth earlier, because numbers get rounded and Podman's comparison is strict; what came already is skipped.
    moment = timestamp(seen.last.decode(errors="replace"))
    return since if moment is None else moment - 0.01
