"""Processes that a host and its watchdog left when they died together, ended at the next start of the app."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Mapping
from typing import Final

import psutil

from fairlead.engines.watchdog import watchdog
from fairlead.engines.watchdog.guard import APP_MARK, HOST_MARK
from fairlead.engines.watchdog.host_mark import is_dead
from fairlead.engines.watchdog.process_tree import Entry, Identity, Stopping, StopPolicy, read_entries

SWEEP_TIME: Final = 5.0
"""Seconds after KILL at which leftovers are given up."""


async def sweep_leftovers(
    app_id: str, keep_run: str, isolated: Callable[[str], str] | None = None, policy: StopPolicy | None = None
) -> list[int]:
    """End what earlier runs of the app left, when their hosts and their watchdogs died together.

    There is one run of an app at a time, so what carries its id belongs to an earlier one. Isolated runs live beside
    others; of those only goes what has a host that certainly ended.

    Touches neither this process nor those it descends from: the terminal it runs in may be such a leftover. Looks again
    until nothing more turns up; gives up what it can't end.

    Args:
        app_id: The app.
        keep_run: The run whose processes stay.
        isolated: The id that the app has in an isolated run; None where there are no such runs.
        policy: How they are stopped.

    Returns:
        The ids of the processes that it signalled.
    """

    def is_left(marks: Mapping[str, str]) -> bool:
        app, run = marks.get(APP_MARK), marks.get(watchdog.RUN_MARK)
        if run is None or run == keep_run:
            return False
        return app == app_id or (isolated is not None and app == isolated(run) and is_dead(marks.get(HOST_MARK, "")))

    loop = asyncio.get_running_loop()
    stopping = Stopping(policy or StopPolicy(timeout=watchdog.DAEMON_TIMEOUT), loop.time())
    seen: set[Identity] = set()
    signalled: set[int] = set()
    while loop.time() < stopping.kill_at + SWEEP_TIME:
        found = await asyncio.to_thread(_find_leftovers, is_left, seen)
        if not found:
            break
        seen.update(entry.identity() for entry in found)
        for entry, number in stopping.signals(found, {entry.pid for entry in found}, loop.time()):
            with contextlib.suppress(ProcessLookupError, PermissionError):  # gone meanwhile, or another user's
                os.kill(entry.pid, number)
            signalled.add(entry.pid)
        await asyncio.sleep(watchdog.PAUSE)
    return sorted(signalled)


def _find_leftovers(is_left: Callable[[Mapping[str, str]], bool], seen: set[Identity]) -> list[Entry]:
    """What is left that still runs; also what was seen before and has lost its parent, by which it was found."""
    here = psutil.Process()
    spared = {here.pid, *(process.pid for process in here.parents())}
    found = {process.pid: process for process in psutil.process_iter() if is_left(_environment(process))}
    for process in list(found.values()):
        with contextlib.suppress(psutil.Error):
            found |= {child.pid: child for child in process.children(recursive=True)}
    if not found and not seen:
        return []
    spared |= {pid for pid, process in found.items() if watchdog.WATCHDOG_MARK in _environment(process)}
    entries = [entry for entry in read_entries() if entry.pid not in spared]
    return [entry for entry in entries if entry.pid in found or entry.identity() in seen]


def _environment(process: psutil.Process) -> dict[str, str]:
    try:
        return process.environ()
    except (psutil.Error, OSError):
        return {}
