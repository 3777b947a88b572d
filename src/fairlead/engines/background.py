"""Starting a process that outlives this one, and learning whether it came up."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path


class Background:
    """A process in a session of its own, which writes to a private file; made by :meth:`start`.

    Args:
        popen: The process.
        answer: Where it says that it is up.
    """

    def __init__(self, popen: subprocess.Popen[bytes], answer: int) -> None:
        self.pid = popen.pid
        self._popen = popen
        self._answer = answer

    @classmethod
    def start(cls, argv: Sequence[str], message: bytes, log_file: Path) -> Background:
        """Start a process.

        Args:
            argv: The command; the number of the descriptor to answer on is put behind it.
            message: What it reads from standard input: nobody else sees it, unlike arguments.
            log_file: Where its output goes; emptied first, and closed to other users.

        Raises:
            OSError: The command can't be run, or the file can't be written.
        """
        ours, theirs = os.pipe()
        log = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        try:
            os.fchmod(log, 0o600)
            popen = subprocess.Popen(
                [*argv, str(theirs)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=[theirs],
                start_new_session=True,
            )
        except BaseException:
            os.close(ours)
            raise
        finally:
            os.close(log)
            os.close(theirs)
        assert popen.stdin is not None
        with suppress(BrokenPipeError):  # it ended at once; what it said is in its log
            popen.stdin.write(message)
            popen.stdin.close()
        return cls(popen, ours)

    def wait_for_answer(self) -> bytes:
        """Wait until it says that it is up; nothing when it ended instead."""
        with os.fdopen(self._answer, "rb") as answer:
            return answer.read()

    def wait(self) -> int:
        """Wait until it has ended, and return its exit code."""
        return self._popen.wait()

    def detach(self) -> None:
        """Let it live on, never to be waited for."""
        self._popen.returncode = 0  # keeps Popen from warning that the child still runs: that is intended

    def stop(self) -> None:
        """Ask it to end."""
        self._popen.send_signal(signal.SIGTERM)
