"""The processes of this machine as a tree, and how one is stopped so that no work is lost.

A job worker that is asked to stop finishes its job, and a package manager passes the request on in its own way; when
their children are asked as well, the job dies under the worker, or a program hears the request twice. So the stop
signal goes to the *roots* first: the processes of a session whose parent is not among them. When a root has ended, the
children that it leaves are roots and get the signal (``npm run`` ends at once, its server does not). A process that
has not ended shortly before the time is over gets the signal again with everything below it: a shell with a trap waits
for its foreground program, which nobody has asked yet. What is left at the end is killed.

The host and the watchdog share this file. The watchdog loads it by its path, so it imports nothing of Fairlead, and
little of the standard library: what it imports stays in memory as long as a run.
"""

# pathlib would add a megabyte to the watchdog, which does nothing but wait.
# ruff: noqa: PTH110, PTH123, PTH208
from __future__ import annotations

import os
import signal

if False:  # for type checkers
    from collections.abc import Collection, Iterable
    from typing import Literal

    StopScope = Literal["roots", "group"]

Identity = tuple[int, int | str]
"""What tells a process from a later one with the same id: the id and its start."""
PROC = "/proc"
PS = "/bin/ps"
STOP_TIMEOUT = 6.0
"""Seconds between the stop signal and KILL where the definition names no other time."""
LAST_CALL_SECONDS = 2.0
LAST_CALL_PART = 0.2
"""Everything gets the stop signal when so many seconds, or this part of the timeout if that is more, are left."""


class Entry:
    """One process.

    Attributes:
        pid: Its id.
        parent: The id of its parent, which changes when the parent ends.
        group: Its process group.
        session: Its session.
        state: The letter of its state, ``Z`` for a zombie.
        start: When it started: in clock ticks since boot, or as ``ps`` prints it.
    """

    __slots__ = ("group", "parent", "pid", "session", "start", "state")

    def __init__(self, pid: int, parent: int, group: int, session: int, state: str, start: int | str) -> None:
        self.pid = pid
        self.parent = parent
        self.group = group
        self.session = session
        self.state = state
        self.start = start

    def __repr__(self) -> str:
        return f"<{self.pid} below {self.parent}, group {self.group}, session {self.session}, {self.state}>"

    def identity(self) -> Identity:
        """Its identity."""
        return self.pid, self.start

    def is_alive(self) -> bool:
        """Whether it still runs; a zombie doesn't."""
        return self.state not in ("Z", "X")


def read_entries() -> list[Entry]:
    """All processes of the machine that run.

    Raises:
        OSError: They can't be looked at, such as without a free descriptor.
    """
    if not _has_proc():
        return [entry for entry in _entries_of_ps() if entry.is_alive()]
    entries = [_entry_of_proc(int(name)) for name in os.listdir(PROC) if name.isdigit()]
    return [entry for entry in entries if entry is not None and entry.is_alive()]


def read_entry(pid: int) -> Entry | None:
    """One process, running or a zombie; None if there is none of that id.

    Raises:
        OSError: It can't be looked at.
    """
    if _has_proc():
        return _entry_of_proc(pid)
    return next((entry for entry in _entries_of_ps() if entry.pid == pid), None)


def read_session(session: int) -> list[Entry]:
    """The processes of a session that run.

    A shell with job control makes a group for each job; the session holds them all, unless they left it on purpose.

    Raises:
        OSError: They can't be looked at, such as without a free descriptor.
    """
    if not _has_proc():
        return [entry for entry in read_entries() if entry.session == session]
    pids = [int(name) for name in os.listdir(PROC) if name.isdigit()]
    entries = [_entry_of_proc(pid) for pid in pids if _session_of(pid) == session]
    return [entry for entry in entries if entry is not None and entry.is_alive()]


def _has_proc() -> bool:
    return os.path.exists(f"{PROC}/self/stat")


def _entry_of_proc(pid: int) -> Entry | None:
    try:
        with open(f"{PROC}/{pid}/stat", "rb", buffering=0) as file:
            stat = file.read()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None
    # 4711 (name, which may hold spaces and parentheses) S 1 4711 4711 …, fields as in proc(5)
    fields = stat[stat.rindex(b")") + 2 :].split()
    return Entry(pid, int(fields[1]), int(fields[2]), int(fields[3]), fields[0].decode(), int(fields[19]))


