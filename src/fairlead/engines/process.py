"""Host processes: start one, take its output, end it with everything it started.

Each process leads a session of its own. It is over when its leader ended, whatever else was in the session was ended
too, and its output was delivered; only then ``wait`` returns. A process that left the session (a daemon) is not
waited for: it is found by the run's mark (see ``guard``).

Reading happens in callbacks of the event loop, one bounded chunk per pipe and round, so that a process that never
stops writing gets no more than its turn.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from typing import IO, Final, Literal, TypeVar

from fairlead.engines.child import Child
from fairlead.engines.command import ProcessSpec, explain, find_executable
from fairlead.engines.descriptors import spare_descriptors
from fairlead.engines.lines import LineSplitter
from fairlead.engines.tasks import TaskScope
from fairlead.engines.watchdog.guard import Guard
from fairlead.engines.watchdog.process_tree import Entry, Stopping, read_session
from fairlead.errors import CommandFailed

__all__ = ["Output", "Process", "ProcessSpec", "Stream", "spawn"]

T = TypeVar("T")

Stream = Literal["stdout", "stderr"]
Output = Callable[[Stream, list[bytes]], None]
"""Takes complete lines as they come; runs on the event loop, so it must be quick and must not raise."""

OpenLine = Callable[[Stream, bytes], None]
"""Takes what there is of a line that has no end yet, in place of what it took of it before; as ``Output`` otherwise."""

REST_TIMEOUT: Final = 2.0
"""Seconds that what outlived its leader, which ended by itself, gets between the stop signal and KILL."""
FIRST_PAUSE: Final = 0.005
LONGEST_PAUSE: Final = 0.1
"""Seconds between two looks at what is left of a process that is being stopped; each pause is twice the last."""
UNKILLABLE_AFTER: Final = 5.0
"""Seconds after KILL at which a process is given up: it belongs to another user, or hangs in the kernel."""
DRAIN_TIME: Final = 0.5
"""Seconds in which the pipes must end after the process did; whoever keeps them open longer left the session."""
CHUNK: Final = 32 * 1024
"""Bytes read at a time. Half of what a pipe holds: 16,000 of the shortest lines, a few milliseconds of work."""

OPEN_LINE_SECONDS: Final = 0.05
"""Seconds that a line must have been without an end before it is handed over as open, and between its changes."""


async def spawn(
    spec: ProcessSpec,
    output: Output,
    guard: Guard | None,
    *,
    in_order: bool = False,
    open_line: OpenLine | None = None,
) -> Process:
    """Start a process, watched by the guard and marked as part of its run.

    There is no moment at which a cancellation could leave a process behind: either it was not started, or the
    ``Process`` is returned.

    Args:
        spec: What to run.
        output: Gets the lines the process writes.
        guard: Ends the process should this host die; None for one that may outlive it.
        in_order: Whether what it writes to either stream comes as ``stdout``, in the order in which it was written.
        open_line: Gets the lines that the process has begun and not ended, such as prompts and progress bars.

    Raises:
        CommandFailed: It could not be started; the message says why.
    """
    executable = find_executable(spec)
    try:
        child = Child(
            spec.argv,
            executable=executable,
            cwd=spec.cwd,
            env={**spec.env, **(guard.environment if guard else {})},
            stdin=subprocess.PIPE if spec.stdin == "open" else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if in_order else subprocess.PIPE,
        )
    except (OSError, ValueError) as error:
        raise explain(spec, executable, error) from error
    if guard is not None:
        guard.watch_group(child.pid, spec.stop)
    return Process(spec, child, output, guard, open_line)


class Process:
    """A running process; made by ``spawn``.

    Attributes:
        pid: Process id; also that of its group and session.
        started_at: When it was started, in seconds since the epoch.
    """

    def __init__(
        self, spec: ProcessSpec, child: Child, output: Output, guard: Guard | None, open_line: OpenLine | None = None
    ) -> None:
        self.pid = child.pid
        self.started_at = time.time()
        self._command = spec.argv[0]
        self._policy = spec.stop
        self._child = child
        self._guard = guard
        self._loop = asyncio.get_running_loop()
        self._stopping: Stopping | None = None  # on the loop's clock
        self._look: asyncio.TimerHandle | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._given_up: asyncio.Future[None] = self._loop.create_future()
        streams: list[tuple[Stream, IO[bytes] | None]] = [
            ("stdout", child.popen.stdout),
            ("stderr", child.popen.stderr),
        ]
        self._pipes = [_Pipe(file, stream, output, open_line) for stream, file in streams if file is not None]
        self._returncode: int | None = None
        self._life = TaskScope(f"process {self.pid} {self._command}").start(self._live())

    @property
    def returncode(self) -> int | None:
        """The exit code once the process is over, negative for a signal; None before."""
        return self._returncode

    async def wait(self) -> int:
        """Wait until the process is over, with all that was in its session and all its output.

        Takes no longer than the leader lives plus about 3 s, whatever it left behind. May be called often, and
        cancelled, without effect on the process.

        Returns:
            The exit code, or the negative number of the signal that ended it.

        Raises:
            CommandFailed: It can't be ended.
        """
        return await asyncio.shield(self._life)

    async def stop(self, timeout: float | None = None) -> int:  # noqa: ASYNC109
        """End the process with all of its session, as its policy says; then as ``wait``.

        Cancelling the call does not take the order back. A second call may shorten the time, not lengthen it.

        Args:
            timeout: Seconds between the stop signal and KILL; by default those of the policy.
        """
        if not self._life.done():
            self._begin_to_stop(self._policy.timeout if timeout is None else timeout)
        return await self.wait()

    def kill(self) -> None:
        """Send KILL to the whole session at once; no effect once it is over."""
        if not self._life.done():
            self._send_kill()
            self._stop_within(0)

    async def _live(self) -> int:
        try:
            await asyncio.wait([self._child.exited, self._given_up], return_when=asyncio.FIRST_COMPLETED)
            if self._child.exited.done():
                await self._end_the_rest()
                await asyncio.wait([pipe.ended for pipe in self._pipes], timeout=DRAIN_TIME)
        except asyncio.CancelledError:  # the loop is being closed: there is no later
            self._send_kill()
            raise
        finally:
            code = self._close()
        return code

    async def _end_the_rest(self) -> None:
        if self._stopping is None:  # else the rest has what is left of the time that ``stop`` gave to all
            self._stop_within(REST_TIMEOUT)
        pause = FIRST_PAUSE
        while self._signal_members() and not self._given_up.done():
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _begin_to_stop(self, timeout: float) -> None:
        self._stop_within(timeout)
        if not self._child.exited.done():  # else ``_end_the_rest`` looks after what is left
            self._look_after(0)

    def _look_after(self, pause: float) -> None:
        """Signal who is due now, and look again while the leader runs: its children may become roots."""
        if self._look is not None:
            self._look.cancel()
        if not self._child.exited.done():
            self._signal_members()
            pause = min(max(2 * pause, FIRST_PAUSE), LONGEST_PAUSE)
            self._look = self._loop.call_later(pause, self._look_after, pause)

    def _signal_members(self) -> bool:
        """Send the signals that are due; return whether anything of the session still runs."""
        assert self._stopping is not None
        members = self._members()
        for entry, number in self._stopping.signals(members, {entry.pid for entry in members}, self._loop.time()):
            _send(entry.pid, number)
        return bool(members)

    def _members(self) -> list[Entry]:
        """What runs in the session. Where that can't be seen, the leader: the guard finds the rest when it closes."""
        with contextlib.suppress(OSError):
            return read_session(self.pid)
        with contextlib.suppress(OSError), spare_descriptors():
            return read_session(self.pid)
        if self._child.exited.done():
            return []
        return [Entry(self.pid, parent=os.getpid(), group=self.pid, session=self.pid, state="R", start=0)]

    def _stop_within(self, timeout: float) -> None:
        """Have it killed after so many seconds, if not earlier."""
        now = self._loop.time()
        if self._stopping is None:
            self._stopping = Stopping(self._policy, now, timeout)
        elif not self._stopping.shorten(now + timeout):
            return
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self._loop.call_at(self._stopping.kill_at, self._on_deadline)

    def _on_deadline(self) -> None:
        self._send_kill()
        self._deadline = self._loop.call_later(UNKILLABLE_AFTER, self._given_up.set_result, None)

    def _send_kill(self) -> None:
        self._child.signal_group(signal.SIGKILL)
        for entry in self._members():
            _send(entry.pid, signal.SIGKILL)

    def _close(self) -> int:
        for timer in (self._look, self._deadline):
            if timer is not None:
                timer.cancel()
        for pipe in self._pipes:
            pipe.close()
        if self._guard is not None:
            self._guard.forget_group(self.pid)  # before its number can become somebody else's
        try:
            self._returncode = self._child.reap(timeout=1)
        except subprocess.TimeoutExpired:
            self._child.detach()
            raise CommandFailed(
                f"'{self._command}' (process {self.pid}) could not be ended.",
                remedy="It may belong to another user or hang in the kernel; end it yourself.",
            ) from None
        return self._returncode


