"""Who is alive in a session.

A command's helpers may be in process groups of their own (a shell with job control makes one for each job), so "its
group is empty" does not mean that nothing of it runs. The session holds them all, unless they left it on purpose.
"""

from __future__ import annotations

import os

import psutil


def session_members(session: int) -> list[int]:
    """The processes of a session that still run; zombies don't."""
    return [pid for pid in psutil.pids() if _is_in(pid, session) and _runs(pid)]


def _is_in(pid: int, session: int) -> bool:
    try:
        return os.getsid(pid) == session
    except OSError:  # gone meanwhile, or not ours to know
        return False


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.Error:
        return False
