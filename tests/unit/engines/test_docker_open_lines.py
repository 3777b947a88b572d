"""What is shown of lines that have no end yet, and frames that may be cut anywhere."""

from __future__ import annotations

from fairlead.engines.docker.frames import Frames
from fairlead.engines.docker.open_lines import OpenLines


def frame(text: bytes, stream: int = 1) -> bytes:
    return bytes([stream, 0, 0, 0]) + len(text).to_bytes(4, "big") + text


def test_frames_may_be_cut_anywhere() -> None:
    """However the bytes arrive, each stream must get its own, and nothing be held back."""
    data = frame(b"hello ") + frame(b"oh no", 2) + frame(b"") + frame(b"world")
    for size in range(1, len(data) + 1):
        frames, written = Frames(), {"stdout": b"", "stderr": b""}
        for start in range(0, len(data), size):
            for stream, text in frames.feed(data[start : start + size]):
                written[stream] += text
        assert written == {"stdout": b"hello world", "stderr": b"oh no"}
    assert [output.data for output in Frames().feed(frame(b"the beginning of much")[:12])] == [b"the "]


def test_a_line_is_shown_when_it_has_been_open_for_a_while() -> None:
    """What began before the last tick must be shown once, with what was added, and taken back when it ends."""
    lines = OpenLines()
    assert lines.feed("stdout", b"name: ") == []
    assert lines.has_changed
    assert lines.tick() == [("stdout", b"name: ")]
    assert not lines.has_changed and lines.tick() == []
    assert lines.feed("stdout", b"Ann") == [] and lines.tick() == [("stdout", b"name: Ann")]
    assert lines.feed("stdout", b"a\nnext") == [("stdout", b"")]
    assert lines.tick() == [], "it is too young"
    assert lines.tick() == [("stdout", b"next")]


def test_a_flood_of_lines_shows_nothing() -> None:
    """Lines that end at once must not flicker, on either stream."""
    lines = OpenLines()
    for _ in range(5):
        assert lines.feed("stdout", b"a line\nanoth") == []
        assert lines.feed("stderr", b"\n") == []
        assert lines.tick() == []


def test_a_progress_bar_shows_what_was_written_last() -> None:
    """What a carriage return has overwritten must not be shown, and what is held back be bounded."""
    lines = OpenLines()
    lines.feed("stdout", b"10 %\r20 %\r")
    assert lines.tick() == [("stdout", b"20 %")]
    for _ in range(100):
        lines.feed("stdout", b"x" * 10_000)
    ((_, text),) = lines.tick()
    assert len(text) == 64 * 1024
