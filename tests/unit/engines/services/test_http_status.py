"""Asking a service for the status of an answer."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import pytest

from fairlead.engines.services.http_status import http_answer, http_status
from fairlead.errors import EngineError
from fairlead.testing.listening import Listener

SECONDS = 40.0


class Service:
    """A listener that answers with fixed bytes and keeps what it was asked."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.asked = b""
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked = await reader.readuntil(b"\r\n\r\n")
        writer.write(self.answer)
        await writer.drain()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"


@contextlib.asynccontextmanager
async def service(answer: bytes) -> AsyncIterator[Service]:
    made = Service(answer)
    async with Listener(made.serve) as listener:
        made.port = await listener.open_tcp()
        yield made


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", 200),
        (b"HTTP/1.0 503\r\n\r\n", 503),
        (b"HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\n\r\n", 302),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 204 None\r\n\r\n", 204),
        (b"HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\n\r\n", 101),
        (b"HTTP/1.1 200 OK\n\nbody", 200),
    ],
)
async def test_status_is_that_of_the_answer(answer: bytes, status: int) -> None:
    """The status must be the final one, neither an interim one nor that of where a redirect leads."""
    async with service(answer) as asked:
        assert await http_status(f"http://{asked.address}/", SECONDS) == status


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("", b"/"),
        ("/up?full=1&q=a%20b#there", b"/up?full=1&q=a%20b"),
        ("/möwe nest?tür=zu", b"/m%C3%B6we%20nest?t%C3%BCr=zu"),
    ],
)
async def test_request_is_one_that_every_server_takes(path: str, target: bytes) -> None:
    """What is asked for must be escaped where it is not yet, and the connection be of use once."""
    async with service(b"HTTP/1.1 200 OK\r\n\r\n") as asked:
        await http_status(f"http://{asked.address}{path}", SECONDS)

    line, *headers = asked.asked.split(b"\r\n")
    assert line == b"GET " + target + b" HTTP/1.1"
    assert f"Host: {asked.address}".encode() in headers
    assert b"Connection: close" in headers
    assert not any(header.startswith(b"Authorization") for header in headers)


async def test_name_and_password_are_sent() -> None:
    """A name and a password in the address must be sent as such, not as a part of the host."""
    async with service(b"HTTP/1.1 401 No\r\n\r\n") as asked:
        assert await http_status(f"http://me:s%40fe@{asked.address}/", SECONDS) == 401

    assert b"Authorization: Basic bWU6c0BmZQ==\r\n" in asked.asked  # me:s@fe
    assert f"Host: {asked.address}\r\n".encode() in asked.asked


@pytest.mark.parametrize(
    ("answer", "said"),
    [(b"", "it closed the connection without an answer"), (b"SSH-2.0-OpenSSH_9.2\r\n", "its answer is not HTTP")],
)
async def test_what_is_no_answer_is_said(answer: bytes, said: str) -> None:
    """What answers, but not over HTTP, must be an error that says so."""
    async with service(answer) as asked:
        with pytest.raises(EngineError, match=said):
            await http_status(f"http://{asked.address}/", SECONDS)


async def test_nobody_listens() -> None:
    """Where nobody listens the error must say so in the system's words."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(EngineError, match=r"^connection refused$"):
        await http_status(f"http://127.0.0.1:{port}/", SECONDS)


async def test_silence_has_a_limit() -> None:
    """Who accepts a connection and says nothing must be given up after the given time."""
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(EngineError, match=r"no answer in 0.05 s"):
        await http_status(f"http://127.0.0.1:{silent.getsockname()[1]}/", 0.05)


async def test_https_is_not_asked_in_clear() -> None:
    """An address with https must be asked over TLS: one who does not speak it is an error."""

    async def answer_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")

    async with Listener(answer_at_once) as listener:
        port = await listener.open_tcp()
        with pytest.raises(EngineError, match="SSL"):
            await http_status(f"https://127.0.0.1:{port}/", SECONDS)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "nowhere", "http://127.0.0.1:99999/", "http:///path"])
async def test_what_is_no_address_is_an_error(url: str) -> None:
    """An address that can't be asked, as a parameter may hold one, must be an error like any other."""
    with pytest.raises(EngineError):
        await http_status(url, SECONDS)


HEAD = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain\r\n"


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (HEAD + b"content-length: 7\r\n\r\nno pool, and more", "no pool"),
        (HEAD + b"\r\nno pool", "no pool"),
        (HEAD + b"transfer-encoding: chunked\r\n\r\n7\r\nno pool\r\n0\r\n\r\n", "no pool"),
        (HEAD + b"content-length: 0\r\n\r\n", ""),
        (HEAD + b"content-length: lots\r\n\r\nno pool", ""),
        (HEAD + b"content-length: -5\r\n\r\nno pool", ""),
        (HEAD + b"\r\n\x1b[31mno\x00 p\xffool", "[31mno p\ufffdool"),
        (HEAD + b"\r\n" + b"x" * 5000, "x" * 600),
        (b"HTTP/1.1 503 No\r\ncontent-type: text/html\r\n\r\n<html>", ""),
        (b"HTTP/1.1 200 OK\r\n\r\nall is well", ""),
    ],
)
async def test_the_text_of_an_unexpected_answer(answer: bytes, text: str) -> None:
    """What a person can read of it must be told, bounded and without control characters; nothing of an expected one."""
    async with service(answer) as asked:
        found = await http_answer(f"http://{asked.address}/", SECONDS, 200)
    assert found.text == text


async def test_a_text_that_does_not_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer must not be held up by a text that is announced and never sent."""
    monkeypatch.setattr("fairlead.engines.services.http_status._TEXT_SECONDS", 0.05)
    held: list[asyncio.StreamWriter] = []

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD + b"content-length: 7\r\n\r\nno")
        held.append(writer)
        await reader.read()

    async with Listener(silent) as listener:
        port = await listener.open_tcp()
        assert await http_answer(f"http://127.0.0.1:{port}/", SECONDS, 200) == (503, "no")
