"""Asking services over HTTP how they are.

All that is wanted of an answer is its status, so this needs no HTTP library: those take longer to load than a service
takes to start.
"""

from __future__ import annotations

import asyncio
import base64
import functools
import os
import ssl
from contextlib import suppress
from typing import Final, NamedTuple
from urllib.parse import SplitResult, quote, unquote, urlsplit

from fairlead.errors import EngineError

_PORTS: Final = {"http": 80, "https": 443}
_TEXT_BYTES: Final = 600
_TEXT_SECONDS: Final = 1.0
_INTERIM: Final = {*range(100, 200)} - {101}
# What stays as it is in the path and query of an address; the percent sign, as it may be escaped already.
_SAFE: Final = "/%:;=@&+$,!*'()~?[]"


class HttpAnswer(NamedTuple):
    """An answer: its status, and the beginning of its text where that was asked for; empty where it has none."""

    status: int
    text: str = ""


async def http_answer(url: str, seconds: float, expected: int) -> HttpAnswer:
    """GET an address and return the answer, with the beginning of its text unless it has the expected status.

    Args:
        url: The address, with ``http`` or ``https``; a name and password in it are sent.
        seconds: How long it may take to answer.
        expected: The status whose text is of no interest.

    Raises:
        EngineError: It does not answer; the message says how.
    """
    return await _answer(url, seconds, verify=True, expected=expected)


async def http_status(url: str, seconds: float, *, verify: bool = True) -> int:
    """GET an address and return the status of the answer, without following redirects or using a proxy.

    Args:
        url: The address, with ``http`` or ``https``; a name and password in it are sent.
        seconds: How long it may take to answer.
        verify: Whether its certificate is judged.

    Raises:
        EngineError: It does not answer; the message says how.
    """
    return (await _answer(url, seconds, verify=verify, expected=None)).status


async def _answer(url: str, seconds: float, *, verify: bool, expected: int | None) -> HttpAnswer:
    try:
        async with asyncio.timeout(seconds):
            return await _ask(urlsplit(url), verify, expected)
    except TimeoutError as error:
        if error.errno:  # not ours, but the system's
            raise EngineError(_reason(error)) from error
        raise EngineError(f"no answer in {seconds:g} s") from None
    except (OSError, ValueError) as error:
        raise EngineError(_reason(error)) from error


async def _ask(url: SplitResult, verify: bool, expected: int | None) -> HttpAnswer:
    if url.scheme not in _PORTS or not url.hostname:
        raise ValueError(f"'{url.geturl()}' is no address that can be asked over HTTP")
    port = url.port or _PORTS[url.scheme]
    context = (_ssl_context() if verify else _lenient_ssl_context()) if url.scheme == "https" else None
    reader, writer = await asyncio.open_connection(url.hostname, port, ssl=context)
    try:
        writer.write(_request(url))
        status, fields = await _read_head(reader)
        is_wanted = expected not in (None, status) and "text/html" not in fields.get("content-type", "")
        return HttpAnswer(status, await _read_text(reader, fields) if is_wanted else "")
    finally:
        writer.transport.abort()  # nobody waits for the rest of the answer


def _request(url: SplitResult) -> bytes:
    target = quote(url.path or "/", safe=_SAFE) + (f"?{quote(url.query, safe=_SAFE)}" if url.query else "")
    lines = [
        f"GET {target} HTTP/1.1",
        f"Host: {_host(url)}",
        "User-Agent: fairlead",
        "Accept: */*",
        "Connection: close",
    ]
    if url.username is not None:
        credentials = f"{unquote(url.username)}:{unquote(url.password or '')}".encode()
        lines.append(f"Authorization: Basic {base64.b64encode(credentials).decode()}")
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def _host(url: SplitResult) -> str:
    """Host and port without name and password, as the header has them."""
    host = url.netloc.rpartition("@")[2]
    return host if host.isascii() else host.encode("idna").decode()


async def _read_head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    """The status of the answer and its header fields; answers before it (100 Continue) are passed over."""
    status, fields = 100, dict[str, str]()
    while status in _INTERIM:
        line = await reader.readline()
        if not line:
            raise ValueError("it closed the connection without an answer")
        status, fields = _status_of(line), {}
        while line := (await reader.readline()).strip():
            name, _, value = line.decode("latin-1").partition(":")
            fields[name.lower()] = value.strip()
    return status, fields


async def _read_text(reader: asyncio.StreamReader, fields: dict[str, str]) -> str:
    """The beginning of a text, as far as it comes soon; what it can't read is as good as none."""
    data = b""
    with suppress(OSError, ValueError, TimeoutError):
        async with asyncio.timeout(_TEXT_SECONDS):
            length = int(fields.get("content-length", _TEXT_BYTES))
            if fields.get("transfer-encoding", "").lower() == "chunked":
                length = int((await reader.readline()).partition(b";")[0], 16)
            while len(data) < min(length, _TEXT_BYTES) and (more := await reader.read(_TEXT_BYTES)):
                data += more
            data = data[:length]
    text = data[:_TEXT_BYTES].decode("utf-8", "replace").strip()
    return "".join(letter for letter in text if letter.isprintable() or letter in "\n\t")


def _status_of(line: bytes) -> int:
    # HTTP/1.1 200 OK
    version, _, rest = line.partition(b" ")
    digits = rest[:3]
    if not version.startswith(b"HTTP/") or len(digits) != 3 or not digits.isdigit():
        raise ValueError("its answer is not HTTP")
    return int(digits)


@functools.cache
def _ssl_context() -> ssl.SSLContext:
    """Trusts whom the system trusts; reading all these takes some hundredths of a second."""
    return ssl.create_default_context()


@functools.cache
def _lenient_ssl_context() -> ssl.SSLContext:
    """Trusts everybody: what is asked is whether there is an answer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _reason(error: Exception) -> str:
    """Why there is no answer, in the system's words where it has some, and without the address, which is known."""
    if isinstance(error, OSError) and not isinstance(error, ssl.SSLError):
        if error.errno and error.errno > 0:
            return os.strerror(error.errno).lower()  # asyncio puts the address into the error's own text
        return error.strerror or str(error)
    return str(error) or type(error).__name__
