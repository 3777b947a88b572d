r"""A pod's log taken apart.

Each line begins with its time and a space, because we ask for it:

2026-11-20T23:55:56.794128313Z hello\n
"""

from __future__ import annotations

from fairlead.engines.kube import LogChunk
from fairlead.engines.kube.times import nanoseconds_since_epoch
from fairlead.engines.lines import LineSplitter


class LogReader:
    """Takes the bytes of one log apart.

    Args:
        since: The time of the last line that was read before. The API server knows whole seconds only, so what it tells
            again is skipped.
    """

    def __init__(self, since: str | None = None) -> None:
        self._splitter = LineSplitter()
        self._since = nanoseconds_since_epoch(since) if since else None
        self._time = since or ""

    def feed(self, data: bytes) -> LogChunk | None:
        """Take the next bytes and return the lines that they complete."""
        return self._chunk(self._splitter.feed(data))

    def end(self) -> LogChunk | None:
        """Take the end of the log and return a last line without its end."""
        return self._chunk(self._splitter.flush())

    def _chunk(self, stamped: list[bytes]) -> LogChunk | None:
        lines = [line for line in map(self._line, stamped) if line is not None]
        return LogChunk(self._time, lines) if lines else None

    def _line(self, stamped: bytes) -> bytes | None:
        """A line without its time; None if it is from before."""
        time, _, line = stamped.partition(b" ")
        if not _is_time(time):  # the rest of a line that was too long
            return stamped if self._since is None else None
        self._time = time.decode()
        if self._since is not None:
            if nanoseconds_since_epoch(self._time) <= self._since:
                return None
            self._since = None  # those that follow are newer too
        return line


def _is_time(word: bytes) -> bool:
    return len(word) >= len("2026-11-20T23:55:56Z") and word[10:11] == b"T" and word[:4].isdigit()
