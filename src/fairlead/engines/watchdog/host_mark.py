"""Tells, from a label, whether the host that made something still lives.

Several machines, and containers on one machine, may use the same engine. A host that could not be seen from here is
never taken for dead.
"""

from __future__ import annotations

import os
from pathlib import Path

import psutil

from fairlead.engines.watchdog.process_tree import read_entry


def host_mark() -> str:
    """The mark of this process: machine, boot, process namespace, process id and start."""
    return "/".join([*_surroundings(), str(os.getpid()), _start(os.getpid())])


def is_dead(mark: str) -> bool:
    """Whether the host with that mark has certainly ended."""
    parts = mark.split("/")
    if len(parts) != 5 or not parts[3].isdigit():
        return False
    try:
        machine, boot, namespace = _surroundings()
        if parts[0] != machine:
            return False
        if parts[1] != boot:  # the machine was started anew
            return True
        return parts[2] == namespace and _start(int(parts[3])) != parts[4]
    except OSError:  # no file can be opened to look
        return False


def _surroundings() -> tuple[str, str, str]:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        namespace = Path("/proc/self/ns/pid").readlink().name
    except FileNotFoundError:  # no Linux
        boot, namespace = str(int(psutil.boot_time())), ""
    return os.uname().nodename, boot, namespace


def _start(pid: int) -> str:
    """When a process was started; empty when there is none."""
    if Path("/proc/self/stat").exists():
        entry = read_entry(pid)
        return str(entry.start) if entry and entry.is_alive() else ""
    try:
        return f"{psutil.Process(pid).create_time():.2f}"
    except psutil.Error:
        return ""
