"""Ways to an engine, and the half-closed connections over them."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import ssl
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psutil
import pytest
from tests.support.certificates import make_certificates, server_context
from tests.support.ssh import fake_ssh

from fairlead.engines.docker.api import Api, Refused
from fairlead.engines.docker.identity import identify
from fairlead.engines.docker.transport.connectors import TcpTransport
from fairlead.engines.docker.transport.discovery import Candidate
from fairlead.engines.docker.transport.ssh import ssh_command
from fairlead.errors import EngineUnavailable
from fairlead.testing.listening import Listener

WORDS = b"x" * 300_000  # more than any buffer on the way


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a path that is short enough for a socket in it."""
    with tempfile.TemporaryDirectory(prefix="fl-") as name:
        yield Path(name)


async def engine(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """An engine: says its version; a command repeats its input once that has ended; the rest is refused."""
    while request := await read_request(reader):
        if b" /version " in request:
            send(writer, b"200 OK", b'{"ApiVersion": "1.41", "MinAPIVersion": "1.12", "Version": "20.10.24"}')
        elif b"/exec/echo/start" not in request:
            send(writer, b"404 Not Found", b'{"message": "no such exec"}')
        else:
            writer.write(b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nready;")
            writer.write(await reader.read())
            await writer.drain()
            return


async def read_request(reader: asyncio.StreamReader) -> bytes:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    if length := re.search(rb"Content-Length: (\d+)", head):
        await reader.readexactly(int(length[1]))
    return head


def send(writer: asyncio.StreamWriter, status: bytes, content: bytes) -> None:
    writer.write(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(content), content))


@pytest.fixture
async def socket_path(folder: Path) -> AsyncIterator[str]:
    async with Listener(engine) as listener:
        await listener.open_unix(str(folder / "engine"))
        yield str(folder / "engine")


async def repeated(api: Api) -> bytes:
    """What a command says that repeats its input."""
    said = b""
    async with api.hijack("exec/echo/start", {}) as connection:
        await connection.write(WORDS)
        await connection.end_writing()
        while data := await connection.read():
            said += data
    return said


async def test_a_command_hears_the_end_of_its_input(socket_path: str) -> None:
    """The input's end must reach a command, and all of its output come after that."""
    api = Api(Candidate(f"unix://{socket_path}", "the test"))
    await identify(api)
    assert await repeated(api) == b"ready;" + WORDS
    with pytest.raises(Refused, match="no such exec"):
        async with api.hijack("exec/none/start", {}):
            pass
    await api.close()


async def test_over_ssh(socket_path: str, folder: Path) -> None:
    """Requests and commands must go over `ssh` processes, of which none is left at the end."""
    log = fake_ssh(folder, socket_path)
    api = Api(Candidate("ssh://me@far:2222", "DOCKER_HOST"), {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"})
    assert (await identify(api)).version == "20.10.24"
    assert await repeated(api) == b"ready;" + WORDS
    await api.close()
    expected = "-o ConnectTimeout=10 -T -l me -p 2222 -- far docker system dial-stdio"
    assert log.read_text().splitlines() == [expected] * 2
    assert [child for child in psutil.Process().children() if str(folder) in command_line(child)] == []


def command_line(process: psutil.Process) -> str:
    """The command that a process runs; empty for one that has ended, such as what another test has not reaped yet."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


async def test_why_ssh_does_not_connect_is_said(folder: Path) -> None:
    """What `ssh` says when it can't connect must be in the error, and so must its absence."""
    fake_ssh(folder, str(folder / "nothing"))
    candidate = Candidate("ssh://far", "DOCKER_HOST")
    for path, reason in (
        (folder, "connect to host far port 22: No such file"),
        (folder / "none", "'ssh' was not found"),
    ):
        api = Api(candidate, {"PATH": str(path)})
        with pytest.raises(EngineUnavailable, match=reason):
            await identify(api)
        with pytest.raises(EngineUnavailable, match=reason):
            await repeated(api)
        await api.close()


@pytest.mark.parametrize(
    ("address", "source", "command"),
    [
        ("ssh://far", "DOCKER_HOST", "-T -- far docker system dial-stdio"),
        ("ssh://far/run/d.sock", "DOCKER_HOST", "-T -- far docker --host unix:///run/d.sock system dial-stdio"),
        (
            "ssh://me@far/run/p.sock",
            "CONTAINER_HOST",
            "-T -l me -- far podman --url unix:///run/p.sock system dial-stdio",
        ),
    ],
)
def test_the_command_of_an_address(address: str, source: str, command: str) -> None:
    """User, port and socket of an address must be told to `ssh`."""
    assert " ".join(ssh_command(Candidate(address, source))).endswith(command)


@pytest.mark.parametrize("address", ["ssh://me:s3cret@far", "ssh://", "ssh://far:port", "ssh://far:0"])
def test_an_address_that_ssh_can_not_use(address: str) -> None:
    """A password, which would be on a command line, and nonsense must be refused, without showing the password."""
    with pytest.raises(EngineUnavailable, match=r"can't be used: .*\. Write it as ssh://user@host") as caught:
        ssh_command(Candidate(address, "DOCKER_HOST"))
    assert "s3cret" not in str(caught.value)


def serve_tls(server: socket.socket, folder: Path) -> None:
    """Repeat what comes over TLS once the client has said that it sends no more."""
    connection, _ = server.accept()
    with server_context(folder).wrap_socket(connection, server_side=True, suppress_ragged_eofs=False) as tls:
        words = b""
        while data := tls.recv(65536):
            words += data
        tls.sendall(words)


async def test_over_tls_one_direction_ends_alone(folder: Path) -> None:
    """Over TLS, too, the end of what is sent must reach the engine, and its answer come after that."""
    make_certificates(folder, "localhost")
    context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve_tls, args=(server, folder))
        thread.start()
        connection = await TcpTransport(f"tcp://localhost:{server.getsockname()[1]}", context).open()
        await connection.write(WORDS)
        await connection.end_writing()
        answer = b""
        while data := await connection.read():
            answer += data
        await connection.close()
        thread.join()
    assert answer == WORDS


async def test_over_tls_the_engine_is_verified(folder: Path) -> None:
    """A certificate for another host must be refused."""
    make_certificates(folder, "elsewhere")
    async with Listener(engine) as listener:
        port = await listener.open_tcp(tls=server_context(folder))
        context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
        with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
            await TcpTransport(f"tcp://localhost:{port}", context).open()
        api = Api(Candidate(f"tcp://localhost:{port}", "DOCKER_HOST", folder))
        with pytest.raises(EngineUnavailable, match="Hostname mismatch"):
            await repeated(api)
        await api.close()


async def test_an_engine_of_no_host_is_not_there() -> None:
    """A host that has no address must be said in words, for requests and for commands."""
    api = Api(Candidate("tcp://nowhere.invalid:2375", "DOCKER_HOST"))
    for asking in (identify(api), repeated(api)):
        with pytest.raises(
            EngineUnavailable, match=r"\((Name or service not known|Temporary failure in name resolution)\)"
        ):
            await asking
    await api.close()
