"""The host's side of the watchdog: nothing of a run outlives its host.

Two things tell what belongs to a run. Every process is started with the run's mark in its environment, which its
children inherit wherever they go; and the watchdog is told of every group that is started. Should the watchdog be
killed, a new one takes over.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Literal

from fairlead.engines.child import Child
from fairlead.engines.watchdog import watchdog
from fairlead.engines.watchdog.host_mark import host_mark
from fairlead.engines.watchdog.process_tree import StopPolicy
from fairlead.errors import EngineError

EngineObjectKind = Literal["container", "network", "volume"]

APP_MARK: Final = "FAIRLEAD_APP_ID"
HOST_MARK: Final = "FAIRLEAD_HOST"
READY_TIME: Final = 10.0
"""Seconds the watchdog may take to start; it takes a fiftieth of one."""
CLOSE_TIME: Final = 3.0
"""Seconds the last sweep is waited for; it goes on without us."""
RETRY_TIMES: Final = (0.0, 0.1, 1.0, 5.0)
"""Seconds before the watchdog is started again, by how often it died; the last one holds for all further times."""
DOUBT_TIME: Final = 30.0
"""Seconds for which something may still be created after the engine answered that it failed."""
LONGEST_LINE: Final = 4096
"""Bytes that a pipe takes as a whole or not at all (``PIPE_BUF`` of Linux)."""


class Guard:
    """Keeps a watchdog alive and tells it what to watch; made by ``start``.

    Reporting takes a few microseconds and does not fail: should the watchdog be away, the next one is told everything.

    Attributes:
        environment: The marks that every host process of the run must carry. Not for containers, which have labels.
    """

    def __init__(self, app_id: str, run_id: str, warn: Callable[[str], None]) -> None:
        self.environment: dict[str, str] = {APP_MARK: app_id, watchdog.RUN_MARK: run_id, HOST_MARK: host_mark()}
        self._run_id = run_id
        self._warn = warn
        self._loop = asyncio.get_running_loop()
        self._groups: dict[int, StopPolicy] = {}
        self._engines: list[str] = []
        self._creating: dict[str, asyncio.TimerHandle | None] = {}
        self._cleanups: dict[str, None] = {}
        self._expects_leftovers = False
        self._watchdog: Child | None = None
        self._deaths = 0
        self._retry: asyncio.TimerHandle | None = None
        self._closed = False

    @classmethod
    async def start(cls, app_id: str, run_id: str, warn: Callable[[str], None] | None = None) -> Guard:
        """Start the watchdog and return once it watches.

        Args:
            app_id: Names the app, the same in every run of it.
            run_id: Names this run; must be unique on the machine.
            warn: Is told when the watchdog died; a log message by default.

        Raises:
            EngineError: The watchdog does not start.
        """
        guard = cls(app_id, run_id, warn or logging.getLogger(__name__).warning)
        try:
            child = guard._launch()
        except OSError as error:
            raise _does_not_start(error) from error
        try:
            await _until_ready(child)
        except BaseException as error:
            child.signal_group(signal.SIGKILL)
            child.reap()
            if isinstance(error, OSError):  # a TimeoutError is one
                raise _does_not_start(error) from error
            raise
        guard._follow(child)
        return guard

    @property
    def watchdog_pid(self) -> int | None:
        """Process id of the watchdog; None while there is none."""
        return self._watchdog.pid if self._watchdog else None

    def watch_group(self, pgid: int, policy: StopPolicy | None = None) -> None:
        """Have a group, and the session of the same number, ended should this host die.

        To be called as soon as it was started, while its leader has not been reaped.

        Args:
            pgid: The group.
            policy: How it is stopped.
        """
        self._groups[pgid] = policy or StopPolicy()
        self._tell(f"group {pgid} {self._groups[pgid]}")

    def forget_group(self, pgid: int) -> None:
        """Watch a group no longer: nothing of it is left. To be called before its leader is reaped."""
        if pgid in self._groups:
            del self._groups[pgid]
            self._tell(f"forget {pgid}")

    def watch_engine(self, address: str, certificates: str | None = None, *, verifies: bool = True) -> None:
        """Have the run's containers and networks removed from an engine should this host die.

        What is left of them at a clean end is removed as well; persistent ones stay. To be called before the first of
        them is made.

        Args:
            address: Where the engine is, in the form of DOCKER_HOST.
            certificates: Folder with the certificates for it; None for a plain connection.
            verifies: Whether the engine's own certificate is checked.
        """
        line = "\t".join([f"engine {address}", certificates or "", "" if verifies else "unverified"]).rstrip("\t")
        if line not in self._engines:
            self._engines.append(line)
            self._tell(line)

    def creating(self, kind: EngineObjectKind, name: str) -> None:
        """An engine is about to be asked to create something that ends with the run.

        Should the host die before ``created``, the watchdog waits for it to turn up. To be called before the engine is
        asked.
        """
        line = f"{kind} {name}"
        if line in self._creating:
            self._settle(line)
        self._creating[line] = None
        self._tell(f"creating {line}")

    def created(self, kind: EngineObjectKind, name: str) -> None:
        """The engine has answered: it was created, or will not be."""
        self._settle(f"{kind} {name}")

    def creation_failed(self, kind: EngineObjectKind, name: str) -> None:
        """The engine, or something in front of it, has failed at it (5xx): it may be created a little later.

        The watchdog goes on waiting for it; ``DOUBT_TIME`` seconds from now it counts as not created.
        """
        line = f"{kind} {name}"
        if line in self._creating and self._creating[line] is None:
            self._creating[line] = self._loop.call_later(DOUBT_TIME, self._settle, line)

    def expect_leftovers(self) -> None:
        """Something could not be removed: at the end the watchdog must look as closely as after a death of the host."""
        self._expects_leftovers = True

    def add_cleanup(self, container: str, argv: Sequence[str]) -> None:
        """Have a command run inside a container that stays, should this host die.

        For what the run has created in there, such as objects in a cluster. The command must be one that can be
        repeated: it is run until it succeeds, and a last time when nothing of the run has turned up for a while. It is
        also run at a clean end, unless it was taken back. A container that is gone, or ends with the run, has none run.

        Args:
            container: The container's id in the engine, in full.
            argv: The command; exit code 0 means that nothing of the run is left in there.

        Raises:
            ValueError: The command is longer than about 4,000 bytes.
        """
        line = _cleanup_line(container, argv)
        if len(line) + len("nocleanup \n") > LONGEST_LINE:
            raise ValueError(f"a clean-up command may have {LONGEST_LINE} bytes, and '{argv[0]} …' has {len(line)}")
        if line not in self._cleanups:
            self._cleanups[line] = None
            self._tell(f"cleanup {line}")

    def remove_cleanup(self, container: str, argv: Sequence[str]) -> None:
        """Take a clean-up command back, as nothing of the run is left in the container."""
        line = _cleanup_line(container, argv)
        if line in self._cleanups:
            del self._cleanups[line]
            self._tell(f"nocleanup {line}")

    async def close(self) -> None:
        """End the run: the watchdog ends what is left of it, and itself.

        Takes a few hundredths of a second when nothing is left, at most ``CLOSE_TIME`` otherwise; the watchdog goes on
        without us if it has to. May be called again, and cancelled.
        """
        if self._closed:
            return
        self._closed = True
        for doubt in self._creating.values():
            if doubt is not None:
                doubt.cancel()
        if self._retry is not None:
            self._retry.cancel()
            self._relaunch()
        if (child := self._watchdog) is None:
            return
        if not self._expects_leftovers:
            self._tell("end")
        self._watchdog = None
        assert child.popen.stdin is not None
        child.popen.stdin.close()
        try:
            await asyncio.wait([child.exited], timeout=CLOSE_TIME)
        finally:
            if child.exited.done():
                child.reap()
            else:
                child.detach()

    def _launch(self) -> Child:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("FAIRLEAD_")}
        environment[watchdog.WATCHDOG_MARK] = self._run_id
        child = Child(
            [sys.executable, "-IS", str(Path(watchdog.__file__)), self._run_id],
            env=environment,
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert child.popen.stdin is not None
        os.set_blocking(child.popen.stdin.fileno(), False)
        return child

    def _follow(self, child: Child) -> None:
        self._watchdog = child
        groups = [f"group {group} {policy}" for group, policy in sorted(self._groups.items())]
        creating = [f"creating {line}" for line in self._creating]
        for line in [*self._engines, *groups, *creating, *(f"cleanup {line}" for line in self._cleanups)]:
            self._tell(line)
        child.exited.add_done_callback(lambda exited: None if exited.cancelled() else self._note_death(child))

    def _settle(self, line: str) -> None:
        if line in self._creating:
            doubt = self._creating.pop(line)
            if doubt is not None:
                doubt.cancel()
            self._tell(f"created {line}")

    def _tell(self, line: str) -> None:
        if self._watchdog is None:
            return
        pipe = self._watchdog.popen.stdin
        assert pipe is not None
        data = line.encode() + b"\n"
        try:
            is_written = os.write(pipe.fileno(), data) == len(data)
        except BlockingIOError:
            is_written = False
        except BrokenPipeError:
            return  # it died; the news is under way
        if not is_written:
            # It was stopped, or starves: it hasn't read thousands of lines. A new one is told everything.
            self._watchdog.signal_group(signal.SIGKILL)

    def _note_death(self, child: Child) -> None:
        if child is not self._watchdog:
            return
        self._watchdog = None
        code = child.reap()
        delay = RETRY_TIMES[min(self._deaths, len(RETRY_TIMES) - 1)]
        self._deaths += 1
        self._warn(f"the watchdog that would clean up after this host ended (exit code {code}); starting another one.")
        self._retry = self._loop.call_later(delay, self._relaunch)

    def _relaunch(self) -> None:
        self._retry = None
        try:
            self._follow(self._launch())
        except OSError as error:
            self._warn(str(_does_not_start(error)))
            if not self._closed:
                self._retry = self._loop.call_later(RETRY_TIMES[-1], self._relaunch)


def _cleanup_line(container: str, argv: Sequence[str]) -> str:
    return f"{container} {json.dumps(list(argv))}"


async def _until_ready(child: Child) -> None:
    assert child.popen.stdout is not None
    pipe = child.popen.stdout.fileno()
    ready = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(pipe, ready.set)
    try:
        async with asyncio.timeout(READY_TIME):
            await ready.wait()
    finally:
        loop.remove_reader(pipe)
    if not os.read(pipe, 1):
        raise OSError("it ended at once")


def _does_not_start(error: BaseException) -> EngineError:
    reason = f"no answer in {READY_TIME:.0f} s" if isinstance(error, TimeoutError) else error
    return EngineError(
        f"the watchdog, which cleans up should this host be killed, does not start ({reason}).",
        remedy=f"See what {sys.executable} -IS {watchdog.__file__} says.",
    )
