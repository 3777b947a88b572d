"""The balancer must be as good as a direct connection: nothing lost, nothing held up, nothing left behind."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress

import pytest
from tests.support.connections import connected, kept_port

from fairlead.engines import balancer as balancer_module
from fairlead.engines.balancer import Balancer
from fairlead.errors import StartError
from fairlead.testing.listening import Listener, Serve

HOST = "127.0.0.1"
DEADLINE = 60


@pytest.fixture(autouse=True)
async def nothing_is_left() -> AsyncIterator[None]:
    """Whatever a test did, no task may go on after it."""
    yield
    async with asyncio.timeout(DEADLINE):
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)


async def until(condition: Callable[[], object]) -> None:
    """Let the loop turn until something is so."""
    async with asyncio.timeout(DEADLINE):
        while True:
            if condition():
                return
            await asyncio.sleep(0)


@pytest.fixture
def without_time_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """What ends although these are out of reach did not have to wait for them."""
    monkeypatch.setattr(balancer_module, "_CONNECT_SECONDS", 3600)
    monkeypatch.setattr(balancer_module, "_CLOSE_SECONDS", 3600)


@asynccontextmanager
async def backend(talk: Serve) -> AsyncIterator[tuple[str, int]]:
    """A server that talks in a certain way."""
    async with Listener(talk) as listener:
        yield HOST, await listener.open_tcp()


@asynccontextmanager
async def balancer(*backends: tuple[str, int]) -> AsyncIterator[Balancer]:
    found = Balancer(backends)
    await found.start(HOST, 0)
    try:
        yield found
    finally:
        await found.close()


def says(name: bytes) -> Serve:
    """A backend that says its name to everybody."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(name)
        await writer.drain()

    return talk


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


async def ask(port: int) -> bytes:
    async with connected(port) as (reader, _):
        return await reader.read()


@contextmanager
def refusing() -> Iterator[tuple[str, int]]:
    """A backend that refuses connections."""
    with kept_port() as port:
        yield HOST, port


async def test_backends_take_turns() -> None:
    """Connections must go to the backends in turn."""
    async with backend(says(b"a")) as a, backend(says(b"b")) as b, balancer(a, b) as front:
        assert [await ask(front.port) for _ in range(4)] == [b"a", b"b", b"a", b"b"]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_localhost_is_either_loopback_address(host: str) -> None:
    """A backend at ``localhost`` must be found on whichever loopback address it listens."""
    async with Listener(says(b"here")) as listener:
        port = await listener.open_tcp(host=host)
        async with balancer(("localhost", port)) as front:
            assert await ask(front.port) == b"here"


async def test_backends_can_be_changed() -> None:
    """New connections must go to the backends of the moment."""
    async with backend(says(b"a")) as a, backend(says(b"b")) as b, balancer() as front:
        assert await ask(front.port) == b""
        front.backends = [a]
        assert [await ask(front.port) for _ in range(2)] == [b"a", b"a"]
        front.backends = [b]
        assert [await ask(front.port) for _ in range(2)] == [b"b", b"b"]


async def test_a_backend_that_refuses_is_passed_over() -> None:
    """A connection must go to the next backend when one refuses it."""
    with refusing() as first, refusing() as last:
        async with backend(says(b"a")) as a, balancer(first, a, last) as front:
            assert [await ask(front.port) for _ in range(4)] == [b"a"] * 4


@pytest.mark.usefixtures("without_time_limits")
@pytest.mark.parametrize("count", [0, 2], ids=["none", "all refuse"])
async def test_without_a_backend_the_connection_ends(count: int) -> None:
    """With no backend that takes it, a connection must be closed at once, also while the client is sending."""
    with refusing() as one, refusing() as other:
        async with balancer(*(one, other)[:count]) as front, connected(front.port) as (reader, writer):
            writer.write(b"hello")
            with suppress(ConnectionResetError):  # how the system tells a client that what it sent was never read
                assert await reader.read() == b""


