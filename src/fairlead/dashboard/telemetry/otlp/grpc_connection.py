"""A connection of OTLP/gRPC: unary calls on HTTP/2, which h2 speaks.

A call is a request with the headers of gRPC, one message, and an answer that ends with trailers, in which the status
is. A message has five bytes in front: whether it is compressed, and its length. What is refused before its message has
come is answered at once, by trailers alone, and the rest of the request is not read.
"""

from __future__ import annotations

import asyncio
import logging
import string
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    RequestReceived,
    StreamEnded,
    StreamReset,
    WindowUpdated,
)
from h2.exceptions import FrameTooLargeError, ProtocolError, StreamClosedError
from h2.settings import SettingCodes, Settings

from fairlead.dashboard.telemetry.otlp.batch import Batch
from fairlead.dashboard.telemetry.otlp.frame_lengths import FrameLengths
from fairlead.dashboard.telemetry.otlp.inflating import ENCODINGS, require_known_encoding
from fairlead.dashboard.telemetry.otlp.intake import Intake
from fairlead.dashboard.telemetry.otlp.limits import MESSAGE_BYTES, STREAMS
from fairlead.dashboard.telemetry.otlp.messages import answer
from fairlead.dashboard.telemetry.otlp.refused import Code, Refused, malformed, too_large, too_slow
from fairlead.dashboard.telemetry.otlp.signals import METHODS, Signal
from fairlead.engines.tasks import TaskScope

_LOG = logging.getLogger(__name__)

_PREFIX: Final = 5
_WINDOW: Final = 1024 * 1024
"""Bytes that a client may send before it is told that they have been read."""
_FRAME: Final = 256 * 1024
_PRINTABLE: Final = "".join(set(string.printable) - set(string.whitespace) - {"%"}) + " "

_Headers = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class _Call:
    """A call that has not been answered.

    Args:
        signal: What it carries.
        resource: The resource that sends it.
        compression: How its message is compressed, if it is.
        timer: Ends it when its message does not come.
        data: What has come of it.
    """

    signal: Signal
    resource: str
    compression: str
    timer: asyncio.TimerHandle
    data: bytearray = field(default_factory=bytearray)