class _Pipe:
    """The reading end of one of the process's output streams."""

    def __init__(self, file: IO[bytes], stream: Stream, output: Output, open_line: OpenLine | None) -> None:
        self._loop = asyncio.get_running_loop()
        self._descriptor = file.fileno()
        self._stream: Stream = stream
        self._output = output
        self._open_line = open_line
        self._lines = LineSplitter()
        self._timer: asyncio.TimerHandle | None = None
        self._is_new = False  # whether the open line began after the timer was set
        self.ended: asyncio.Future[None] = self._loop.create_future()
        os.set_blocking(self._descriptor, False)
        self._loop.add_reader(self._descriptor, self._read)

    def close(self) -> None:
        """Deliver what is in the pipe right now and read no more; who still writes to it gets an error."""
        with contextlib.suppress(BlockingIOError):
            for _ in range(32):  # 1 MiB, the most a pipe can hold: whoever still writes must not keep us here
                if self.ended.done():
                    return
                self._read_chunk()
        self._end()

    def _read(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._read_chunk()

    def _read_chunk(self) -> None:
        chunk = os.read(self._descriptor, CHUNK)
        if chunk:
            self._deliver(self._lines.feed(chunk))
            if self._open_line is not None and self._timer is None and self._lines.is_open:
                self._watch_open_line()
        else:
            self._end()

    def _watch_open_line(self) -> None:
        self._is_new = False
        self._timer = self._loop.call_later(OPEN_LINE_SECONDS, self._show_open_line)

    def _show_open_line(self) -> None:
        self._timer = None
        line = self._lines.open_line
        if self._is_new and line:
            self._watch_open_line()
        elif self._open_line is not None and not self.ended.done():
            self._hand_over(self._open_line, line)

    def _end(self) -> None:
        self._loop.remove_reader(self._descriptor)
        if not self.ended.done():
            self.ended.set_result(None)
            self._deliver(self._lines.flush())
        if self._timer is not None:
            self._timer.cancel()

    def _deliver(self, lines: list[bytes]) -> None:
        if lines:
            self._is_new = True
            self._hand_over(self._output, lines)

    def _hand_over(self, reader: Callable[[Stream, T], None], what: T) -> None:
        try:
            reader(self._stream, what)
        except Exception as error:  # a broken reader must not keep the process from being ended and reaped
            self._loop.call_exception_handler({"message": "A reader of process output failed", "exception": error})


def _send(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
