"""Ends a run's processes when its host dies, by whatever means.

This file is a program of its own, started as ``python -IS watchdog.py RUN_ID``: it imports nothing of Fairlead but the
files beside it that it loads by their paths, and as little as possible of the standard library, because it stays in
memory as long as the run. Its standard input is a pipe whose other end only the host holds. It sleeps until a line or
the end of that pipe comes:

    group N P     the process N was started, leading a group and a session of its own; P is how it is stopped: the
                  number of the stop signal, "roots" or "group", and the seconds until KILL
    forget N      nothing of it is left
    engine A      containers and networks of the run may be in the container engine at the address A; behind tabs there
                  may follow the folder of its certificates, and "unverified" where its own is not checked
    creating K N  an engine was asked to create the container, network or volume (K) of the name N
    created K N   it has answered
    cleanup C A   at the end the command A, a JSON list, is to be run in the container with the id C, which stays
    nocleanup C A it is not
    end           the host is about to close the pipe on purpose: no start is under way, and it knows of nothing left

Lines it does not know are skipped. When the pipe ends, whatever belongs to the run is stopped as ``process_tree.py``
says, which is how its host would have done it:

- the groups and sessions it was told of, unless their number belongs to somebody else by now;
- the processes that carry the run's mark in their environment (``FAIRLEAD_RUN_ID``), wherever they went;
- the descendants of all these.

At the same time the run's containers and networks are removed from the engines, as ``container_sweep.py`` says. The
code for that is read when an engine is named, so that it is there whatever happens to this folder meanwhile.

Other watchdogs are spared: a host inside this run has its own, which ends what that host had started.

Without ``/proc`` (macOS) the marks can't be seen: the groups and their descendants are ended.
"""

# pathlib and contextlib would add a megabyte to a process that does nothing but wait.
# ruff: noqa: PTH100, PTH118, PTH120, PTH123, SIM105
from __future__ import annotations

import os
import signal
import sys
import time

if False:  # for type checkers
    import threading
    import types
    from typing import Any

    from fairlead.engines.watchdog import process_tree
    from fairlead.engines.watchdog.process_tree import Entry, Identity, Stopping, StopPolicy


def read_code(name: str) -> types.CodeType:
    """The code of a module beside this one.

    Raises:
        ImportError: It can't be read; or ``OSError``.
    """
    from importlib.machinery import SourceFileLoader

    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), f"{name}.py")
    code = SourceFileLoader(name, path).get_code(name)
    if code is None:
        raise ImportError(f"{path} has no code")
    return code


def run_module(name: str, code: types.CodeType) -> Any:
    """Run a module's code, and return the module. Not by import: with ``-I`` Python looks for none in this folder."""
    module = type(sys)(name)
    exec(code, module.__dict__)  # noqa: S102  (it is a part of this program)
    return module


if __name__ == "__main__":
    process_tree = run_module("process_tree", read_code("process_tree"))
else:
    from fairlead.engines.watchdog import process_tree

RUN_MARK = "FAIRLEAD_RUN_ID"
WATCHDOG_MARK = "FAIRLEAD_WATCHDOG"

SWEEPERS = ("bare_engine", "container_sweep")
"""The modules beside this one that it needs for engines."""

PAUSE = 0.1
"""Seconds between two rounds."""
QUIET_ROUNDS = 10
"""Rounds that must find nothing before all is over: the host may have died while starting a process."""
LIMIT = 30.0
"""Seconds after the last KILL is due at which what can't be killed is left."""
DAEMON_TIMEOUT = 4.0
"""Seconds between the stop signal and KILL for what is in no group that the watchdog was told of."""
NO_GROUP = 0
"""Stands for the group of what belongs to none that the watchdog was told of, such as a daemon."""


class Group:
    """A group that the watchdog was told of.

    Attributes:
        start: When its leader was started; None where that is not known.
        policy: How it is stopped.
    """

    __slots__ = ("policy", "start")

    def __init__(self, start: int | str | None, policy: StopPolicy) -> None:
        self.start = start
        self.policy = policy


