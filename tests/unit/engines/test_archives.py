"""Archives on their way into a container."""

from __future__ import annotations

import io
import tarfile

import pytest

from fairlead.engines.docker.archives import ArchiveEnd

FORMATS = [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]


def packed(*contents: bytes, form: int = tarfile.PAX_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as tar:
        tar.addfile(folder("folder"))
        for number, content in enumerate(contents):
            entry = tarfile.TarInfo(f"folder/file{number}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def folder(name: str) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type = tarfile.DIRTYPE
    return entry


def sent(archive: bytes, size: int) -> bytes:
    """What is sent of an archive that comes in pieces of a size."""
    end = ArchiveEnd()
    return b"".join(end.feed(archive[start : start + size]) for start in range(0, len(archive), size))


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("size", [1, 511, 512, 700, 1024, 100_000])
@pytest.mark.parametrize("contents", [(), (b"x",), (b"a" * 512, b""), (b"", b"\0" * 5000), (b"x" * 20_000,)])
def test_an_archive_ends_where_readers_stop(contents: tuple[bytes, ...], size: int, form: int) -> None:
    """It must end with the two blocks of zeros that mark its end, and hold what it held, however it comes."""
    data = sent(packed(*contents, form=form), size)

    blocks = 1 + sum(1 + -(-len(content) // 512) for content in contents)
    assert len(data) == (blocks + 2) * 512
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        held = [tar.extractfile(member) for member in tar.getmembers()]
        assert [file.read() for file in held if file is not None] == [*contents]


@pytest.mark.parametrize("form", FORMATS)
def test_names_and_numbers_that_fit_no_header(form: int) -> None:
    """Long names, and owners and times that need an extended header, must not hide the end."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as tar:
        entry = tarfile.TarInfo("/".join(["folder"] * 20) if form != tarfile.USTAR_FORMAT else "short")
        entry.size = 700
        if form != tarfile.USTAR_FORMAT:
            entry.uid, entry.mtime = 2**40, 1.5
        tar.addfile(entry, io.BytesIO(b"\0" * 700))
    archive = buffer.getvalue()

    data = sent(archive, 300)

    assert archive.startswith(data) and not any(archive[len(data) :])
    assert len(data) < len(archive)
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        assert [member.size for member in tar.getmembers()] == [700]


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_a_file_of_more_than_eight_gigabytes(form: int) -> None:
    """A size that a header can't hold in octal must be understood: zeros inside the file are not the end."""
    entry = tarfile.TarInfo("large")
    entry.size = 9 * 2**30
    end = ArchiveEnd()
    head = entry.tobuf(tarfile.GNU_FORMAT if form == tarfile.GNU_FORMAT else tarfile.PAX_FORMAT)
    assert end.feed(head) == head
    for _ in range(10):
        assert end.feed(bytes(4096)) == bytes(4096)


def test_what_is_no_archive_is_sent_as_it_is() -> None:
    """Judging an archive is the engine's business."""
    text = b"this is no archive. " * 1000 + bytes(2000)
    assert sent(text, 1000) == text
