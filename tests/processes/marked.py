"""Looking for the processes of a run, with other eyes than the watchdog's."""

from __future__ import annotations

import psutil


def processes_with(**variables: str) -> list[psutil.Process]:
    """The processes that run with these variables in their environment; zombies don't run."""
    found = []
    for process in psutil.process_iter():
        try:
            environment = process.environ()
            if environment.items() >= variables.items() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def runs(pid: int) -> bool:
    """Whether a process runs; a zombie doesn't."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
