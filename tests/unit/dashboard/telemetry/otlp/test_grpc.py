"""OTLP over gRPC must take what programs send, and refuse the rest without harm."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import unquote

import grpc
import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    PingAckReceived,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from h2.settings import SettingCodes
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from tests.support.otlp_messages import a_log, a_metric, a_span
from tests.support.telemetry import AUTHORIZATION, Received, exchange, receiving

from fairlead.dashboard.telemetry.otlp.limits import MESSAGE_BYTES, STREAMS

COLLECTOR = "/opentelemetry.proto.collector"
TRACES = f"{COLLECTOR}.trace.v1.TraceService/Export"
LOGS = f"{COLLECTOR}.logs.v1.LogsService/Export"
METRICS = f"{COLLECTOR}.metrics.v1.MetricsService/Export"


@dataclass
class Answer:
    """What came of a call."""

    headers: dict[str, str] = field(default_factory=dict)
    data: bytes = b""
    ended: bool = False
    reset: int | None = None

    @property
    def status(self) -> int:
        return int(self.headers["grpc-status"])

    @property
    def message(self) -> str:
        return unquote(self.headers.get("grpc-message", ""))


class Client:
    """A client of HTTP/2 that does what it is told, also what no library would do."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.h2 = H2Connection(H2Configuration(client_side=True, header_encoding="utf-8"))
        self.answers: dict[int, Answer] = {}
        self.terminated: ConnectionTerminated | None = None
        self.pings = 0

    async def flush(self) -> None:
        self._writer.write(self.h2.data_to_send())
        await self._writer.drain()

    async def send_raw(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def begin(self, path: str = TRACES, **more: str) -> int:
        """Send the headers of a call, and return the number of its stream."""
        stream = self.h2.get_next_available_stream_id()
        headers = {"authorization": AUTHORIZATION, "content-type": "application/grpc", "te": "trailers"}
        headers |= {name.replace("_", "-"): value for name, value in more.items()}
        method = headers.pop("method", "POST")
        pseudo = [(":method", method), (":path", path), (":scheme", "http"), (":authority", "x")]
        self.h2.send_headers(stream, [*pseudo, *headers.items()])
        self.answers[stream] = Answer()
        await self.flush()
        return stream

    async def send(self, stream: int, data: bytes, *, end: bool = True) -> None:
        """Send data as the receiver has room for it."""
        while data and not self.answers[stream].ended and self.answers[stream].reset is None:
            room = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size)
            if not room:
                await self.read()
                continue
            self.h2.send_data(stream, data[:room], end_stream=end and len(data) <= room)
            data = data[room:]
            await self.flush()

    async def call(self, message: bytes, path: str = TRACES, **more: str) -> Answer:
        """Make a call as it should be made."""
        stream = await self.begin(path, **more)
        await self.send(stream, framed(message, compressed="grpc_encoding" in more))
        return await self.answer(stream)

    async def answer(self, stream: int) -> Answer:
        """The answer to a call, once it is complete."""
        while not self.answers[stream].ended:
            await self.read()
        return self.answers[stream]

    async def read(self) -> None:
        """Read something."""
        async with asyncio.timeout(20):
            data = await self._reader.read(65536)
        if not data:
            raise ConnectionResetError("the connection was closed")
        for event in self.h2.receive_data(data):
            match event:
                case ResponseReceived() | TrailersReceived():
                    headers = {str(name): str(value) for name, value, *_ in event.headers}
                    self.answers[event.stream_id].headers |= headers
                case DataReceived():
                    self.answers[event.stream_id].data += event.data
                    self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                case StreamEnded():
                    self.answers[event.stream_id].ended = True
                case StreamReset():
                    self.answers[event.stream_id].reset = event.error_code
                case PingAckReceived():
                    self.pings += 1
                case ConnectionTerminated():
                    self.terminated = event
        await self.flush()

    async def until_closed(self) -> None:
        with pytest.raises(ConnectionError):
            while True:
                await self.read()


@asynccontextmanager
async def connected(received: Received, settings: dict[SettingCodes | int, int] | None = None) -> AsyncIterator[Client]:
    reader, writer = await asyncio.open_connection("127.0.0.1", received.port)
    client = Client(reader, writer)
    client.h2.initiate_connection()
    client.h2.update_settings(settings or {})
    await client.flush()
    try:
        yield client
    finally:
        writer.close()


def framed(message: bytes, *, compressed: bool = False) -> bytes:
    return bytes([compressed]) + len(message).to_bytes(4, "big") + message