def _entries_of_ps() -> list[Entry]:
    """All processes where the system has no ``/proc`` (macOS)."""
    command = [PS, "-axo", "pid=,ppid=,pgid=,stat=,lstart="]
    read, write = os.pipe()
    try:
        actions = [(os.POSIX_SPAWN_DUP2, write, 1)]
        pid = os.posix_spawn(PS, command, {"LC_ALL": "C"}, file_actions=actions)
    except BaseException:
        os.close(read)
        raise
    finally:
        os.close(write)
    with open(read, "rb") as file:
        lines = file.read().splitlines()
    os.waitpid(pid, 0)
    return [entry for entry in map(_entry_of_line, lines) if entry is not None]


def _entry_of_line(line: bytes) -> Entry | None:
    # 4711     1  4711 Ss   Thu Nov 26 06:28:33 2026
    pid, parent, group, state, start = line.decode().split(None, 4)
    session = _session_of(int(pid))  # what ps has for it on macOS is an address, or nothing
    return None if session is None else Entry(int(pid), int(parent), int(group), session, state[0], start.strip())


def _session_of(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:  # it has ended
        return None


class StopPolicy:
    """How a process tree is stopped.

    Attributes:
        number: The stop signal.
        scope: ``roots``, or ``group`` for all of the session at once, as a terminal does it.
        timeout: Seconds between the stop signal and KILL.
    """

    __slots__ = ("number", "scope", "timeout")

    def __init__(self, number: int = signal.SIGTERM, scope: StopScope = "roots", timeout: float = STOP_TIMEOUT) -> None:
        self.number = number
        self.scope: StopScope = scope
        self.timeout = timeout

    def __str__(self) -> str:
        return f"{int(self.number)} {self.scope} {self.timeout}"


def parse_policy(text: str) -> StopPolicy:
    """The policy that ``str()`` of one gave; an empty text is the usual one."""
    if not text:
        return StopPolicy()
    number, scope, timeout = text.split()
    return StopPolicy(int(number), "group" if scope == "group" else "roots", float(timeout))


class Stopping:
    """Decides who of a process tree that is being stopped gets which signal.

    Args:
        policy: How it is stopped.
        begin: The moment at which that begins; all moments are in seconds on one clock of the caller's.
        timeout: Seconds until KILL; by default those of the policy.

    Attributes:
        kill_at: The moment of KILL.
    """

    def __init__(self, policy: StopPolicy, begin: float, timeout: float | None = None) -> None:
        timeout = policy.timeout if timeout is None else timeout
        self.kill_at = begin + timeout
        self._last_call = max(LAST_CALL_SECONDS, LAST_CALL_PART * timeout)
        self._policy = policy
        self._asked: set[Identity] = set()
        self._asked_at_last_call: set[Identity] = set()

    def shorten(self, kill_at: float) -> bool:
        """Kill at an earlier moment; return whether this one is earlier."""
        if kill_at >= self.kill_at:
            return False
        self.kill_at = kill_at
        return True

    def signals(self, members: Iterable[Entry], alive: Collection[int], now: float) -> list[tuple[Entry, int]]:
        """The signals that are due.

        Args:
            members: The processes of the tree that run.
            alive: The ids of all processes that are being stopped; who has its parent among them is no root.
            now: This moment.
        """
        if now >= self.kill_at:
            return [(entry, signal.SIGKILL) for entry in members]
        if now >= self.kill_at - self._last_call:
            due = [entry for entry in members if entry.identity() not in self._asked_at_last_call]
            self._asked_at_last_call.update(entry.identity() for entry in due)
        else:
            due = [entry for entry in members if entry.identity() not in self._asked and self._is_first(entry, alive)]
        self._asked.update(entry.identity() for entry in due)
        return [(entry, self._policy.number) for entry in due]

    def _is_first(self, entry: Entry, alive: Collection[int]) -> bool:
        return self._policy.scope == "group" or entry.parent not in alive
