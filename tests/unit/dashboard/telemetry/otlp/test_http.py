"""OTLP over HTTP must take what programs send, and refuse the rest without harm."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import zlib
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession
from google.rpc.status_pb2 import Status
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from tests.support.otlp_messages import a_log, a_metric, a_span, as_otlp_json
from tests.support.telemetry import AUTHORIZATION, Received, exchange, receiving

from fairlead.dashboard.telemetry.otlp.limits import CONNECTIONS, MESSAGE_BYTES

PROTOBUF = {"Content-Type": "application/x-protobuf", "Authorization": AUTHORIZATION}
JSON = {"Content-Type": "application/json", "Authorization": AUTHORIZATION}


async def post(
    received: Received, data: Any, headers: dict[str, str] = PROTOBUF, path: str = "/v1/traces", method: str = "POST"
) -> tuple[ClientResponse, bytes]:
    data = io.BytesIO(data) if isinstance(data, bytes) else data
    async with (
        ClientSession() as client,
        client.request(method, received.url + path, data=data, headers=headers) as answer,
    ):
        return answer, await answer.read()


def send_spans(received: Received, count: int, compression: Compression = Compression.NoCompression) -> bool:
    """Send spans with the SDK; tells whether all were taken."""
    exporter = OTLPSpanExporter(
        f"{received.url}/v1/traces", headers={"authorization": AUTHORIZATION}, compression=compression, timeout=20
    )
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=count))
    tracer = provider.get_tracer("tests")
    for number in range(count):
        tracer.start_span(f"span {number}").end()
    taken = provider.force_flush()
    provider.shutdown()
    return taken


@pytest.mark.parametrize("compression", [Compression.NoCompression, Compression.Gzip, Compression.Deflate])
async def test_sdk_sends_spans(compression: Compression) -> None:
    """Every span that the SDK sends must come, compressed or not."""
    async with receiving() as received:
        assert await asyncio.to_thread(send_spans, received, 1500, compression)

        assert {span.name for span in received.spans} == {f"span {number}" for number in range(1500)}


async def test_all_signals_as_protobuf_and_json() -> None:
    """Each signal must be taken at its path, in both encodings, and be answered in the same."""
    requests = {"traces": a_span(), "logs": a_log(), "metrics": a_metric()}
    async with receiving() as received:
        for signal, request in requests.items():
            path = f"/v1/{signal}"
            answer, _ = await post(received, request.SerializeToString(), PROTOBUF, path)
            in_json, body = await post(received, json.dumps(as_otlp_json(request)), JSON, path)

            assert (answer.status, answer.content_type) == (200, "application/x-protobuf")
            assert (in_json.status, in_json.content_type) == (200, "application/json")
            refused = "partialSuccess" in json.loads(body)
            assert refused == (signal == "metrics")  # that one has no points

        assert (len(received.spans), len(received.logs)) == (2, 2)
        assert received.spans[0].sender.resource == "api"


async def test_resource_comes_from_the_token() -> None:
    """A program must not be able to speak for another resource than its own."""
    request = a_span()
    request.resource_spans[0].resource.attributes.add(key="service.name").value.string_value = "another"
    request.resource_spans[0].resource.attributes.add(key="service.instance.id").value.string_value = "api-1"
    async with receiving() as received:
        await post(received, request.SerializeToString())

        (span,) = received.spans
        assert (span.sender.resource, span.sender.instance) == ("api", "api-1")


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer wrong", "Basic t0ken-of-api", "t0ken-of-api"])
async def test_request_without_the_token_is_refused(authorization: str | None) -> None:
    """A missing or wrong token must be refused, with a status that the SDK shows."""
    headers = {"Content-Type": "application/x-protobuf"}
    if authorization is not None:
        headers["Authorization"] = authorization
    async with receiving() as received:
        answer, body = await post(received, a_span().SerializeToString(), headers)

        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert Status.FromString(body).code == 16
        assert received.spans == []


async def test_token_may_be_percent_encoded() -> None:
    """The header must be understood as the environment variable has it, which some SDKs do not decode."""
    async with receiving() as received:
        answer, _ = await post(received, b"", {**PROTOBUF, "Authorization": AUTHORIZATION.replace(" ", "%20")})

        assert answer.status == 200


@pytest.mark.parametrize(
    ("data", "more", "path", "method", "status"),
    [
        (b"\xff\xff", {}, "/v1/traces", "POST", 400),
        (b"not gzip", {"Content-Encoding": "gzip"}, "/v1/traces", "POST", 400),
        (gzip.compress(b"x" * 1000, mtime=0)[:-20], {"Content-Encoding": "gzip"}, "/v1/traces", "POST", 400),
        (b"", {"Content-Encoding": "br"}, "/v1/traces", "POST", 415),
        (b"", {"Content-Type": "text/plain"}, "/v1/traces", "POST", 415),
        (b"", {}, "/v1/profiles", "POST", 404),
        (b"", {}, "/", "POST", 404),
        (None, {}, "/v1/traces", "GET", 405),
    ],
)
async def test_bad_request_is_refused(
    data: bytes | None, more: dict[str, str], path: str, method: str, status: int
) -> None:
    """What can't be understood must be refused with a Status that says why."""
    async with receiving() as received:
        answer, body = await post(received, data, PROTOBUF | more, path, method)

        assert answer.status == status
        assert Status.FromString(body).message
        assert received.spans == []