class GrpcConnection(asyncio.Protocol):
    """One connection of a client of gRPC.

    Args:
        intake: Takes what was sent.
        tasks: Owns the tasks in which calls are answered.
        connections: All connections that are open, this one among them while it is.
    """

    def __init__(self, intake: Intake, tasks: TaskScope, connections: set[GrpcConnection]) -> None:
        self._intake = intake
        self._tasks = tasks
        self._connections = connections
        self._calls: dict[int, _Call] = {}
        self._answers: dict[int, bytes] = {}
        """Answers for which the client has no room yet, by the number of their stream."""
        self._h2 = H2Connection(H2Configuration(client_side=False, header_encoding=None))
        self._h2.local_settings = Settings(
            client=False,
            initial_values={
                SettingCodes.MAX_CONCURRENT_STREAMS: STREAMS,
                SettingCodes.INITIAL_WINDOW_SIZE: _WINDOW,
                SettingCodes.MAX_FRAME_SIZE: _FRAME,
            },
        )
        self._lengths = FrameLengths(_FRAME)
        self._h2.max_inbound_frame_size = _FRAME  # it has taken this from the settings before they were these

    # The connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the settings."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._connections.add(self)
        self._h2.initiate_connection()
        self._h2.increment_flow_control_window(_WINDOW)
        self._flush()

    def data_received(self, data: bytes) -> None:
        """Go on with what has come."""
        try:
            self._lengths.check(data)
            events = self._h2.receive_data(data)
            taken_back = {event.stream_id for event in events if isinstance(event, StreamReset)}
            for event in events:
                if not (isinstance(event, RequestReceived) and event.stream_id in taken_back):
                    self._on_event(event)
        except FrameTooLargeError as error:
            self.close(error.error_code)
        except ProtocolError:  # h2 has put a GOAWAY with the reason in its buffer
            self._flush()
            self._transport.close()
        else:
            self._flush()

    def connection_lost(self, error: Exception | None) -> None:
        """Forget the calls that nobody waits for any more."""
        self._connections.discard(self)
        for stream in list(self._calls):
            self._forget(stream)

    def pause_writing(self) -> None:
        """Read no further requests from a client that does not read the answers."""
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Read on."""
        self._transport.resume_reading()

    def close(self, reason: ErrorCodes = ErrorCodes.NO_ERROR) -> None:
        """Tell the client that this is the end, and why, and close the connection."""
        if not self._transport.is_closing():
            self._h2.close_connection(reason)
            self._flush()
            self._transport.close()

    def _flush(self) -> None:
        data = self._h2.data_to_send()
        if data and not self._transport.is_closing():
            self._transport.write(data)

    def _on_event(self, event: Event) -> None:
        match event:
            case RequestReceived():
                self._begin(event.stream_id, event.headers)
            case DataReceived():
                self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                self._add(event.stream_id, event.data)
            case StreamEnded():
                self._end(event.stream_id)
            case StreamReset():
                self._forget(event.stream_id)
            case WindowUpdated():
                self._send_answers()
            case ConnectionTerminated():
                self._transport.close()

    # A call

    def _begin(self, stream: int, headers: _Headers) -> None:
        """Look at the headers of a call; one that can't be taken is refused at once."""
        texts = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
        try:
            signal = _signal_of(texts)
            resource = self._intake.authenticate(texts.get("authorization", ""))
            compression = texts.get("grpc-encoding", "identity")
            require_known_encoding(compression)
        except Refused as refused:
            self._refuse(stream, refused)
            return
        timer = asyncio.get_running_loop().call_later(self._intake.seconds, self._on_timeout, stream)
        self._calls[stream] = _Call(signal, resource, compression, timer)

    def _add(self, stream: int, data: bytes) -> None:
        """Add to the message of a call, within the limits."""
        call = self._calls.get(stream)
        if call is None:
            return  # it has been refused
        try:
            if len(call.data) + len(data) > MESSAGE_BYTES + _PREFIX:
                raise too_large(MESSAGE_BYTES)
            self._intake.reserve(len(data))
        except Refused as refused:
            self._forget(stream)
            self._refuse(stream, refused)
        else:
            call.data += data

    def _end(self, stream: int) -> None:
        """Answer a call whose message is complete."""
        call = self._calls.get(stream)
        if call is not None:
            call.timer.cancel()
            self._tasks.spawn(self._answer(stream, call), "answering a call")

    async def _answer(self, stream: int, call: _Call) -> None:
        outcome: Batch | Refused
        try:
            message, compression = _message_of(call)
            outcome = await self._intake.take(call.signal, message, "protobuf", compression, call.resource)
        except Refused as refused:
            outcome = refused
        except Exception as error:  # a mistake of Fairlead: the sender is told, and the run goes on
            _LOG.error("telemetry: a call failed: %s: %s", type(error).__name__, error)
            outcome = Refused(Code.INTERNAL, 500, "that is a mistake in Fairlead")
        if not self._forget(stream) or self._transport.is_closing():
            return  # the client has taken it back, or is gone
        if isinstance(outcome, Refused):
            self._refuse(stream, outcome)
        else:
            content = answer(call.signal, outcome, "protobuf")
            self._answers[stream] = b"\0" + len(content).to_bytes(4, "big") + content
            self._h2.send_headers(stream, _HEAD)
            self._send_answers()
        self._flush()

    def _send_answers(self) -> None:
        """Send the answers for which clients have room."""
        for stream, content in list(self._answers.items()):
            if self._h2.local_flow_control_window(stream) >= len(content):
                del self._answers[stream]
                self._h2.send_data(stream, content)
                self._h2.send_headers(stream, [(b"grpc-status", b"0")], end_stream=True)

    def _refuse(self, stream: int, refused: Refused) -> None:
        """Answer a call that has been forgotten, or never taken, with an error, and read no more of it."""
        message = quote(refused.message, safe=_PRINTABLE).encode()
        trailers = [*_HEAD, (b"grpc-status", b"%d" % refused.code), (b"grpc-message", message)]
        self._h2.send_headers(stream, trailers, end_stream=True)
        with suppress(StreamClosedError):  # the client had sent all of it
            self._h2.reset_stream(stream, ErrorCodes.NO_ERROR)

    def _on_timeout(self, stream: int) -> None:
        if self._forget(stream):
            self._refuse(stream, too_slow(self._intake.seconds))
            self._flush()

    def _forget(self, stream: int) -> bool:
        """Forget a call, answered or not; tells whether it was known."""
        self._answers.pop(stream, None)
        call = self._calls.pop(stream, None)
        if call is None:
            return False
        call.timer.cancel()
        self._intake.release(len(call.data))
        return True


_HEAD: Final[_Headers] = [
    (b":status", b"200"),
    (b"content-type", b"application/grpc"),
    (b"grpc-accept-encoding", ",".join(ENCODINGS).encode()),
]


def _signal_of(headers: dict[str, str]) -> Signal:
    """What a call carries.

    Raises:
        Refused: It is no call of OTLP.
    """
    path = headers.get(":path", "")
    signal = METHODS.get(path)
    if headers.get(":method") != "POST" or not headers.get("content-type", "").startswith("application/grpc"):
        raise Refused(Code.INVALID_ARGUMENT, 400, "over HTTP/2 only gRPC is understood")
    if signal is None:
        raise Refused(Code.UNIMPLEMENTED, 404, f"there is no method {path}")
    return signal


def _message_of(call: _Call) -> tuple[bytes, str]:
    """The message of a call, and how it is compressed.

    Raises:
        Refused: It is not one message.
    """
    data = bytes(call.data)
    if len(data) < _PREFIX or data[0] > 1 or int.from_bytes(data[1:_PREFIX], "big") != len(data) - _PREFIX:
        raise malformed("a call has to have one message, with its length in front")
    return data[_PREFIX:], call.compression if data[0] else "identity"
