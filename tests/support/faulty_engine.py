"""A proxy in front of a container engine that does to requests what networks, proxies and engines in trouble do.

Each request is judged by its kind and gets at most one fault, until the engine is healed. What a request had asked for
may be done although nobody hears of it: a held request reaches the engine later, whether its client lives or not.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tests.support.engine_socket import EngineSocket

from fairlead.testing.listening import ending


class Fault(StrEnum):
    """What may happen to a request."""

    NONE = "none"
    DELAY = "delay"  # it reaches the engine a little later
    HOLD = "hold"  # it reaches the engine when that is healed, even if its client is gone by then
    LOSE = "lose"  # it reaches the engine, whose answer never comes back; the connection stays open
    REFUSE = "refuse"  # the connection is closed at once
    CUT = "cut"  # it reaches the engine, and the connection is closed in the middle of the answer
    MANGLE = "mangle"  # it reaches the engine, and the answer looks whole but lacks its second half
    FAIL = "fail"  # it is answered with 500
    FAIL_HELD = "fail and hold"  # it is answered with 504, and reaches the engine when that is healed


KINDS: Sequence[tuple[str, re.Pattern[str]]] = [
    (kind, re.compile(rf"(?:{method}) (?:/v[\d.]+)?/{path}(?:\?.*)?$"))
    for kind, method, path in (
        ("create container", "POST", "containers/create"),
        ("create network", "POST", "networks/create"),
        ("create volume", "POST", "volumes/create"),
        ("list", "GET", "(?:containers/json|networks|volumes)"),
        ("remove", "DELETE", "(?:containers|networks|volumes)/[^/]+"),
        ("start", "POST", "containers/[^/]+/start"),
        ("stop", "POST", "containers/[^/]+/(?:stop|kill)"),
        ("disconnect", "POST", "networks/[^/]+/(?:dis)?connect"),
        ("follow", "GET|POST", "(?:containers/[^/]+/(?:logs|wait|attach)|events)"),
        ("exec", "GET|POST", "(?:containers/[^/]+/exec|exec/.+)"),
        ("inspect", "GET", "(?:containers|networks|volumes)/[^/]+(?:/json)?"),
        ("copy", "GET|PUT|HEAD", "containers/[^/]+/archive"),
    )
]


def kind_of(request: str) -> str:
    """The kind of a request, from its method and path; ``other`` if it is none that matters here."""
    return next((kind for kind, pattern in KINDS if pattern.match(request)), "other")


Choose = Callable[[str, int], Fault]
"""Chooses the fault of the n-th request (from 0) of a kind."""


def storm(seed: object, rate: float) -> Choose:
    """Any fault for some of all requests, the same ones for the same seed."""

    def choose(kind: str, number: int) -> Fault:
        order = random.Random(f"{seed} {kind} {number}")
        return order.choice([*Fault][1:]) if kind != "other" and order.random() < rate else Fault.NONE

    return choose


def broken(fault: Fault, *kinds: str) -> Choose:
    """One fault for all requests of some kinds; without kinds, for all."""
    return lambda kind, number: fault if not kinds or kind in kinds else Fault.NONE


@dataclass(frozen=True)
class Request:
    """A request as far as it is looked at."""

    kind: str
    head: bytes
    body: bytes

    @property
    def ends_with_client(self) -> bool:
        """Whether it is about following something, so that it ends when its client does."""
        return self.kind in ("follow", "exec", "other")


class FaultyEngine(EngineSocket):
    """A Unix socket in front of an engine's.

    Args:
        path: Where to listen.
        target: The engine's own socket.
        delay: Seconds of a delay.

    Attributes:
        address: Where it is, in the form of DOCKER_HOST.
        history: The faults so far, in words.
    """

    def __init__(self, path: str, target: str, delay: float = 1.0) -> None:
        super().__init__(path, target)
        self.history: list[str] = []
        self._delay = delay
        self._choose: Choose = broken(Fault.NONE)
        self._numbers: Counter[str] = Counter()
        self._arrivals: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._answers: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._healed = asyncio.Event()

    def trouble(self, choose: Choose) -> None:
        """Begin with faults; what is counted and awaited begins anew."""
        self._choose = choose
        self._numbers.clear()
        self._arrivals.clear()
        self._answers.clear()
        self._healed.clear()

    def heal(self) -> None:
        """Answer normally from now on, and pass on what was held."""
        self._choose = broken(Fault.NONE)
        self._healed.set()

    async def wait_for_request(self, kind: str) -> None:
        """Return when a request of a kind has come, since the trouble began."""
        await self._arrivals[kind].wait()

    async def wait_for_answer(self, kind: str) -> None:
        """Return when the engine has answered a request of a kind, since the trouble began."""
        await self._answers[kind].wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request of a client, with the fault that is its turn."""
        with contextlib.suppress(asyncio.IncompleteReadError):  # it went before it had asked for anything
            request = await _read(reader)
            fault = self._choose(request.kind, self._numbers[request.kind])
            self._numbers[request.kind] += 1
            if fault is not Fault.NONE:
                self.history.append(f"{request.kind} {self._numbers[request.kind]}: {fault}")
            self._arrivals[request.kind].set()
            await self._treat(request, fault, reader, writer)

    async def _treat(
        self, request: Request, fault: Fault, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if fault in (Fault.FAIL, Fault.FAIL_HELD):
            writer.write(_FAILURE % (500 if fault is Fault.FAIL else 504))
            await writer.drain()
            writer.close()
        if fault in (Fault.FAIL, Fault.REFUSE):
            return
        if fault is Fault.DELAY:
            await asyncio.sleep(self._delay)
        if fault in (Fault.HOLD, Fault.FAIL_HELD):
            await self._healed.wait()
        if fault in (Fault.NONE, Fault.DELAY, Fault.HOLD):
            await self._pass_on(request, reader, writer)
            return
        answer = await self._answer(request)
        if fault is Fault.CUT:
            writer.write(answer[: len(answer) // 2])
        elif fault is Fault.MANGLE:
            writer.write(_mangled(answer))
        elif fault is Fault.LOSE:
            await reader.read()  # until the client gives up

    async def _pass_on(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with self._sent(request) as (engine_reader, engine_writer):
            answers = asyncio.ensure_future(self._copy(request.kind, engine_reader, writer))
            rest = asyncio.ensure_future(_copy(reader, engine_writer))  # of a body of unknown length
            try:
                await asyncio.wait([answers, rest], return_when=asyncio.FIRST_COMPLETED)
                if not request.ends_with_client:
                    await answers
            finally:
                for task in (answers, rest):
                    task.cancel()
                await asyncio.gather(answers, rest, return_exceptions=True)

    async def _copy(self, kind: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _copy(reader, writer)
        self._answers[kind].set()

    async def _answer(self, request: Request) -> bytes:
        """All of the engine's answer; of one that does not end, the beginning."""
        async with self._sent(request) as (reader, _):
            if request.ends_with_client:
                return await reader.read(1024)
            answer = await reader.read()
            self._answers[request.kind].set()
            return answer

    @contextlib.asynccontextmanager
    async def _sent(self, request: Request) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_unix_connection(self._target)
        async with ending(writer):
            writer.write(request.head + request.body)
            yield reader, writer


_FAILURE = b"HTTP/1.1 %d X\r\nContent-Length: 22\r\nConnection: close\r\n\r\n" + b'{"message": "a fault"}'


async def _read(reader: asyncio.StreamReader) -> Request:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    # One request for each connection: the next one gets a fault of its own.
    if "upgrade" not in headers:
        lines = [line for line in lines if not line.lower().startswith("connection:")] + ["Connection: close"]
    kind = kind_of(first.rpartition(" ")[0])
    return Request(kind, "\r\n".join([first, *lines, "", ""]).encode("latin-1"), body)


def _mangled(answer: bytes) -> bytes:
    head, _, body = answer.partition(b"\r\n\r\n")
    status = head.partition(b"\r\n")[0]
    half = body[: len(body) // 2]
    return b"%s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (status, len(half), half)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what comes; when one side is gone, go on reading what the other has to say."""
    while chunk := await reader.read(64 * 1024):
        with contextlib.suppress(ConnectionError):
            writer.write(chunk)
            await writer.drain()