class Run:
    """The processes that belong to one run.

    Args:
        run_id: The run's mark.
        groups: The groups it consists of, by their number.
    """

    def __init__(self, run_id: str, groups: dict[int, Group]) -> None:
        self.mark = os.fsencode(f"\0{RUN_MARK}={run_id}\0")
        self.groups = groups
        self.first_look = True
        #: The processes that were seen, with the number of the group that each is stopped with.
        self.seen: dict[Identity, int] = {}
        self.not_ours_to_end: set[Identity] = set()

    def find(self) -> list[Entry]:
        """Look for the run's processes that are still alive."""
        entries = {entry.pid: entry for entry in process_tree.read_entries()}
        spared = {os.getpid(), 1}
        ours: dict[int, int] = {}
        for pid, entry in entries.items():
            if pid in spared:
                continue
            environment = read_environment(pid)
            if os.fsencode(f"\0{WATCHDOG_MARK}=") in environment:
                spared.add(pid)
            elif (group := self.group_of(entry, entries)) is not None:
                ours[pid] = group
            elif self.mark in environment:
                ours[pid] = NO_GROUP
        add_descendants(ours, spared, entries)
        found = [entries[pid] for pid in ours if pid not in spared]
        self.first_look = False
        self.seen.update((entry.identity(), ours[entry.pid]) for entry in found)
        return [entry for entry in found if entry.identity() not in self.not_ours_to_end]

    def group_of(self, entry: Entry, entries: dict[int, Entry]) -> int | None:
        """The run's group or session that a process is in, and not in a later one of the same number; None if none.

        A number can't be given away while a group or session has it, and the host forgets a group before the number
        becomes free. So a group without its leader is still the run's when the host has just died; a second later
        that is not certain any more, and by then its members are known.
        """
        for number in {entry.group, entry.session} & self.groups.keys():
            leader = entries.get(number)
            if leader.start == self.groups[number].start if leader else self.first_look:
                return number
        return self.seen.get(entry.identity())

    def policy_of(self, group: int) -> StopPolicy:
        """How a group is stopped."""
        if group != NO_GROUP:
            return self.groups[group].policy
        policy: StopPolicy = process_tree.StopPolicy(timeout=DAEMON_TIMEOUT)
        return policy


def add_descendants(ours: dict[int, int], spared: set[int], entries: dict[int, Entry]) -> None:
    """Add the children of the processes in ``ours``, and theirs, with the group of their parent.

    Also to those that have the run's mark and no group: what has left a session is stopped as that session is, and
    after the parent that it has in it.

    Args:
        ours: The groups of the run's processes, by their ids.
        spared: Ids of processes that are none of ours.
        entries: All processes.
    """
    children: dict[int, list[int]] = {}
    for entry in entries.values():
        children.setdefault(entry.parent, []).append(entry.pid)
    todo = list(ours)
    while todo:
        parent = todo.pop()
        for pid in children.get(parent, ()):
            if pid not in spared and (pid not in ours or (ours[pid] == NO_GROUP != ours[parent])):
                ours[pid] = ours[parent]
                todo.append(pid)


def read_environment(pid: int) -> bytes:
    """The environment a process was started with, each variable between NULs; empty if it can't be read.

    Raises:
        OSError: It can't be known, as no file can be opened any more.
    """
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return b"\0" + file.read()
    except (FileNotFoundError, ProcessLookupError, PermissionError):  # gone, or another user's
        return b""


class Reported:
    """What the host has reported.

    Attributes:
        groups: The groups that run, by their number.
        engines: The container engines, a line each.
        creating: What these have been asked to create and have not answered about, as kind and name.
        cleanups: The clean-up commands, as container id and JSON.
        is_orderly: Whether the host announced the end.
        sweepers: The program that removes what is in engines.
    """

    def __init__(self) -> None:
        self.groups: dict[int, Group] = {}
        self.engines: list[str] = []
        self.creating: list[str] = []
        self.cleanups: list[str] = []
        self.is_orderly = False
        self.sweepers: tuple[types.CodeType, ...] = ()

    def note(self, line: bytes) -> None:
        """Take in a line; one that it does not know is skipped."""
        word, _, rest = os.fsdecode(line).partition(" ")
        if word == "end":
            self.is_orderly = True
        elif word in ("group", "forget"):
            number, _, policy = rest.partition(" ")
            if number.isdigit():
                self.note_group(int(number), policy, word == "group")
        elif rest:
            self.note_objects(word, rest)

    def note_group(self, number: int, policy: str, runs: bool) -> None:
        """A group has been started, or has ended."""
        self.groups.pop(number, None)
        if runs:
            try:
                leader = process_tree.read_entry(number)
            except OSError:  # its members carry the run's mark, too
                leader = None
            self.groups[number] = Group(leader.start if leader else None, process_tree.parse_policy(policy))

    def note_objects(self, word: str, rest: str) -> None:
        """Something concerns objects in an engine."""
        if word == "engine":
            self.engines.append(rest)
            try:
                self.sweepers = self.sweepers or read_sweepers()
            except (ImportError, OSError):  # tried again in the end
                pass
        elif word == "creating":
            self.creating.append(rest)
        elif word == "created" and rest in self.creating:
            self.creating.remove(rest)
        elif word == "cleanup":
            self.cleanups.append(rest)
        elif word == "nocleanup" and rest in self.cleanups:
            self.cleanups.remove(rest)


