"""A child of this process whose end is noticed before it is reaped.

A process id can be given to somebody else only once its owner was reaped. So as long as a child is kept as a zombie,
its id, and the group and session named after it, can be signalled without ever hitting a stranger. ``asyncio`` reaps
first and tells later, which is why this module does not use its subprocesses.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence

from fairlead.engines.descriptors import first_limit


class Child:
    """A process in a session of its own, which it leads.

    Standard input, output and error are as given to ``subprocess.Popen``. The caller must end with ``reap`` or
    ``release``; until then ``signal_group`` is safe, also after the child ended.

    Raises:
        OSError: As ``subprocess.Popen``; ``ValueError`` likewise.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        executable: str | None = None,
        cwd: str | None = None,
        stdin: int = subprocess.DEVNULL,
        stdout: int = subprocess.DEVNULL,
        stderr: int = subprocess.DEVNULL,
    ) -> None:
        with first_limit():
            self.popen = subprocess.Popen(
                argv,
                executable=executable,
                cwd=cwd,
                env=env,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                bufsize=0,
                start_new_session=True,
            )
        self.pid = self.popen.pid
        self._loop = asyncio.get_running_loop()
        self.exited: asyncio.Future[None] = self._loop.create_future()
        """Done once the child ended; it is a zombie then."""
        self._exit_fd = _open_exit_fd(self.pid)
        if self._exit_fd is None:
            threading.Thread(target=self._wait_in_thread, name=f"wait-{self.pid}", daemon=True).start()
        else:
            self._loop.add_reader(self._exit_fd, self._note_exit)

    def signal_group(self, number: signal.Signals) -> None:
        """Send a signal to the child's process group; an empty group is no error."""
        if self.popen.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    def reap(self, timeout: float | None = None) -> int:
        """Collect the exit status and close all that belongs to the child.

        To be called once ``exited`` is done or the child was killed; blocks until it ended.

        Args:
            timeout: Seconds to wait for its end; None waits for ever.

        Returns:
            The exit code, or the negative number of the signal that ended it.

        Raises:
            subprocess.TimeoutExpired: It has not ended; nothing is closed.
        """
        code = self.popen.wait(timeout)
        self._close()
        return code

    def detach(self) -> None:
        """Close all that belongs to the child and let it live on, never to be waited for."""
        self._close()
        if self.popen.returncode is None:
            self.popen.returncode = 0  # keeps Popen from warning that the child still runs: that is intended

    def _close(self) -> None:
        if self._exit_fd is not None:
            self._loop.remove_reader(self._exit_fd)
            os.close(self._exit_fd)
            self._exit_fd = None
        for pipe in (self.popen.stdin, self.popen.stdout, self.popen.stderr):
            if pipe is not None:
                pipe.close()
        if not self.exited.done():
            self.exited.cancel()

    def _note_exit(self) -> None:
        if self._exit_fd is not None:
            self._loop.remove_reader(self._exit_fd)
        if not self.exited.done():
            self.exited.set_result(None)

    def _wait_in_thread(self) -> None:
        with contextlib.suppress(ChildProcessError):
            if hasattr(os, "waitid"):
                os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
            else:  # macOS before Python 3.13: the child is reaped here, a little early
                self.popen.wait()
        with contextlib.suppress(RuntimeError):  # the loop is closed, nobody listens any more
            self._loop.call_soon_threadsafe(self._note_exit)


def _open_exit_fd(pid: int) -> int | None:
    """A descriptor that becomes readable when the process ends, or None where the system has no such thing."""
    if not hasattr(os, "pidfd_open"):
        return None
    try:
        return os.pidfd_open(pid)
    except OSError:  # an old kernel or a sandbox that forbids it
        return None
