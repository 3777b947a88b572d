"""Writes to standard output from a thread of its own, so that a slow reader does not hold up the run.

What must be seen is kept until it is written. Lines of logs are dropped once too many wait; how many is said.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable

KEPT_LOG_LINES = 5_000
_CHUNK_BYTES = 64 * 1024


class Writer:
    """A queue of lines and the thread that writes them.

    Args:
        descriptor: Where to; it is not closed.
        encoding: In which encoding; what it can't spell becomes an escape.
    """

    def __init__(self, descriptor: int = 1, encoding: str = "utf-8") -> None:
        self._descriptor = descriptor
        self._encoding = encoding
        #: Is called, in the thread, once nothing more can be written: why, or with None when the reader has left.
        self.on_gone: Callable[[OSError | None], None] = lambda error: None
        self._queue: deque[tuple[str, int]] = deque()
        self._log_lines = 0
        self._dropped = 0
        self._closed = False
        self._busy = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="stdout", daemon=True)
        self._thread.start()

    def write(self, text: str) -> None:
        """Write a text that must not get lost, below what is said of lines that were. Returns at once."""
        with self._changed:
            note = self._dropped_note()
        self._put(note + text, 0)

    def write_log(self, text: str, lines: int = 1) -> None:
        """Write lines of a log, or drop them when the reader is far behind. Returns at once.

        Args:
            text: The lines, each with its line feed.
            lines: How many they are.
        """
        with self._changed:
            if self._log_lines + lines > KEPT_LOG_LINES and self._log_lines:
                self._dropped += lines
                return
            note = self._dropped_note()
        if note:
            self._put(note, 0)
        self._put(text, lines)

    @property
    def is_behind(self) -> bool:
        """Whether there is something that the reader has not taken yet."""
        with self._changed:
            return self._busy or bool(self._queue)

    def close(self, seconds: float = 2.0) -> None:
        """Write what is left, and give up after some seconds when the reader does not take it."""
        with self._changed:
            note = self._dropped_note()
            if note:
                self._queue.append((note, 0))
            self._closed = True
            self._changed.notify()
        self._thread.join(seconds)

    def _dropped_note(self) -> str:
        count, self._dropped = self._dropped, 0
        return f"… {count:,} lines of logs skipped: this output is read too slowly\n" if count else ""

    def _put(self, text: str, lines: int) -> None:
        with self._changed:
            if not self._closed:
                self._queue.append((text, lines))
                self._log_lines += lines
                self._changed.notify()

    def _take(self) -> str | None:
        """The next portion, when there is one; None at the end."""
        with self._changed:
            self._busy = False
            while not self._queue:
                if self._closed:
                    return None
                self._changed.wait()
            portion: list[str] = []
            size = 0
            while self._queue and size < _CHUNK_BYTES:
                text, lines = self._queue.popleft()
                self._log_lines -= lines
                portion.append(text)
                size += len(text)
            self._busy = True
            return "".join(portion)

    def _work(self) -> None:
        while (text := self._take()) is not None:
            data = memoryview(text.encode(self._encoding, "backslashreplace"))
            try:
                while data:
                    data = data[os.write(self._descriptor, data) :]
            except OSError as error:
                self._give_up(None if isinstance(error, BrokenPipeError) else error)
                return

    def _give_up(self, error: OSError | None) -> None:
        with self._changed:
            self._closed, self._busy = True, False
            self._queue.clear()
        self.on_gone(error)
