"""Inflating what was compressed, up to a limit: a few bytes may stand for gigabytes."""

from __future__ import annotations

import zlib
from typing import Final

from fairlead.dashboard.telemetry.otlp.limits import MESSAGE_BYTES
from fairlead.dashboard.telemetry.otlp.refused import Code, Refused, malformed, too_large

_ZLIB_OR_GZIP: Final = 32 + zlib.MAX_WBITS
_RAW: Final = -zlib.MAX_WBITS

ENCODINGS: Final = ("identity", "gzip", "deflate")
"""The encodings that are understood."""


def require_known_encoding(encoding: str) -> None:
    """Require that an encoding is understood.

    Raises:
        Refused: It is not.
    """
    if encoding not in ENCODINGS:
        message = f"the encoding {encoding!r} is not understood; use gzip or none"
        raise Refused(Code.UNIMPLEMENTED, 415, message)


def inflate(data: bytes, encoding: str) -> bytes:
    """What was compressed.

    Args:
        data: What was sent.
        encoding: One of :data:`ENCODINGS`.

    Raises:
        Refused: It is malformed, or larger than the limit.
    """
    if encoding == "identity":
        return data
    try:
        return _inflated(data, _ZLIB_OR_GZIP)
    except zlib.error as error:
        if encoding == "deflate":  # some send it without the header that the standard asks for
            try:
                return _inflated(data, _RAW)
            except zlib.error:
                pass
        raise malformed(f"the request is not compressed as {encoding}: {error}") from error


def _inflated(data: bytes, format: int) -> bytes:
    inflating = zlib.decompressobj(format)
    inflated = inflating.decompress(data, MESSAGE_BYTES + 1)
    if len(inflated) > MESSAGE_BYTES:
        raise too_large(MESSAGE_BYTES)
    if not inflating.eof or inflating.unused_data:
        raise zlib.error("it ends too early, or something follows")
    return inflated
