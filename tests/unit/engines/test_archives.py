"""Archives on their way into a container."""

from __future__ import annotations

import io
import tarfile

import pytest

from fairlead.engines.docker.commands import without_padding


def packed(*contents: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for number, content in enumerate(contents):
            entry = tarfile.TarInfo(f"file{number}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


@pytest.mark.parametrize("contents", [(), (b"x",), (b"a" * 512, b""), (b"", b"\0" * 5000), (b"x" * 20_000,)])
def test_an_archive_ends_where_readers_stop(contents: tuple[bytes, ...]) -> None:
    """It must end with the two blocks of zeros that mark its end, and hold what it held."""
    sent = without_padding(packed(*contents))

    blocks = sum(1 + -(-len(content) // 512) for content in contents)
    assert len(sent) == (blocks + 2) * 512
    with tarfile.open(fileobj=io.BytesIO(sent)) as tar:
        held = [tar.extractfile(member) for member in tar.getmembers()]
        assert [file.read() for file in held if file is not None] == [*contents]