async def test_half_closed_connections_work() -> None:
    """A client that has sent everything must still get the whole answer, and a backend the other way round."""

    async def answer_after_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data = await reader.read()
        writer.write(data[::-1])
        await writer.drain()

    async def end_first(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.write_eof()
        received.set_result(await reader.read())

    received: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
    question = b"0123456789" * 100_000
    async with backend(answer_after_end) as one, balancer(one) as front, connected(front.port) as (reader, writer):
        writer.write(question)
        writer.write_eof()
        assert await reader.read() == question[::-1]
    async with backend(end_first) as one, balancer(one) as front, connected(front.port) as (reader, writer):
        assert await reader.read() == b"hello"
        writer.write(b"thanks")
        writer.write_eof()
        assert await received == b"thanks"


async def test_a_side_that_does_not_read_holds_the_other_back() -> None:
    """Bytes that the client doesn't take must stay with the backend, and come in full once it does."""
    sent = 0
    total = 64 * 1024 * 1024
    stalled = asyncio.Event()

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        piece = b"x" * 65536
        while sent < total:
            writer.write(piece)
            try:
                async with asyncio.timeout(0.3):
                    await writer.drain()
            except TimeoutError:
                stalled.set()
                await writer.drain()
            sent += len(piece)

    async with backend(flood) as one, balancer(one) as front:
        with socket.create_connection((HOST, front.port)) as raw:
            raw.setblocking(False)
            await stalled.wait()
            assert sent < total / 2
            received = 0
            loop = asyncio.get_running_loop()
            while data := await loop.sock_recv(raw, 1024 * 1024):
                received += len(data)
    assert received == total


async def test_two_hundred_connections_at_once() -> None:
    """Two hundred clients at once must each get their own bytes back."""

    async def talk(number: int, port: int) -> None:
        message = b"%06d" % number * 5000
        async with connected(port) as (reader, writer):
            writer.write(message)
            await meeting.wait()
            writer.write(message)
            writer.write_eof()
            assert await reader.read() == message * 2

    meeting = asyncio.Barrier(200)
    async with backend(echo) as a, backend(echo) as b, balancer(a, b) as front, asyncio.TaskGroup() as group:
        for number in range(200):
            group.create_task(talk(number, front.port))


async def test_a_reset_is_passed_on() -> None:
    """A connection that breaks must not look to the other side like one that ended well."""

    async def broken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"half of")
        await writer.drain()
        await reader.readexactly(1)
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async with backend(broken) as one, balancer(one) as front, connected(front.port) as (reader, writer):
        assert await reader.readexactly(7) == b"half of"
        writer.write(b"x")
        with pytest.raises(ConnectionResetError):
            await reader.read()


async def test_a_client_that_goes_frees_the_backend() -> None:
    """When a client is gone, the backend's connection must end too."""
    ended: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        ended.set_result(await reader.read())

    async with backend(wait) as one, balancer(one) as front:
        async with connected(front.port) as (reader, _):
            await reader.readexactly(5)
        assert await ended == b""


@pytest.mark.usefixtures("without_time_limits")
async def test_closing_is_quick_when_all_is_said() -> None:
    """Closing must end idle connections at once and refuse new ones."""
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(backend(echo))
        front = Balancer([one])
        await front.start(HOST, 0)
        port = front.port
        readers = []
        for _ in range(20):
            reader, writer = await stack.enter_async_context(connected(port))
            writer.write(b"x")
            assert await reader.readexactly(1) == b"x"
            readers.append(reader)
        await front.close()
        assert [await reader.read() for reader in readers] == [b""] * 20
        assert front.port == 0
        with pytest.raises(ConnectionRefusedError):
            await ask(port)


async def test_closing_is_bounded() -> None:
    """Closing must come to an end though a client doesn't read what is still to be written."""

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()
            flowing.set()

    flowing = asyncio.Event()
    async with backend(flood) as one:
        front = Balancer([one])
        await front.start(HOST, 0)
        with socket.create_connection((HOST, front.port)) as raw:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            await flowing.wait()
            await until(lambda: any(side._transport.get_write_buffer_size() for side in front._sides))
            await front.close()


@pytest.mark.usefixtures("without_time_limits")
async def test_closing_ends_what_is_being_connected() -> None:
    """Closing must not wait for a backend that doesn't answer, nor leave a task behind."""
    async with AsyncExitStack() as stack:
        deaf = stack.enter_context(socket.socket())
        deaf.bind((HOST, 0))
        deaf.listen(0)
        address = deaf.getsockname()
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(address)
        front = Balancer([address])
        await front.start(HOST, 0)
        async with connected(front.port) as (reader, _):
            await until(lambda: front._connecting)
            await front.close()
            assert await reader.read() == b""


@pytest.mark.parametrize("turns", range(6))
async def test_closing_ends_what_is_just_coming(turns: int) -> None:
    """A connection that comes at the moment of closing must end as well, however far it has got by then."""
    async with backend(echo) as one:
        front = Balancer([one])
        await front.start(HOST, 0)
        with socket.create_connection((HOST, front.port)) as raw:  # without a turn of the loop
            for _ in range(turns):
                await asyncio.sleep(0)
            await front.close()
            raw.setblocking(False)
            with suppress(ConnectionResetError):  # an end as well
                async with asyncio.timeout(DEADLINE):
                    assert await asyncio.get_running_loop().sock_recv(raw, 1) == b""
    assert not front._sides


async def test_closing_twice_or_before_starting() -> None:
    """Closing must be harmless when there is nothing to close."""
    front = Balancer()
    await front.close()
    await front.start(HOST, 0)
    await front.close()
    await front.close()


async def test_a_taken_port() -> None:
    """An address that can't be listened on must be a StartError with address, reason and remedy."""
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StartError) as caught:
            await Balancer().start(HOST, port)
    assert f"{HOST}:{port}" in caught.value.message
    assert "in use" in caught.value.message
    assert caught.value.remedy
