"""Keeping the app of a failed test up for a while, so that the user can look at it.

It becomes an app like any other that runs: ``fairlead ps`` shows it, and ``resources``, ``logs`` and ``stop`` work with
it. It lives in the process of the tests, which waits; so it can't be left behind.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from fairlead.dashboard.server import ControlServer
from fairlead.runtime.store.folders import runtime_folder, socket_path
from fairlead.runtime.store.instance import InstanceLock
from fairlead.testing.evidence import state_line

if TYPE_CHECKING:
    from fairlead.testing.running import Running


class Kept:
    """An app that is kept up.

    Args:
        app: The app.
    """

    def __init__(self, app: Running) -> None:
        self._host = app.host
        self._lock = InstanceLock()
        self._over = asyncio.Event()
        self._api = ControlServer(app.host, self._over.set)

    async def open(self) -> None:
        """Let the command line find it.

        Raises:
            FairleadError: The runtime folder can't be used.
            OSError: The socket can't be made.
        """
        host = self._host
        host.record = replace(host.record, socket=str(socket_path(host.record.app_id, runtime_folder())))
        self._lock.acquire(host.record)
        await self._api.start(Path(host.record.socket))

    async def wait(self, seconds: float | None, terminal: int | None) -> None:
        """Return when the app was stopped by a command, the user pressed Enter, or the time is over.

        Args:
            seconds: How long to wait at most; None for as long as it takes.
            terminal: File descriptor of a terminal to read Enter from; None when there is none.
        """
        loop = asyncio.get_running_loop()
        if terminal is not None:
            loop.add_reader(terminal, self._read, terminal)
        try:
            async with asyncio.timeout(seconds):
                await self._over.wait()
        except TimeoutError:
            return
        finally:
            if terminal is not None:
                loop.remove_reader(terminal)

    async def close(self) -> None:
        """Hide it again; a ``fairlead stop`` that waits for its end returns."""
        await self._api.close()
        self._lock.release()

    def _read(self, terminal: int) -> None:
        os.read(terminal, 4096)  # the whole line: the shell must not get it
        self._over.set()


def announcement(app: Running, test: str, seconds: float | None) -> list[str]:
    """What is told of an app that is kept up.

    Args:
        app: The app.
        test: The test that failed.
        seconds: How long it is kept; None when it waits for Enter.
    """
    host = app.host
    file = f"--apphost {host.record.apphost}"
    lines = [f"{app.app.name} is kept up, as {test} failed (process {os.getpid()})"]
    for snapshot in host.run.bus.all():
        lines.append(f"  {host.run.logs.masked(state_line(snapshot))}")
    lines.append(f"Look at it: fairlead resources {file}, or fairlead logs {file}")
    end = f"fairlead stop {file}"
    lines.append(
        f"Press Enter to stop it, or call {end}" if seconds is None else f"It ends in {seconds:g} s, or by {end}"
    )
    return lines


async def keep(
    app: Running, test: str, seconds: float | None, terminal: int | None, say: Callable[[list[str]], None]
) -> Kept | None:
    """Keep an app up until the user has seen enough.

    Args:
        app: The app.
        test: The test that failed.
        seconds: How long at most; None for as long as it takes.
        terminal: File descriptor of a terminal to read Enter from; None when there is none.
        say: Shows lines to the user who runs the tests.

    Returns:
        What is to be closed once the app has been stopped; None when it could not be kept.
    """
    kept = Kept(app)
    try:
        await kept.open()
    except Exception as error:
        await kept.close()
        say([f"{app.app.name} can't be kept up: {error}"])
        return None
    try:
        say(announcement(app, test, seconds))
        await kept.wait(seconds, terminal)
    except BaseException:
        await kept.close()
        raise
    return kept