def listen(pipe: int) -> Reported:
    """Take the host's lines until it closes the pipe or dies.

    Args:
        pipe: The reading end.
    """
    reported = Reported()
    rest = b""
    while chunk := os.read(pipe, 4096):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            reported.note(line)
    return reported


def sweep(run: Run, quiet_rounds: int) -> None:
    """Stop the run's processes, until so many rounds in a row have found none."""
    begin = time.monotonic()
    stoppings: dict[int, Stopping] = {}
    longest = max((group.policy.timeout for group in run.groups.values()), default=process_tree.STOP_TIMEOUT)
    quiet = 0
    while time.monotonic() < begin + longest + LIMIT:
        try:
            found = run.find()
        except OSError:  # no file can be opened: nobody was seen, and nobody is known to be gone
            quiet = 0
            time.sleep(PAUSE)
            continue
        alive = {entry.pid for entry in found}
        groups = {entry.identity(): run.seen.get(entry.identity(), NO_GROUP) for entry in found}
        for group in set(groups.values()):
            members = [entry for entry in found if groups[entry.identity()] == group]
            stopping = stoppings.setdefault(group, process_tree.Stopping(run.policy_of(group), begin))
            for entry, number in stopping.signals(members, alive, time.monotonic()):
                send(run, entry, number)
        quiet = 0 if found else quiet + 1
        if quiet >= quiet_rounds:
            return
        time.sleep(PAUSE)


def send(run: Run, entry: Entry, number: int) -> None:
    """Signal a process that was seen a moment ago."""
    try:
        os.kill(entry.pid, number)
    except ProcessLookupError:
        pass
    except PermissionError:  # it became another user
        run.not_ours_to_end.add(entry.identity())


def read_sweepers() -> tuple[types.CodeType, ...]:
    """The code of what speaks with engines and of what removes objects; running it would take megabytes."""
    return tuple(read_code(name) for name in SWEEPERS)


def sweep_engines(reported: Reported, run_id: str) -> list[threading.Thread]:
    """Begin to remove the run's objects from the engines; each engine has a thread, to be joined.

    Raises:
        OSError: What this takes can't be loaded.
        RuntimeError: The system has no thread to spare.
    """
    # What this takes is loaded only now.
    import json
    import threading

    bare_engine, container_sweep = [
        run_module(name, code) for name, code in zip(SWEEPERS, reported.sweepers or read_sweepers(), strict=True)
    ]
    creating = [(kind, name) for kind, _, name in (line.partition(" ") for line in reported.creating)]
    cleanups = [(container, json.loads(argv)) for container, _, argv in (c.partition(" ") for c in reported.cleanups)]
    threads = []
    for engine in reported.engines:
        arguments = (bare_engine.engine_at(engine), run_id, creating, cleanups, reported.is_orderly)
        threads.append(threading.Thread(target=container_sweep.sweep, args=arguments))
        threads[-1].start()
    return threads


def begin_engines(reported: Reported, run_id: str) -> list[threading.Thread] | None:
    """The same as ``sweep_engines``; None where the system has no file or thread left for it."""
    if not reported.engines:
        return []
    try:
        return sweep_engines(reported, run_id)
    except (ImportError, OSError, RuntimeError):
        return None


def main(run_id: str) -> None:
    """Wait for the host's end, then end what it started."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    try:
        os.write(1, b"\n")  # tells the host that the signals are ignored and the watch has begun
    except OSError:
        pass
    reported = listen(0)
    threads = begin_engines(reported, run_id)
    sweep(Run(run_id, reported.groups), 1 if reported.is_orderly else QUIET_ROUNDS)
    if threads is None:  # what the run's processes held is free by now
        threads = sweep_engines(reported, run_id)
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(sys.argv[1])
