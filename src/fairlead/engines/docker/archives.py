"""Files into and out of a container, as tar archives that need not be in memory as a whole."""

from __future__ import annotations

import re
import sys
import tarfile
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Final

from fairlead.engines.container_command import Content, pieces
from fairlead.engines.docker import errors
from fairlead.engines.docker.api import Api, Refused, segment

PIECE: Final = 256 * 1024
"""Bytes that are sent or read at a time."""
_BLOCK: Final = tarfile.BLOCKSIZE
_END: Final = bytes(_BLOCK)


async def put_archive(api: Api, container: str, archive: Content, path: str) -> None:
    """Unpack a tar archive; owners and modes are those of its entries.

    Raises:
        EngineError: There is no such container or path, or it can't be written.
    """
    place = f"containers/{segment(container)}/archive"
    try:
        await api.call("PUT", place, params={"path": path}, data=_without_padding(archive))
    except Refused as refused:
        raise errors.explain(refused, f"files can't be copied to {path}") from refused


async def has_path(api: Api, container: str, path: str) -> bool:
    """Whether there is a file or folder of that path."""
    try:
        async with api.stream("HEAD", f"containers/{segment(container)}/archive", params={"path": path}):
            return True
    except Refused as refused:
        if refused.status != 404:
            raise errors.explain(refused, f"{path} can't be looked for in the container") from refused
        return False


async def read_archive(api: Api, container: str, path: str) -> AsyncGenerator[bytes, None]:
    """Fetch a file or folder, piece by piece.

    Raises:
        EngineError: There is no such container or path.
    """
    try:
        place = f"containers/{segment(container)}/archive"
        async with api.stream("GET", place, params={"path": path}) as answer:
            async for piece in answer.content.iter_any():
                yield piece
    except Refused as refused:
        raise errors.explain(refused, f"{path} can't be copied out of the container") from refused


async def _without_padding(archive: Content) -> AsyncIterator[bytes]:
    end = ArchiveEnd()
    async for piece in pieces(archive, PIECE):
        if data := end.feed(piece):
            yield data


class ArchiveEnd:
    """Cuts off what follows the two blocks of zeros at the end of a tar archive.

    Podman stops reading there, and when that is before the rest has come it takes it for an error. The end is found by
    going from header to header, since the content of a file may be zeros as well.
    """

    def __init__(self) -> None:
        self._header = bytearray()
        self._content = 0  # bytes before the next header
        self._extended: bytearray | None = None  # the content of a header that says more about the next one
        self._size: int | None = None  # what it says of the size, for files of more than 8 GiB
        self._zeros = 0

    def feed(self, data: bytes) -> bytes:
        """Take the next bytes of the archive.

        Returns:
            Those of them that are to be sent.
        """
        position = 0
        while position < len(data) and self._zeros < 2:
            if self._content:
                taken = min(self._content, len(data) - position)
                self._take_content(data[position : position + taken])
            else:
                taken = min(_BLOCK - len(self._header), len(data) - position)
                self._take_header(data[position : position + taken])
            position += taken
        return data if position == len(data) else data[:position]

    def _take_content(self, data: bytes) -> None:
        self._content -= len(data)
        if self._extended is not None:
            self._extended += data
            if not self._content:
                # 20 size=9000000000\n
                match = re.search(rb"(?:^|\n)\d+ size=(\d+)\n", self._extended)
                self._size, self._extended = int(match[1]) if match else None, None

    def _take_header(self, data: bytes) -> None:
        self._header += data
        if len(self._header) < _BLOCK:
            return
        header, self._header = bytes(self._header), bytearray()
        if header == _END:
            self._zeros += 1
            return
        self._zeros = 0
        kind, size = header[156:157], _number(header[124:136])
        if size is None:
            self._content = sys.maxsize
            return
        if kind == b"x":
            self._extended = bytearray()
        elif kind not in b"gLK":  # those say something else about the next one
            size, self._size = size if self._size is None else self._size, None
        is_file = kind not in b"123456"  # neither a link, a device, a folder nor a pipe
        self._content = -(-size // _BLOCK) * _BLOCK if is_file else 0


def _number(field: bytes) -> int | None:
    """A number of a header, None if it is none: what is no header that we know is sent with all that follows."""
    # octal digits, or GNU's binary number behind a byte of 128
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    digits = field.split(b"\0")[0].strip()
    try:
        return int(digits or b"0", 8)
    except ValueError:
        return None