def send_spans(received: Received, count: int, compression: grpc.Compression, token: str) -> bool:
    """Send spans with the SDK over grpcio; tells whether all were taken."""
    exporter = OTLPSpanExporter(
        received.url, insecure=True, headers={"authorization": token}, compression=compression, timeout=20
    )
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=count))
    tracer = provider.get_tracer("tests")
    for number in range(count):
        tracer.start_span(f"span {number}").end()
    taken = provider.force_flush()
    provider.shutdown()
    return taken


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
async def test_sdk_sends_spans(compression: grpc.Compression) -> None:
    """Every span that the SDK sends by grpcio must come, compressed or not."""
    async with receiving() as received:
        assert await asyncio.to_thread(send_spans, received, 1500, compression, AUTHORIZATION)

        assert {span.name for span in received.spans} == {f"span {number}" for number in range(1500)}
        assert received.spans[0].sender.resource == "api"


async def test_all_signals() -> None:
    """Each signal must be taken by its own service, one call after the other on one connection."""
    async with receiving() as received, connected(received) as client:
        requests = {TRACES: a_span(), LOGS: a_log(), METRICS: a_metric()}
        answers = {path: await client.call(request.SerializeToString(), path) for path, request in requests.items()}

        assert {answer.status for answer in answers.values()} == {0}
        assert answers[TRACES].headers["content-type"] == "application/grpc"
        assert (len(received.spans), len(received.logs)) == (1, 1)
        refused = ExportTraceServiceResponse.FromString(answers[METRICS].data[5:])
        assert refused.partial_success.error_message == "1 without a name or a kind"
        assert answers[TRACES].data == bytes(5)


@pytest.mark.parametrize("token", ["", "Bearer", "Bearer wrong", "Basic x"])
async def test_call_without_the_token_is_refused(token: str) -> None:
    """A missing or wrong token must be refused before the message has come."""
    async with receiving() as received, connected(received) as client:
        stream = await client.begin(authorization=token)
        answer = await client.answer(stream)

        assert (answer.status, answer.data) == (16, b"")
        assert "OTEL_EXPORTER_OTLP_HEADERS" in answer.message
        while answer.reset is None:
            await client.read()
        assert answer.reset == ErrorCodes.NO_ERROR
        assert (await client.call(a_span().SerializeToString())).status == 0  # the connection goes on


@pytest.mark.parametrize(
    ("data", "more", "status"),
    [
        (framed(b"\xff\xff"), {}, 3),
        (b"", {}, 3),
        (b"\0\0", {}, 3),
        (framed(b"")[:-1] + b"\x09", {}, 3),
        (framed(b"") + framed(b""), {}, 3),
        (b"\x07\0\0\0\0", {}, 3),
        (framed(b"not gzip", compressed=True), {"grpc_encoding": "gzip"}, 3),
        (framed(gzip.compress(bytes(20 * MESSAGE_BYTES)), compressed=True), {"grpc_encoding": "gzip"}, 8),
        (framed(b""), {"grpc_encoding": "snappy"}, 12),
        (framed(b""), {"path": "/some.Service/Method"}, 12),
        (framed(b""), {"method": "GET"}, 3),
        (framed(b""), {"content_type": "text/html"}, 3),
    ],
)
async def test_bad_call_is_refused(data: bytes, more: dict[str, str], status: int) -> None:
    """What can't be understood must be refused with a status, and the connection go on."""
    async with receiving() as received, connected(received) as client:
        stream = await client.begin(**more)
        if data:
            await client.send(stream, data)
        else:
            client.h2.end_stream(stream)
            await client.flush()
        answer = await client.answer(stream)

        assert (answer.status, bool(answer.message)) == (status, True)
        assert (await client.call(a_span().SerializeToString())).status == 0
        assert len(received.spans) == 1


async def test_compressed_call() -> None:
    """A message that is compressed, and one that is not though the call has an encoding, must be understood."""
    data = a_span().SerializeToString()
    async with receiving() as received, connected(received) as client:
        assert (await client.call(gzip.compress(data), grpc_encoding="gzip")).status == 0
        stream = await client.begin(grpc_encoding="gzip")
        await client.send(stream, framed(data))
        assert (await client.answer(stream)).status == 0

        assert len(received.spans) == 2


async def test_message_of_the_largest_size_and_one_beyond() -> None:
    """A large message must get through the windows of flow control; one beyond the limit be refused before its end."""
    request = a_span()
    spans = request.resource_spans[0].scope_spans[0].spans
    while request.ByteSize() < MESSAGE_BYTES // 2:
        spans.extend(list(spans))
    async with receiving() as received, connected(received) as client:
        assert (await client.call(request.SerializeToString())).status == 0
        assert len(received.spans) == len(spans)

        stream = await client.begin()
        await client.send(stream, bytes(MESSAGE_BYTES + 100), end=False)
        assert (await client.answer(stream)).status == 8
        assert (await client.call(a_span().SerializeToString())).status == 0


