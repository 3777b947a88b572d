"""Ends a run's processes when its host dies, by whatever means.

This file is a program of its own, started as ``python -IS watchdog.py RUN_ID``: it imports nothing of Fairlead but the
files that it loads by their path, and as little as possible of the standard library, because it stays in memory as long
as the run. Its standard input is a pipe whose other end only the host holds. It sleeps until a line or the end of that
pipe comes:

    group N P   the process N was started, leading a group and a session of its own; P is how it is stopped: the number
                of the stop signal, "roots" or "group", and the seconds until KILL
    forget N    nothing of it is left
    engine A    containers and networks of the run may be in the container engine at the address A; behind tabs
                there may follow the folder of its certificates, and "unverified" where its own is not checked
    making K N  an engine was asked to make the container, network or volume (K) of the name N
    made K N    it has answered
    end         the host is about to close the pipe on purpose, no start is under way

Lines it does not know are skipped. When the pipe ends, whatever belongs to the run is stopped as ``process_tree.py``
says, which is how its host would have done it:

- the groups and sessions it was told of, unless their number belongs to somebody else by now;
- the processes that carry the run's mark in their environment (``FAIRLEAD_RUN_ID``), wherever they went;
- the descendants of all these.

At the same time the run's containers and networks are removed from the engines, as ``container_sweep.py`` says.

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
    from typing import Any

    from fairlead.engines import process_tree
    from fairlead.engines.process_tree import Entry, Identity, Stopping, StopPolicy


def load(name: str) -> Any:
    """Load a file beside this one. By its path, as the folder has a module that is called http."""
    from importlib.machinery import SourceFileLoader

    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), f"{name}.py")
    module = type(sys)(name)
    SourceFileLoader(name, path).exec_module(module)
    return module


if __name__ == "__main__":
    process_tree = load("process_tree")
else:
    from fairlead.engines import process_tree

RUN_MARK = "FAIRLEAD_RUN_ID"
WATCHDOG_MARK = "FAIRLEAD_WATCHDOG"

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
    """The environment a process was started with, each variable between NULs; empty if it can't be read."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return b"\0" + file.read()
    except OSError:  # gone, or another user's
        return b""


def listen(pipe: int) -> tuple[dict[int, Group], list[str], list[str], bool]:
    """Take the host's lines until it closes the pipe or dies.

    Args:
        pipe: The reading end.

    Returns:
        The groups left; the container engines; what these are still making, as kind
        and name; whether the host announced the end.
    """
    groups: dict[int, Group] = {}
    engines: list[str] = []
    making: list[str] = []
    announced = False
    rest = b""
    while chunk := os.read(pipe, 4096):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            word, _, number = line.partition(b" ")
            if word == b"end":
                announced = True
            elif word == b"engine" and number:
                engines.append(os.fsdecode(number))
            elif word == b"making" and number:
                making.append(os.fsdecode(number))
            elif word == b"made" and os.fsdecode(number) in making:
                making.remove(os.fsdecode(number))
            elif word == b"group" and number.partition(b" ")[0].isdigit():
                leader_id, _, policy = number.partition(b" ")
                leader = process_tree.read_entry(int(leader_id))
                start = leader.start if leader else None
                groups[int(leader_id)] = Group(start, process_tree.parse_policy(policy.decode()))
            elif number.isdigit() and word == b"forget":
                groups.pop(int(number), None)
    return groups, engines, making, announced


def sweep(run: Run, quiet_rounds: int) -> None:
    """Stop the run's processes, until so many rounds in a row have found none."""
    begin = time.monotonic()
    stoppings: dict[int, Stopping] = {}
    longest = max((group.policy.timeout for group in run.groups.values()), default=process_tree.STOP_TIMEOUT)
    quiet = 0
    while time.monotonic() < begin + longest + LIMIT:
        found = run.find()
        alive = {entry.pid for entry in found}
        for group in {run.seen[entry.identity()] for entry in found}:
            members = [entry for entry in found if run.seen[entry.identity()] == group]
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


def sweep_engines(engines: list[str], run_id: str, making: list[str], announced: bool) -> list[threading.Thread]:
    """Begin to remove the run's containers and networks; each engine has a thread, to be joined."""
    import threading  # what this takes is loaded only now

    module = load("container_sweep")
    threads = []
    for engine in engines:
        arguments = (module.engine_at(engine), run_id, making, announced)
        threads.append(threading.Thread(target=module.sweep, args=arguments))
        threads[-1].start()
    return threads


def main(run_id: str) -> None:
    """Wait for the host's end, then end what it started."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    try:
        os.write(1, b"\n")  # tells the host that the signals are ignored and the watch has begun
    except OSError:
        pass
    groups, engines, making, announced = listen(0)
    threads = sweep_engines(engines, run_id, making, announced) if engines else []
    sweep(Run(run_id, groups), 1 if announced else QUIET_ROUNDS)
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(sys.argv[1])
