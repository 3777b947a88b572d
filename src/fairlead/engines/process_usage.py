"""What processes use of the machine: processor time and memory of all that is in a session."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

_PROC = Path("/proc")
_LOOK_SECONDS = 0.5
"""Seconds for which the list of processes serves; resources that are asked about together share one."""


class ProcessUse(NamedTuple):
    """What processes use: seconds of processor time since they started, and resident memory in bytes."""

    cpu_seconds: float
    memory: int


class SessionUsage:
    """Reads what the processes of sessions use. Pages that processes share are counted for each of them."""

    def __init__(self) -> None:
        self._sessions: dict[int, list[int]] = {}
        self._looked_at = -_LOOK_SECONDS

    @classmethod
    async def make(cls) -> SessionUsage:
        """Return a new one."""
        return cls()

    async def close(self) -> None:
        """Nothing is left."""

    def of(self, session: int) -> ProcessUse | None:
        """Return what the processes of a session use together; None where none is left."""
        if time.monotonic() - self._looked_at >= _LOOK_SECONDS:
            self._sessions = _processes_by_session()
            self._looked_at = time.monotonic()
        uses = [use for pid in self._sessions.get(session, ()) if (use := _use_of(pid)) is not None]
        return ProcessUse(sum(use.cpu_seconds for use in uses), sum(use.memory for use in uses)) if uses else None


def _processes_by_session() -> dict[int, list[int]]:
    sessions: defaultdict[int, list[int]] = defaultdict(list)
    for pid in _all_pids():
        try:
            sessions[os.getsid(pid)].append(pid)
        except OSError:
            continue  # it has ended
    return sessions


def _all_pids() -> Iterable[int]:
    try:
        return [int(name) for name in os.listdir(_PROC) if name.isdigit()]  # noqa: PTH208  (as for open)
    except OSError:  # no /proc (macOS), or no descriptor is free
        import psutil  # 20 ms

        return psutil.pids()


def _use_of(pid: int) -> ProcessUse | None:
    if _HAS_PROC:
        try:
            with open(f"/proc/{pid}/stat", "rb", buffering=0) as file:  # noqa: PTH123  (a Path takes three times as long)
                return parse_stat(file.read())
        except OSError:
            return None
    return _use_by_psutil(pid)


def parse_stat(stat: bytes) -> ProcessUse:
    """Return what ``/proc/PID/stat`` says: the times of the process and of its children that have ended, and its pages.

    A child's time is added to its parent's when that has waited for it, so that the sum over a tree does not fall.
    """
    # 4711 (name, which may hold spaces and parentheses) S 1 …, fields as in proc(5): 14 to 17 are times, 24 pages
    fields = stat[stat.rindex(b")") + 2 :].split()
    ticks = sum(map(int, fields[11:15]))
    return ProcessUse(ticks / _TICKS_PER_SECOND, int(fields[21]) * _PAGE_BYTES)


def _use_by_psutil(pid: int) -> ProcessUse | None:
    import psutil

    try:
        process = psutil.Process(pid)
        with process.oneshot():
            times = process.cpu_times()
            return ProcessUse(float(sum(times[:4])), process.memory_info().rss)
    except psutil.Error:
        return None


_HAS_PROC = (_PROC / "self" / "stat").exists()
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
