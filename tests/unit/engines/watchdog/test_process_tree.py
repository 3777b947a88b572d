"""Who of a process tree gets which signal, and how the processes of this machine are read."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGTERM, Signals

import pytest

from fairlead.engines.watchdog import process_tree
from fairlead.engines.watchdog.process_tree import Entry, Stopping, StopPolicy, parse_policy, read_entry, read_session


class Tree:
    """A tree of processes made up for the test, which is being stopped."""

    def __init__(self, policy: StopPolicy) -> None:
        self.stopping = Stopping(policy, begin=0.0)
        self.entries: dict[int, Entry] = {}

    def add(self, pid: int, parent: int, *, start: int = 1) -> None:
        self.entries[pid] = Entry(pid, parent, 10, 10, "S", start)

    def end(self, pid: int) -> None:
        """A process ends, and init adopts its children."""
        del self.entries[pid]
        for entry in self.entries.values():
            if entry.parent == pid:
                entry.parent = 1

    def at(self, now: float) -> str:
        """The signals that are due at a moment, such as ``10 TERM, 11 TERM``."""
        signals = self.stopping.signals(list(self.entries.values()), self.entries.keys(), now)
        return ", ".join(f"{entry.pid} {Signals(number).name.removeprefix('SIG')}" for entry, number in signals)


def tree(policy: StopPolicy) -> Tree:
    """A shell (10) that runs a worker (20) with two children."""
    tree = Tree(policy)
    for pid, parent in ((10, 5), (20, 10), (21, 20), (22, 20)):
        tree.add(pid, parent)
    return tree


def test_the_root_is_asked_and_nothing_below() -> None:
    """A worker must hear the signal, its children must not, and nobody twice."""
    shell = tree(StopPolicy(timeout=10))
    assert shell.at(0) == "10 TERM"
    assert shell.at(1) == ""


def test_the_orphans_of_a_root_are_roots() -> None:
    """When a shell ends at once, the worker that it leaves must be asked, and then what that one leaves."""
    shell = tree(StopPolicy(timeout=10))
    shell.at(0)
    shell.end(10)
    assert shell.at(0.1) == "20 TERM"
    shell.end(20)
    assert shell.at(3) == "21 TERM, 22 TERM"


def test_a_process_of_the_same_number_is_another_one() -> None:
    """A process that begins with the id of one that was asked must be asked as well."""
    shell = tree(StopPolicy(timeout=10))
    shell.at(0)
    shell.end(10)
    shell.at(1)
    shell.end(20)
    shell.add(10, 1, start=2)
    assert shell.at(2) == "21 TERM, 22 TERM, 10 TERM"


@pytest.mark.parametrize(("timeout", "last_call"), [(10.0, 8.0), (30.0, 24.0), (6.0, 4.0)])
def test_everything_is_asked_before_the_time_is_over(timeout: float, last_call: float) -> None:
    """When 2 s or a fifth of the time are left, all that runs must get the signal, once; then all is killed."""
    shell = tree(StopPolicy(timeout=timeout))
    shell.at(0)
    assert shell.at(last_call - 0.01) == ""
    assert shell.at(last_call) == "10 TERM, 20 TERM, 21 TERM, 22 TERM"
    assert shell.at(last_call + 0.1) == ""
    shell.add(23, 20)
    assert shell.at(timeout - 0.01) == "23 TERM"
    assert shell.at(timeout) == "10 KILL, 20 KILL, 21 KILL, 22 KILL, 23 KILL"
    assert shell.at(timeout + 1) == "10 KILL, 20 KILL, 21 KILL, 22 KILL, 23 KILL"


def test_a_short_time_asks_everything_at_once() -> None:
    """Where there are less than 2 s, everything must be asked at the beginning, and once."""
    shell = tree(StopPolicy(timeout=1.5))
    assert shell.at(0) == "10 TERM, 20 TERM, 21 TERM, 22 TERM"
    assert shell.at(1.4) == ""
    assert shell.at(1.5) == "10 KILL, 20 KILL, 21 KILL, 22 KILL"


def test_a_group_is_asked_at_once() -> None:
    """A reloader's whole group must hear its signal, as from a terminal, and whoever joins it later."""
    reloader = tree(StopPolicy(SIGINT, "group", 10))
    assert reloader.at(0) == "10 INT, 20 INT, 21 INT, 22 INT"
    reloader.add(23, 20)
    assert reloader.at(1) == "23 INT"


def test_the_time_can_only_be_shortened() -> None:
    """A second order to stop must be able to hurry, not to grant more time."""
    shell = tree(StopPolicy(timeout=10))
    shell.at(0)
    assert not shell.stopping.shorten(20)
    assert shell.stopping.shorten(3)
    assert shell.at(0.5) == ""
    assert shell.at(1) == "10 TERM, 20 TERM, 21 TERM, 22 TERM"
    assert shell.at(3) == "10 KILL, 20 KILL, 21 KILL, 22 KILL"


def test_a_policy_survives_its_text() -> None:
    """What the watchdog reads must be what the host wrote."""
    for policy in (StopPolicy(), StopPolicy(SIGINT, "group", 2.5)):
        assert str(parse_policy(str(policy))) == str(policy)
    assert parse_policy("").number == SIGTERM


# Reading


@pytest.fixture(params=["proc", "ps"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """By ``/proc``, and by ``ps`` as on a system that has none."""
    if request.param == "ps":
        monkeypatch.setattr(process_tree, "PROC", str(tmp_path))
    elif not Path("/proc/self/stat").exists():
        pytest.skip("this system has no /proc")
    return str(request.param)


@pytest.fixture
def leader() -> Iterator[subprocess.Popen[bytes]]:
    """The leader of a session that has a child in a group of its own, and a zombie."""
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen(['sleep', '1000'], process_group=0)\n"
        "zombie = subprocess.Popen(['true'])\n"
        "import os; os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)\n"
        "print(child.pid, zombie.pid, flush=True)\n"
        "time.sleep(1000)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True) as process:
        yield process
        for entry in read_session(process.pid):
            os.kill(entry.pid, SIGKILL)


def test_a_session_is_read(way: str, leader: subprocess.Popen[bytes]) -> None:
    """All that runs in a session must be found with its parent and group, zombies must not."""
    assert leader.stdout is not None
    child, zombie = map(int, leader.stdout.readline().split())
    session = {entry.pid: entry for entry in read_session(leader.pid)}
    assert session.keys() == {leader.pid, child}
    assert (session[leader.pid].parent, session[leader.pid].group) == (os.getpid(), leader.pid)
    assert (session[child].parent, session[child].group, session[child].session) == (leader.pid, child, leader.pid)
    dead = read_entry(zombie)
    assert dead is not None and not dead.is_alive()
    again = read_entry(child)
    assert again is not None and again.identity() == session[child].identity()
    assert {leader.pid, child} <= {entry.pid for entry in process_tree.read_entries()}


def test_who_is_not_there_is_not_read(way: str) -> None:
    """An id that nobody has must give nothing."""
    assert read_entry(99_999_999) is None
    assert read_session(99_999_999) == []


def test_a_name_may_look_like_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spaces and parentheses in a program's name must not shift the fields behind it."""
    text = b"77 (a) R (b c)) S 3 4 5 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 987654 0 0\n"
    for name in ("self", "77"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "stat").write_bytes(text)
    monkeypatch.setattr(process_tree, "PROC", str(tmp_path))
    entry = read_entry(77)
    assert entry is not None
    assert (entry.state, entry.parent, entry.group, entry.session, entry.start) == ("S", 3, 4, 5, 987654)