async def test_refusal_of_json_is_json() -> None:
    """A sender of JSON must be answered in JSON, refusals too."""
    async with receiving() as received:
        answer, body = await post(received, b"{", JSON)

        assert (answer.status, answer.content_type) == (400, "application/json")
        assert json.loads(body)["code"] == 3


async def test_deflate_with_and_without_its_header() -> None:
    """Both things that are called deflate must be understood."""
    data = a_span().SerializeToString()
    raw = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    async with receiving() as received:
        for compressed in (zlib.compress(data), raw.compress(data) + raw.flush()):
            answer, _ = await post(received, compressed, PROTOBUF | {"Content-Encoding": "deflate"})

            assert answer.status == 200


async def test_too_large_body_is_refused() -> None:
    """A body beyond the limit must be refused: by its length, when it turns out, or when it is inflated."""

    async def endless() -> Any:
        for _ in range(MESSAGE_BYTES // 65536 + 2):
            yield bytes(65536)

    async with receiving() as received:
        by_length, _ = await post(received, bytes(MESSAGE_BYTES + 1))
        in_chunks, _ = await post(received, endless())
        bomb, _ = await post(
            received, gzip.compress(bytes(10 * MESSAGE_BYTES), 1), PROTOBUF | {"Content-Encoding": "gzip"}
        )

        assert [answer.status for answer in (by_length, in_chunks, bomb)] == [413, 413, 413]


async def test_body_of_the_largest_size_is_taken() -> None:
    """A body up to the limit must be taken, and the sink get all of it."""
    one = a_span()
    spans = one.resource_spans[0].scope_spans[0].spans
    while one.ByteSize() < MESSAGE_BYTES // 2:
        spans.extend(list(spans))
    async with receiving() as received:
        answer, _ = await post(received, one.SerializeToString())

        assert answer.status == 200
        assert len(received.spans) == len(spans)


async def test_slow_body_is_given_up() -> None:
    """A sender that does not go on must be told so and let go, whether it has sent its headers or not."""
    head = f"POST /v1/traces HTTP/1.1\r\nHost: x\r\nAuthorization: {AUTHORIZATION}\r\n"
    body = f"{head}Content-Type: application/x-protobuf\r\nContent-Length: 100\r\n\r\nxx"
    async with receiving(seconds=0.2) as received:
        answer = await exchange(received.port, body.encode())
        unfinished = await exchange(received.port, head.encode())
        silent = await exchange(received.port, b"")

        assert answer.startswith(b"HTTP/1.1 408")
        assert (unfinished, silent) == (b"", b"")


async def test_body_that_waits_to_be_asked_for() -> None:
    """A client that waits for 100 Continue, as curl does, must get it."""
    data = a_span().SerializeToString()
    head = f"POST /v1/traces HTTP/1.1\r\nHost: x\r\nAuthorization: {AUTHORIZATION}\r\nExpect: 100-continue\r\n"
    head += f"Content-Type: application/x-protobuf\r\nContent-Length: {len(data)}\r\nConnection: close\r\n\r\n"
    async with receiving() as received:
        reader, writer = await asyncio.open_connection("127.0.0.1", received.port)
        writer.write(head.encode())
        first = await reader.readuntil(b"\r\n\r\n")
        writer.write(data)
        rest = await reader.read()
        writer.close()

        assert first == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert rest.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "data", [b"\x00\x01\x02\x03", b"GET\r\n\r\n", b"PRInt me\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"P"]
)
async def test_what_is_neither_http_nor_grpc_is_let_go(data: bytes) -> None:
    """Whatever a connection brings, it must end, and the next one be served."""
    async with receiving(seconds=0.2) as received:
        await exchange(received.port, data)
        answer, _ = await post(received, b"")

        assert answer.status == 200


async def test_hundred_connections_at_once() -> None:
    """Programs must be able to send at the same time."""
    data = a_span().SerializeToString()
    async with receiving() as received:
        answers = await asyncio.gather(*(post(received, data) for _ in range(100)))

        assert {answer.status for answer, _ in answers} == {200}
        assert len(received.spans) == 100


async def test_connections_too_many_are_closed() -> None:
    """Connections beyond the limit must be closed, and there must be room again when others have gone."""
    async with receiving() as received:
        open_connections = [await asyncio.open_connection("127.0.0.1", received.port) for _ in range(CONNECTIONS)]
        with pytest.raises(ConnectionError):
            await exchange(received.port, b"POST /v1/traces HTTP/1.1\r\n\r\n")
            raise ConnectionResetError  # closed without a reset, which is as good
        for _, writer in open_connections:
            writer.close()
            await writer.wait_closed()
        answer, _ = await post(received, b"")

        assert answer.status == 200
