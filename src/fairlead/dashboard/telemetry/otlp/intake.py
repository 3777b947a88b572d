"""What both ways in have in common: who may send, how much at a time, and where the records go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import unquote

from fairlead.dashboard.telemetry.otlp.batch import Batch
from fairlead.dashboard.telemetry.otlp.inflating import inflate
from fairlead.dashboard.telemetry.otlp.limits import BODY_SECONDS, WAITING_BYTES
from fairlead.dashboard.telemetry.otlp.messages import Encoding, decode
from fairlead.dashboard.telemetry.otlp.refused import overloaded, unauthenticated
from fairlead.dashboard.telemetry.otlp.senders import Senders, sender_for
from fairlead.dashboard.telemetry.otlp.signals import Signal
from fairlead.dashboard.telemetry.sink import Sink

_QUICK_BYTES = 16 * 1024
"""Up to this size a request is decoded in a millisecond, so that a thread is not worth its price."""
_AT_ONCE = 500
"""Records that are handed on in one turn of the event loop."""

T = TypeVar("T")


class Intake:
    """Takes requests: decodes one at a time, and gives the records to the sink.

    Args:
        resource_of: Tells which resource of the app a token belongs to; None for one that is wrong.
        sink: Where the records go.
        seconds: How long a request may take to arrive.
    """

    def __init__(self, resource_of: Callable[[str], str | None], sink: Sink, seconds: float = BODY_SECONDS) -> None:
        self.seconds = seconds
        self._resource_of = resource_of
        self._sink = sink
        self._senders: dict[str, Senders] = {}
        self._decoding = asyncio.Lock()
        self._waiting_bytes = 0
        self._is_loaded = False

    def authenticate(self, authorization: str) -> str:
        """The resource of the app that a request comes from.

        Args:
            authorization: The header; percent-encoded where the sender takes the environment variable literally.

        Raises:
            Refused: It has no token, or a wrong one.
        """
        scheme, _, token = unquote(authorization).partition(" ")
        resource = self._resource_of(token.strip()) if scheme.lower() == "bearer" else None
        if resource is None:
            raise unauthenticated()
        return resource

    def reserve(self, size: int) -> None:
        """Make room for bytes of a request that has not been answered; :meth:`release` gives it back.

        Raises:
            Refused: There is none at present.
        """
        if self._waiting_bytes + size > WAITING_BYTES:
            raise overloaded()
        self._waiting_bytes += size

    def release(self, size: int) -> None:
        """Give back what was reserved."""
        self._waiting_bytes -= size

    async def take(self, signal: Signal, data: bytes, encoding: Encoding, compression: str, resource: str) -> Batch:
        """Decode a request and hand its records on.

        Args:
            signal: What it carries.
            data: What was sent.
            encoding: How it is written.
            compression: How it is compressed.
            resource: The resource that sent it.

        Raises:
            Refused: It is malformed, or larger than a limit.
        """

        def work() -> Batch:
            return decode(signal, inflate(data, compression), encoding, self._senders_of(resource))

        async with self._decoding:
            is_quick = self._is_loaded and compression == "identity" and len(data) <= _QUICK_BYTES
            batch = work() if is_quick else await asyncio.to_thread(work)
            self._is_loaded = True
            await _in_turns(self._sink.add_spans, batch.spans)
            await _in_turns(self._sink.add_logs, batch.logs)
            await _in_turns(self._sink.add_points, batch.points)
        return batch

    def _senders_of(self, resource: str) -> Senders:
        return self._senders.setdefault(resource, Senders(sender_for(resource)))


async def _in_turns(add: Callable[[Sequence[T]], None], records: Sequence[T]) -> None:
    for begin in range(0, len(records), _AT_ONCE):
        if begin:
            await asyncio.sleep(0)
        add(records[begin : begin + _AT_ONCE])
