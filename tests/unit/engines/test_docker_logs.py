"""The engine's frames, taken apart."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from fairlead.engines.docker.api import Api
from fairlead.engines.docker.logs import Demultiplexer, Gap, read_logs
from fairlead.engines.docker.transport.discovery import Candidate
from fairlead.errors import EngineUnavailable
from fairlead.testing.listening import Listener

T1, T2, T3 = (b"2026-11-20T23:55:56.79412831%dZ" % digit for digit in (1, 2, 3))


def frame(text: bytes, moment: bytes = T1, stream: int = 1) -> bytes:
    payload = moment + b" " + text
    return bytes([stream, 0, 0, 0]) + len(payload).to_bytes(4, "big") + payload


def lines(demultiplexer: Demultiplexer, data: bytes) -> list[bytes]:
    return [line for chunk in demultiplexer.feed(data) for line in chunk.lines]


def test_frames_may_be_cut_anywhere() -> None:
    """However the answer arrives, each stream's lines must be the same, and in order."""
    data = frame(b"one\n") + frame(b"err\n", T2, 2) + frame(b"lo", T2) + frame(b"ng\n", T2) + frame(b"last", T3)
    for size in range(1, len(data) + 1):
        demultiplexer = Demultiplexer()
        chunks = []
        for start in range(0, len(data), size):
            chunks += demultiplexer.feed(data[start : start + size])
        chunks += demultiplexer.flush()
        assert [line for chunk in chunks if chunk.stream == "stdout" for line in chunk.lines] == [
            b"one",
            b"long",
            b"last",
        ]
        assert [line for chunk in chunks if chunk.stream == "stderr" for line in chunk.lines] == [b"err"]
        assert chunks[0].time == pytest.approx(1795218956.794128, abs=1e-5)


def test_what_came_already_is_skipped() -> None:
    """When the stream begins again from an earlier moment, no line must come twice, and none be left out."""
    demultiplexer = Demultiplexer()
    before = frame(b"a\n", T1) + frame(b"b\n", T2) + frame(b"b\n", T2)
    assert lines(demultiplexer, before + frame(b"cut off", T2)[:20]) == [b"a", b"b", b"b"]
    demultiplexer.restart()
    again = before + frame(b"b\n", T2) + frame(b"c\n", T3)
    assert lines(demultiplexer, again) == [b"b", b"c"]
    demultiplexer.restart()
    assert lines(demultiplexer, frame(b"c\n", T3) + frame(b"c\n", T3)) == [b"c"]


def test_lines_of_one_second_are_told_apart() -> None:
    """Where times are whole seconds, who goes on behind a line must get all that follow it, and none again."""
    second, earlier = b"2026-11-20T23:55:56Z", b"2026-11-20T23:55:55Z"
    texts = [b"%d" % number for number in range(5)]
    data = b"".join(frame(text + b"\n", second) for text in texts)
    for seen in range(1, 5):
        (*_, last) = Demultiplexer().feed(b"".join(frame(text + b"\n", second) for text in texts[:seen]))
        goes_on = Demultiplexer(last.time + 1e-6)
        assert lines(goes_on, frame(b"older\n", earlier) + data) == texts[seen:]
        goes_on.restart()
        assert lines(goes_on, data + frame(b"new\n", second)) == [b"new"]
        assert lines(Demultiplexer(last.time), data) == texts[seen - 1 :], "what has just this time is wanted"


def test_a_gap_is_noticed() -> None:
    """Where the stream has to overlap with what was seen, and does not, that must be said."""
    demultiplexer = Demultiplexer()
    lines(demultiplexer, frame(b"a\n", T1) + frame(b"b\n", T2))
    demultiplexer.restart(overlap=True)
    assert lines(demultiplexer, frame(b"a\n", T1) + frame(b"b\n", T2) + frame(b"c\n", T2)) == [b"c"]
    demultiplexer.restart(overlap=True)
    with pytest.raises(Gap):
        demultiplexer.feed(frame(b"d\n", T3))


