"""Whose processes the watchdog takes for its own."""

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Iterator
from typing import NoReturn

import pytest

from fairlead.engines.watchdog import process_tree, watchdog
from fairlead.engines.watchdog.host_mark import host_mark, is_dead
from fairlead.engines.watchdog.process_tree import Entry, StopPolicy
from fairlead.engines.watchdog.watchdog import Group, Reported, Run


class Machine:
    """A machine with processes made up for the test."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.entries: dict[int, Entry] = {}
        self.environments: dict[int, bytes] = {}
        patch.setattr(process_tree, "read_entries", lambda: list(self.entries.values()))
        patch.setattr(watchdog, "read_environment", lambda pid: self.environments.get(pid, b""))

    def add(
        self, pid: int, *, parent: int = 1, group: int = 50, session: int = 50, start: int = 1000, env: str = ""
    ) -> None:
        self.entries[pid] = Entry(pid, parent, group, session, "S", start)
        self.environments[pid] = f"\0{env}\0".encode()

    def found_by(self, run: Run) -> set[int]:
        return {entry.pid for entry in run.find()}


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def test_the_mark_is_the_whole_variable(machine: Machine) -> None:
    """Only the very run id must count, not one that begins or ends like it."""
    machine.add(10, env="A=1\0FAIRLEAD_RUN_ID=run-1\0B=2")
    machine.add(11, env="FAIRLEAD_RUN_ID=run-10")
    machine.add(12, env="OLD_FAIRLEAD_RUN_ID=run-1")
    machine.add(13, env="FAIRLEAD_RUN_ID=run")
    assert machine.found_by(Run("run-1", {})) == {10}


def test_descendants_belong_to_the_run(machine: Machine) -> None:
    """Children of the run's processes must be found although they lost mark, group and session."""
    machine.add(10, env="FAIRLEAD_RUN_ID=r")
    machine.add(11, parent=10)
    machine.add(12, parent=11)
    machine.add(13, parent=1)
    assert machine.found_by(Run("r", {})) == {10, 11, 12}


def test_groups_and_sessions_belong_to_the_run(machine: Machine) -> None:
    """Members of a watched group, and of the session of its number, must be found without a mark."""
    machine.add(10, group=10, session=10, start=500)
    machine.add(11, group=10, session=10)
    machine.add(12, group=12, session=10)
    machine.add(13, group=13, session=13)
    assert machine.found_by(Run("r", {10: Group(500, StopPolicy())})) == {10, 11, 12}


def test_a_group_of_the_same_number_is_a_stranger(machine: Machine) -> None:
    """A group whose number was given to somebody else must be left alone."""
    machine.add(10, group=10, session=10, start=900)
    machine.add(11, group=10, session=10)
    assert machine.found_by(Run("r", {10: Group(500, StopPolicy())})) == set()
    assert machine.found_by(Run("r", {10: Group(None, StopPolicy())})) == set()


def test_a_group_without_its_leader_counts_at_first_only(machine: Machine) -> None:
    """Members without their leader are ours when the host has just died; later the number may be a stranger's."""
    machine.add(11, group=10, session=10)
    run = Run("r", {10: Group(500, StopPolicy())})
    assert machine.found_by(run) == {11}
    machine.add(12, group=10, session=10)
    assert machine.found_by(run) == {11}
    machine.add(11, group=10, session=10, start=7777)  # the number was given away: another process
    assert machine.found_by(run) == set()


def test_other_watchdogs_are_spared(machine: Machine) -> None:
    """A host inside the run must be ended, its watchdog must not: it ends what that host started."""
    machine.add(10, env="FAIRLEAD_RUN_ID=outer")
    machine.add(11, parent=10, env="FAIRLEAD_WATCHDOG=inner")
    assert machine.found_by(Run("outer", {})) == {10}


def test_the_watchdog_and_init_are_spared(machine: Machine) -> None:
    """Neither itself nor process 1, with all its children, must ever be taken for the run's."""
    machine.add(1, parent=0, env="FAIRLEAD_RUN_ID=r")
    machine.add(os.getpid(), parent=1, env="FAIRLEAD_RUN_ID=r")
    machine.add(12)
    assert machine.found_by(Run("r", {})) == set()


def test_the_lines_of_the_host_are_understood() -> None:
    """The lines must be understood however they are cut, and unknown ones skipped."""
    reading, writing = os.pipe()
    me = os.getpid()
    for part in (
        b"group 1\ngro",
        b"up %d 2 group 7.5\ngroup 99999999\n" % me,
        b"later thing 5\n\ngroup x\nforget 1\n",
        b"engine unix:///run/a socket\nengine\n",
        b"creating container a-1\ncreating network a-net\ncreated container a-1\ncreated volume x\ncreating\n",
        b'cleanup c1 ["rm", "a b"]\ncleanup c2 ["true"]\nnocleanup c2 ["true"]\nnocleanup c3 []\n',
        b"end\nhalf",
    ):
        os.write(writing, part)
    os.close(writing)
    reported = watchdog.listen(reading)
    os.close(reading)
    start = process_tree.read_entry(me)
    assert start is not None
    assert {number: (group.start, str(group.policy)) for number, group in reported.groups.items()} == {
        me: (start.start, "2 group 7.5"),
        99999999: (None, str(StopPolicy())),
    }
    assert reported.engines == ["unix:///run/a socket"]
    assert reported.creating == ["network a-net"]
    assert reported.cleanups == ['c1 ["rm", "a b"]']
    assert reported.is_orderly


def test_the_code_for_engines_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read when an engine was named must do, although the files are gone in the end; or be tried once more."""

    def read_nothing() -> NoReturn:
        raise FileNotFoundError

    reported = Reported()
    reported.note(b"engine unix:///no/such.sock")
    reported.note(b"end")
    monkeypatch.setattr(watchdog, "read_sweepers", read_nothing)
    threads = watchdog.begin_engines(reported, "r")
    assert threads is not None and len(threads) == 1
    threads[0].join()
    late = Reported()
    late.note(b"engine unix:///no/such.sock")
    assert watchdog.begin_engines(late, "r") is None


def test_what_can_not_be_seen_is_not_gone(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """While no file can be opened, the watchdog must not take the run's processes for ended."""
    machine.add(10, env="FAIRLEAD_RUN_ID=r")
    no_file = OSError(errno.ENFILE, "no file")
    rounds: Iterator[OSError | list[int]] = iter([no_file, no_file, [10], []])
    signalled: list[int] = []

    def find() -> list[Entry]:
        outcome = next(rounds)
        if isinstance(outcome, OSError):
            raise outcome
        return [machine.entries[pid] for pid in outcome]

    run = Run("r", {})
    monkeypatch.setattr(run, "find", find)
    monkeypatch.setattr(watchdog, "PAUSE", 0.0)
    monkeypatch.setattr(watchdog, "send", lambda run, entry, number: signalled.append(entry.pid))
    watchdog.sweep(run, 1)
    assert signalled == [10]


def test_a_machine_without_files_hides_no_process() -> None:
    """Only a process that is gone, or another user's, may count as absent; not one that can't be looked at."""
    mark = host_mark()
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = os.dup(0)
    os.close(highest)
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest, limits[1]))
    try:
        with pytest.raises(OSError, match="Too many open files"):
            process_tree.read_entry(os.getpid())
        with pytest.raises(OSError, match="Too many open files"):
            watchdog.read_environment(os.getpid())
        assert not is_dead(f"{mark}0"), "a host that can't be looked at is not dead"
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert is_dead(f"{mark}0")
    assert process_tree.read_entry(2**22 + 1) is None
