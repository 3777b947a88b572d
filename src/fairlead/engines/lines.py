"""Bytes that arrive in chunks of any size, cut into lines.

A process may write binary data, half a line, or a line without end. Whatever the chunks were, the same bytes give the
same lines, nothing is lost, and what is held back is bounded.
"""

from __future__ import annotations

from typing import Final

MAX_LINE: Final = 64 * 1024
"""Bytes after which a line is handed out in pieces."""


class LineSplitter:
    r"""Cuts a stream of bytes at ``\n`` and ``\r\n``.

    A line of more than ``MAX_LINE`` bytes comes out in pieces of nearly that size; no piece ends inside a UTF-8
    character. A lone ``\r`` (a progress bar) is part of its line; where a line is too long, what was written before one
    is dropped instead, as it has been overwritten.
    """

    def __init__(self) -> None:
        self._pending = bytearray()

    @property
    def is_open(self) -> bool:
        """Whether there is something of a line that has no end yet."""
        return bool(self._pending)

    @property
    def open_line(self) -> bytes:
        """What there is of the line that has no end yet, without what was overwritten."""
        return bytes(self._pending.rstrip(b"\r").rpartition(b"\r")[2])

    def feed(self, chunk: bytes) -> list[bytes]:
        """Take the next bytes of the stream.

        Returns:
            The lines that are complete now, without their line ends.
        """
        if b"\n" not in chunk:
            self._pending += chunk
            return self._overflow()
        lines = (bytes(self._pending) + chunk).split(b"\n")
        self._pending = bytearray(lines.pop())
        if b"\r" in chunk or lines[0].endswith(b"\r"):
            lines = [line.removesuffix(b"\r") for line in lines]
        if max(map(len, lines)) > MAX_LINE:
            lines = [piece for line in lines for piece in _pieces(line)]
        return lines + self._overflow()

    def flush(self) -> list[bytes]:
        """Take the end of the stream.

        Returns:
            The last line, if the stream did not end with a line end.
        """
        rest, self._pending = bytes(self._pending), bytearray()
        return _pieces(rest) if rest else []

    def _overflow(self) -> list[bytes]:
        # Two bytes more than a line may have: the last one could be the \r of a line end, which is no part of the line.
        pieces = []
        while len(self._pending) >= MAX_LINE + 2:
            piece, end = _first_piece(self._pending, 0)
            pieces += piece
            del self._pending[:end]
        return pieces


def _pieces(line: bytes) -> list[bytes]:
    pieces = []
    start = 0
    while len(line) - start > MAX_LINE:
        piece, start = _first_piece(line, start)
        pieces += piece
    return [*pieces, line[start:]]


def _first_piece(line: bytes | bytearray, start: int) -> tuple[list[bytes], int]:
    """The first piece of a line that is too long, if it was not overwritten, and where the rest begins."""
    if (last_return := line.rfind(b"\r", start, start + MAX_LINE)) >= 0:
        return [], last_return + 1
    end = _cut(line, start)
    return [bytes(line[start:end])], end


def _cut(data: bytes | bytearray, start: int) -> int:
    """Where the piece that begins at ``start`` ends: at ``MAX_LINE``, or up to 3 bytes earlier to spare a character."""
    end = start + MAX_LINE
    for candidate in range(end, end - 4, -1):
        if data[candidate] & 0xC0 != 0x80:  # not 10xxxxxx, so no byte in the middle of a character
            return candidate
    return end  # four such bytes in a row: not UTF-8
