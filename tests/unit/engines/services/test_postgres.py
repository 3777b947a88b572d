"""Logging in to PostgreSQL in each way that its images use, and making a database."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import struct
from collections.abc import Awaitable, Callable
from typing import Literal

import pytest

from fairlead.engines.services.postgres import Refusal, check_ready, session
from fairlead.errors import EngineError
from fairlead.testing.listening import Listener

PASSWORD = 'it\'s "s3cret"'
Way = Literal["trust", "clear", "md5", "scram", "kerberos"]


class Server:
    """A server with one user, `me`.

    Args:
        way: How a client has to log in.
    """

    def __init__(self, way: Way) -> None:
        self.way = way
        self.settings: list[bytes] = []
        self.queries: list[bytes] = []
        self.databases: set[bytes] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def send(kind: bytes, content: bytes) -> None:
            writer.write(kind + struct.pack("!i", 4 + len(content)) + content)

        async def receive() -> tuple[bytes, bytes]:
            kind = await reader.readexactly(1)
            (length,) = struct.unpack("!i", await reader.readexactly(4))
            return kind, await reader.readexactly(length - 4)

        try:
            (length,) = struct.unpack("!i", await reader.readexactly(4))
            self.settings = (await reader.readexactly(length - 4))[4:].split(b"\0")
            if not await WAYS[self.way](send, receive):
                send(b"E", b'SFATAL\0C28P01\0Mpassword authentication failed for user "me"\0\0')
                return
            send(b"R", struct.pack("!i", 0))
            send(b"S", b"server_version\x0015\0")
            send(b"Z", b"I")
            while (message := await receive())[0] == b"Q":
                self.answer(message[1].rstrip(b"\0"), send)
        except asyncio.IncompleteReadError:
            pass

    def answer(self, query: bytes, send: Callable[[bytes, bytes], None]) -> None:
        self.queries.append(query)
        if query.startswith(b"CREATE DATABASE"):
            self.databases.add(query)
        elif self.databases:
            send(b"T", b"row")
            send(b"D", b"1")
        send(b"C", b"done\0")
        send(b"Z", b"I")


Send = Callable[[bytes, bytes], None]
Receive = Callable[[], Awaitable[tuple[bytes, bytes]]]


async def trust(send: Send, receive: Receive) -> bool:
    return True


async def kerberos(send: Send, receive: Receive) -> bool:
    send(b"R", struct.pack("!i", 7))
    await receive()
    return False


async def clear(send: Send, receive: Receive) -> bool:
    send(b"R", struct.pack("!i", 3))
    return (await receive())[1] == PASSWORD.encode() + b"\0"


async def md5(send: Send, receive: Receive) -> bool:
    send(b"R", struct.pack("!i", 5) + b"salt")
    inner = hashlib.md5(f"{PASSWORD}me".encode()).hexdigest()
    return (await receive())[1] == b"md5" + hashlib.md5(inner.encode() + b"salt").hexdigest().encode() + b"\0"


async def scram(send: Send, receive: Receive) -> bool:
    """The server's part of RFC 7677, from what a server stores of a password."""
    salted = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), b"pepper", 4096)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    send(b"R", struct.pack("!i", 10) + b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0")
    hello = (await receive())[1].partition(b"n,,")[2]
    nonce = hello.rpartition(b"r=")[2] + b"server"
    challenge = b"r=" + nonce + b",s=" + base64.b64encode(b"pepper") + b",i=4096"
    send(b"R", struct.pack("!i", 11) + challenge)
    last, _, proof = (await receive())[1].partition(b",p=")
    signed = hello + b"," + challenge + b"," + last
    signature = hmac.digest(stored, signed, "sha256")
    client_key = bytes(a ^ b for a, b in zip(base64.b64decode(proof), signature, strict=True))
    if hashlib.sha256(client_key).digest() != stored or last != b"c=biws,r=" + nonce:
        return False
    own = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), signed, "sha256")
    send(b"R", struct.pack("!i", 12) + b"v=" + base64.b64encode(own))
    return True


WAYS = {"trust": trust, "clear": clear, "md5": md5, "scram": scram, "kerberos": kerberos}


@pytest.mark.parametrize("way", ["clear", "md5", "scram"])
async def test_it_logs_in_and_makes_a_database_once(way: Way) -> None:
    """With the password it must get in, whatever the server does with that, and make what is missing, quoted."""
    server = Server(way)
    async with Listener(server.serve) as listener:
        port = await listener.open_tcp()
        await check_ready("127.0.0.1", port, "me", "postgres")
        for made in (True, False):
            async with session("127.0.0.1", port, "me", PASSWORD, "postgres") as logged_in:
                assert logged_in.asked_for_password
                assert await logged_in.ensure_database('it\'s "mine"') == made
    assert server.settings[:4] == [b"user", b"me", b"database", b"postgres"]
    assert server.queries[:2] == [
        b"SELECT 1 FROM pg_database WHERE datname = 'it''s \"mine\"'",
        b'CREATE DATABASE "it\'s ""mine"""',
    ]


@pytest.mark.parametrize("way", ["clear", "md5", "scram"])
async def test_a_wrong_password_is_told_from_other_errors(way: Way) -> None:
    """A wrong password must be refused with the server's words and their code."""
    async with Listener(Server(way).serve) as listener:
        port = await listener.open_tcp()
        with pytest.raises(Refusal, match='password authentication failed for user "me"') as caught:
            async with session("127.0.0.1", port, "me", "wrong", "postgres"):
                pass
    assert caught.value.code == "28P01"


async def test_a_server_that_trusts_says_nothing_of_the_password() -> None:
    """Where no password is asked for, that must be said, as then it proves nothing."""
    async with Listener(Server("trust").serve) as listener:
        port = await listener.open_tcp()
        async with session("127.0.0.1", port, "me", "wrong", "postgres") as logged_in:
            assert not logged_in.asked_for_password


async def test_a_way_that_is_not_known_is_an_error_of_its_own() -> None:
    """A server that wants Kerberos, or a password that would have to be prepared, must not look like a refusal."""
    for way, password in (("kerberos", PASSWORD), ("scram", "pässword")):
        async with Listener(Server(way).serve) as listener:  # type: ignore[arg-type]
            port = await listener.open_tcp()
            with pytest.raises(EngineError, match="Fairlead") as caught:
                async with session("127.0.0.1", port, "me", password, "postgres"):
                    pass
        assert not isinstance(caught.value, Refusal)


@pytest.mark.parametrize("words", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"R\0\0\0\x01", b"R\xff\xff\xff\xff"])
async def test_what_is_no_postgres_is_said(words: bytes) -> None:
    """Whatever answers in its place must be an error that says so."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(words)

    async with Listener(serve) as listener:
        port = await listener.open_tcp()
        with pytest.raises(EngineError, match=f"port {port} does not answer as PostgreSQL does"):
            await check_ready("127.0.0.1", port, "me", "postgres")
