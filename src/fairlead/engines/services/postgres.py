"""A client of PostgreSQL that is just good enough to ask whether it is ready, to log in, and to make a database.

A server answers a start-up message with a request to authenticate when it is ready, and with the error 57P03 while it
starts or stops (protocol 3.0, "Start-up" and "Message Formats"). Messages have a kind, their length and their content:

    R  00 00 00 08  00 00 00 00        logged in
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import secrets
import struct
from collections.abc import AsyncIterator
from typing import Final

from fairlead.errors import EngineError

WRONG_PASSWORD: Final = "28P01"
"""The code of a server's error where the password is not the user's."""
_PROTOCOL: Final = 3 << 16
_LONGEST: Final = 1024 * 1024
_SCRAM: Final = "SCRAM-SHA-256"
_MECHANISM, _CONTINUE, _FINAL = 10, 11, 12


class Refusal(EngineError):
    """The server answered with an error, in its own words.

    Args:
        code: The error's code.
        message: The server's words.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


async def check_ready(host: str, port: int, user: str, database: str) -> None:
    """Return when the server takes connections.

    Raises:
        EngineError: It does not; the message has its own words where it gave any.
    """
    async with _connection(host, port) as connection:
        connection.start_up(user, database)
        await connection.receive_request()


@contextlib.asynccontextmanager
async def session(host: str, port: int, user: str, password: str, database: str) -> AsyncIterator[Session]:
    """Log in for a block.

    Raises:
        Refusal: The server refuses.
        EngineError: It does not answer, or asks for a way of logging in that is not known here.
    """
    async with _connection(host, port) as connection:
        connection.start_up(user, database)
        asked = await _log_in(connection, user, password)
        yield Session(connection, asked_for_password=asked)
        connection.send(b"X", b"")  # goodbye


class Session:
    """A client that is logged in; made by ``session``.

    Args:
        connection: The connection.
        asked_for_password: Whether the server wanted one; some trust whoever comes from where this client does.
    """

    def __init__(self, connection: _Connection, *, asked_for_password: bool) -> None:
        self.asked_for_password = asked_for_password
        self._connection = connection

    async def query(self, text: str) -> int:
        """Run a statement, and return the number of its rows.

        Raises:
            Refusal: The server refuses.
            EngineError: It does not answer any more.
        """
        self._connection.send(b"Q", text.encode() + b"\0")
        rows = 0
        while (message := await self._connection.receive())[0] != b"Z":
            rows += message[0] == b"D"
        return rows

    async def ensure_database(self, name: str) -> bool:
        """Make a database unless it is there.

        Returns:
            Whether it was made.
        """
        literal, identifier = name.replace("'", "''"), name.replace('"', '""')
        if await self.query(f"SELECT 1 FROM pg_database WHERE datname = '{literal}'"):  # noqa: S608  (quoted)
            return False
        await self.query(f'CREATE DATABASE "{identifier}"')
        return True


class _Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def start_up(self, user: str, database: str) -> None:
        settings = ("user", user, "database", database, "client_encoding", "UTF8")
        parameters = b"".join(text.encode() + b"\0" for text in settings) + b"\0"
        self._writer.write(struct.pack("!ii", 8 + len(parameters), _PROTOCOL) + parameters)

    def send(self, kind: bytes, content: bytes) -> None:
        self._writer.write(kind + struct.pack("!i", 4 + len(content)) + content)

    async def receive(self) -> tuple[bytes, bytes]:
        """The kind and the content of the next message; an error is raised."""
        kind = await self._reader.readexactly(1)
        (length,) = struct.unpack("!i", await self._reader.readexactly(4))
        if not 4 <= length <= _LONGEST:
            raise ValueError(f"a message of {length} bytes")
        content = await self._reader.readexactly(length - 4)
        if kind == b"E":
            fields = {entry[:1]: entry[1:].decode("utf-8", "replace") for entry in content.split(b"\0") if entry}
            raise Refusal(fields.get(b"C", ""), fields.get(b"M", "it refused the connection"))
        return kind, content

    async def receive_request(self) -> tuple[int, bytes]:
        """The number and the rest of the next request to authenticate."""
        kind, content = await self.receive()
        if kind != b"R" or len(content) < 4:
            raise ValueError(f"a message {kind!r} in place of a request to authenticate")
        return int.from_bytes(content[:4], "big"), content[4:]


@contextlib.asynccontextmanager
async def _connection(host: str, port: int) -> AsyncIterator[_Connection]:
    try:
        reader, writer = await asyncio.open_connection(host, port)
        try:
            yield _Connection(reader, writer)
        finally:
            writer.close()
    except (OSError, asyncio.IncompleteReadError, struct.error, ValueError) as error:
        raise EngineError(f"port {port} does not answer as PostgreSQL does: {error}") from error


async def _log_in(connection: _Connection, user: str, password: str) -> bool:
    """Log in, and return whether the server asked for the password."""
    request, content = await connection.receive_request()
    asked = request != 0
    if request == 3:
        connection.send(b"p", password.encode() + b"\0")
    elif request == 5:
        connection.send(b"p", _md5(password, user, content[:4]))
    elif request == _MECHANISM and _SCRAM in content.decode("utf-8", "replace").split("\0"):
        await _scram(connection, password)
    elif asked:
        raise EngineError("the server asks for a way of logging in that Fairlead does not know")
    if asked and (await connection.receive_request())[0] != 0:
        raise EngineError("the server asks for more than a password")
    while (await connection.receive())[0] != b"Z":  # its settings
        pass
    return asked


def _md5(password: str, user: str, salt: bytes) -> bytes:
    inner = hashlib.md5(password.encode() + user.encode(), usedforsecurity=False).hexdigest()
    return b"md5" + hashlib.md5(inner.encode() + salt, usedforsecurity=False).hexdigest().encode() + b"\0"


async def _scram(connection: _Connection, password: str) -> None:
    """Prove that the password is known, without sending it (RFC 5802, RFC 7677)."""
    if not password.isascii():  # RFC 4013 would have to prepare it
        raise EngineError("the password has characters that Fairlead can't log in with")
    nonce = secrets.token_urlsafe(18)
    first = f"n=,r={nonce}"
    hello = f"n,,{first}".encode()
    connection.send(b"p", _SCRAM.encode() + b"\0" + struct.pack("!i", len(hello)) + hello)
    request, content = await connection.receive_request()
    fields = dict(part.partition("=")[::2] for part in content.decode().split(","))
    if request != _CONTINUE or not fields.get("r", "").startswith(nonce):
        raise ValueError("an answer to another log-in")
    key = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(fields["s"]), int(fields["i"]))
    last = f"c=biws,r={fields['r']}"
    signed = f"{first},{content.decode()},{last}".encode()
    client_key = _hmac(key, b"Client Key")
    signature = _hmac(hashlib.sha256(client_key).digest(), signed)
    proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
    connection.send(b"p", f"{last},p={base64.b64encode(proof).decode()}".encode())
    request, content = await connection.receive_request()
    expected = b"v=" + base64.b64encode(_hmac(_hmac(key, b"Server Key"), signed))
    if request != _FINAL or not hmac.compare_digest(content, expected):
        raise ValueError("a server that does not know the password either")


def _hmac(key: bytes, text: bytes) -> bytes:
    return hmac.digest(key, text, "sha256")
