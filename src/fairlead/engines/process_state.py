"""Whether a process of this machine is stopped, as by Ctrl+Z, so that it does nothing until it is continued."""

from __future__ import annotations

from pathlib import Path

_STOPPED = ("T", "t")  # by a signal; by a debugger


def is_stopped(pid: int) -> bool:
    """Whether the process is stopped; one that has ended is not."""
    try:
        # PID (NAME) STATE PPID …, and the name may have spaces and parentheses of its own
        return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(") ")[2][:1] in _STOPPED
    except OSError:
        return _is_stopped_elsewhere(pid) if not Path("/proc/self/stat").exists() else False


def _is_stopped_elsewhere(pid: int) -> bool:
    """The same where the system has no ``/proc`` (macOS)."""
    import psutil  # 20 ms

    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_STOPPED)
    except psutil.Error:
        return False