def test_news_is_what_was_not_seen() -> None:
    """Looking ahead must tell new lines from those that were seen."""
    demultiplexer = Demultiplexer()
    lines(demultiplexer, frame(b"a\n", T1) + frame(b"b\n", T2))
    ahead = demultiplexer.ahead()
    ahead.feed(frame(b"a\n", T1) + frame(b"b\n", T2))
    assert not ahead.last
    ahead.feed(frame(b"b\n", T2))
    assert ahead.last


class Engine:
    """An engine with one container, whose log it sends in these parts, each ended by the end of the connection.

    Args:
        parts: What it sends.
        followed: After how many of them the container has ended.

    Attributes:
        asked: How each part was asked for: followed, from the end or since a moment, and in which version of HTTP.
    """

    def __init__(self, *parts: bytes, followed: int) -> None:
        self._followed = followed
        self.asked: list[tuple[str, str]] = []
        self._parts = list(parts)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        _, url, version = request.partition("\r\n")[0].split()
        if "/logs" not in url:
            state = {"Config": {}, "State": {"Running": len(self.asked) < self._followed}}
            content = json.dumps(state).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(content) + content)
            return
        how = "follow" if "follow=1" in url else "tail" if "tail=" in url else "since"
        self.asked.append((how, version))
        part = self._parts.pop(0)
        if version == "HTTP/1.0":
            writer.write(b"HTTP/1.0 200 OK\r\n\r\n" + part)
        else:
            end = b"0\r\n\r\n" if part.endswith(b"\n") else b""
            head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            writer.write(head + b"%x\r\n%s\r\n" % (len(part), part) + end)


async def follow(engine: Engine, folder: Path, read: list[bytes]) -> None:
    async with Listener(engine.serve) as listener:
        await listener.open_unix(str(folder / "engine"))
        api = Api(Candidate(f"unix://{folder / 'engine'}", "the test"))
        try:
            async for chunk in read_logs(api, "box", since=None, follow=True, follow_loses=False):
                read += chunk.lines
        finally:
            await api.close()


async def test_a_followed_log_may_break_off_anywhere(tmp_path: Path) -> None:
    """A followed answer has no chunks, and wherever it breaks off, each line must come once."""
    first, second, third = frame(b"a\n", T1), frame(b"b\n", T2), frame(b"c\n", T3)
    for length in (0, 5, len(first), len(first) + 20, len(first + second)):
        engine = Engine((first + second)[:length], first + second, first + second + third, followed=2)
        read: list[bytes] = []
        await follow(engine, tmp_path, read)
        assert read == [b"a", b"b", b"c"]
        assert engine.asked == [("follow", "HTTP/1.0"), ("follow", "HTTP/1.0"), ("tail", "HTTP/1.1")]


async def test_the_rest_of_a_log_is_read_whole(tmp_path: Path) -> None:
    """The rest must be read from the end of the log, and from where it is known if that leaves a gap."""
    first, second, third = frame(b"a\n", T1), frame(b"b\n", T2), frame(b"c\n", T3)
    engine = Engine(first, third, first + second + third, followed=1)
    read: list[bytes] = []
    await follow(engine, tmp_path, read)
    assert read == [b"a", b"b", b"c"]
    assert [how for how, _ in engine.asked] == ["follow", "tail", "since"]


async def test_the_rest_of_a_log_must_not_break_off(tmp_path: Path) -> None:
    """When the log of a container that has ended breaks off, that must be an error, not its end."""
    before = frame(b"a\n", T1) + frame(b"b\n", T2)
    read: list[bytes] = []
    with pytest.raises(EngineUnavailable):
        await follow(Engine(before, before + frame(b"c\n", T3)[:-5], followed=1), tmp_path, read)
    assert read == [b"a", b"b"]
