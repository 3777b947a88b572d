"""Whose processes the watchdog takes for its own."""

from __future__ import annotations

import os

import pytest

from fairlead.engines import process_tree, watchdog
from fairlead.engines.process_tree import Entry, StopPolicy
from fairlead.engines.watchdog import Group, Run


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
        b"making container a-1\nmaking network a-net\nmade container a-1\nmade volume x\nmaking\n",
        b"end\nhalf",
    ):
        os.write(writing, part)
    os.close(writing)
    groups, engines, making, announced = watchdog.listen(reading)
    os.close(reading)
    start = process_tree.read_entry(me)
    assert start is not None
    assert {number: (group.start, str(group.policy)) for number, group in groups.items()} == {
        me: (start.start, "2 group 7.5"),
        99999999: (None, str(StopPolicy())),
    }
    assert engines == ["unix:///run/a socket"]
    assert making == ["network a-net"]
    assert announced
