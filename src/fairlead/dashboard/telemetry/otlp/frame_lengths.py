"""The lengths of the frames of HTTP/2, looked at before h2 collects the frames.

h2 refuses a frame that is too long only once it has all of it, which may be 16 MiB for each connection, token or not.
"""

from __future__ import annotations

from typing import Final

from h2.exceptions import FrameTooLargeError

_PREFACE_BYTES: Final = 24
_HEADER_BYTES: Final = 9
"""Length (three bytes), type, flags and stream of a frame."""


class FrameLengths:
    """Follows the bytes of one client from frame to frame.

    Args:
        limit: Bytes that a frame may have.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._rest = _PREFACE_BYTES  # of what is being passed over
        self._header = b""

    def check(self, data: bytes) -> None:
        """Look at the next bytes.

        Raises:
            FrameTooLargeError: A frame begins in them that is too long.
        """
        rest = memoryview(data)
        while rest:
            if self._rest:
                passed = min(self._rest, len(rest))
                self._rest -= passed
                rest = rest[passed:]
                continue
            missing = _HEADER_BYTES - len(self._header)
            self._header += rest[:missing]
            rest = rest[missing:]
            if len(self._header) == _HEADER_BYTES:
                self._rest = int.from_bytes(self._header[:3], "big")
                self._header = b""
                if self._rest > self._limit:
                    raise FrameTooLargeError(f"a frame of {self._rest} bytes")