async def test_many_calls_at_once() -> None:
    """Calls that are made at the same time must all be answered, those of the largest number too."""
    data = framed(a_span().SerializeToString())
    async with receiving() as received, connected(received) as client:
        streams = [await client.begin() for _ in range(STREAMS)]
        for stream in streams:
            await client.send(stream, data)
        answers = [await client.answer(stream) for stream in streams]

        assert {answer.status for answer in answers} == {0}
        assert len(received.spans) == STREAMS


async def test_answer_waits_for_room() -> None:
    """A client that has no room for the answer must get it when it has."""
    async with receiving() as received, connected(received, {SettingCodes.INITIAL_WINDOW_SIZE: 2}) as client:
        stream = await client.begin()
        await client.send(stream, framed(a_span().SerializeToString()))
        while not client.answers[stream].headers:
            await client.read()
        assert client.answers[stream].data == b""

        client.h2.increment_flow_control_window(100, stream)
        await client.flush()
        assert (await client.answer(stream)).status == 0


async def test_ping_is_answered() -> None:
    """A ping, by which clients find out whether a connection still works, must be answered."""
    async with receiving() as received, connected(received) as client:
        client.h2.ping(b"12345678")
        await client.flush()
        while not client.pings:
            await client.read()


async def test_call_that_is_taken_back() -> None:
    """A call that the client resets must be forgotten."""
    async with receiving() as received, connected(received) as client:
        stream = await client.begin()
        await client.send(stream, framed(bytes(100))[:20], end=False)
        client.h2.reset_stream(stream)
        await client.flush()

        assert (await client.call(a_span().SerializeToString())).status == 0


async def test_call_that_is_taken_back_while_it_is_answered(caplog: pytest.LogCaptureFixture) -> None:
    """A call that the client resets once it has sent all of it must get no answer, whatever that would have been."""
    async with receiving() as received, connected(received) as client:
        for message in (b"\xff\xff", a_span().SerializeToString()):
            stream = await client.begin()
            client.h2.send_data(stream, framed(message), end_stream=True)
            client.h2.reset_stream(stream)
            await client.flush()

        stream = client.h2.get_next_available_stream_id()
        client.h2.send_headers(stream, [(":method", "GET"), (":path", "/"), (":scheme", "http"), (":authority", "x")])
        client.h2.reset_stream(stream)
        await client.flush()

        assert (await client.call(b"")).status == 0
        assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_slow_call_is_given_up() -> None:
    """A call whose message does not come must be ended."""
    async with receiving(seconds=0.2) as received, connected(received) as client:
        stream = await client.begin()
        await client.send(stream, framed(bytes(100))[:20], end=False)

        assert (await client.answer(stream)).status == 4


async def test_end_of_the_receiver_is_told() -> None:
    """Clients must be told that a receiver ends, by a GOAWAY."""
    async with receiving() as received:
        reader, writer = await asyncio.open_connection("127.0.0.1", received.port)
        client = Client(reader, writer)
        client.h2.initiate_connection()
        await client.flush()
        await client.call(b"")
    await client.until_closed()
    writer.close()

    assert client.terminated is not None and client.terminated.error_code == ErrorCodes.NO_ERROR


@pytest.mark.parametrize(
    "data",
    [
        b"\xff" * 64,
        b"\x00\x00\x00\x01\x01\x00\x00\x00\x00",  # headers on stream 0
        b"\x00\x00\x08\x06\x00\x00\x00\x00\x01" + bytes(8),  # a ping on a stream
        b"\xff\xff\xff\x00\x00\x00\x00\x00\x01",  # a frame that is larger than allowed
        b"\x00\x00\x04\x08\x00\x00\x00\x00\x00" + bytes(4),  # a window that grows by nothing
        b"\x00\x00\x03\x01\x04\x00\x00\x00\x01\xff\xff\xff",  # headers that can't be unpacked
    ],
)
async def test_broken_http_2_ends_the_connection(data: bytes) -> None:
    """Frames that make no sense must end the connection with a reason, and nothing else."""
    async with receiving() as received:
        async with connected(received) as client:
            await client.read()
            await client.send_raw(data)
            await client.until_closed()
            assert client.terminated is not None and client.terminated.error_code != ErrorCodes.NO_ERROR
        async with connected(received) as client:
            assert (await client.call(b"")).status == 0


async def test_preface_alone_is_let_go() -> None:
    """What begins like HTTP/2 and is not must end the connection."""
    async with receiving() as received:
        assert b"HTTP/1.1" not in await exchange(received.port, b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n")


async def test_too_many_streams_end_the_connection() -> None:
    """More calls at once than were offered must end the connection."""
    async with receiving() as received, connected(received) as client:
        with pytest.raises(ConnectionError):
            for _ in range(STREAMS + 2):
                await client.begin()
            await client.until_closed()
            raise ConnectionResetError
