"""What the tests of real processes share."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psutil
import pytest
from tests.processes.marked import processes_with
from tests.support.folders import own_folders
from tests.support.waiting import until

from fairlead.engines.watchdog import guard as guard_module
from fairlead.engines.watchdog.guard import Guard


@pytest.fixture(scope="session", autouse=True)
def folders_of_nobody() -> Iterator[None]:
    """Nothing of the user's is read or changed, nor do tests of other checkouts meet there."""
    with own_folders():
        yield


@pytest.fixture(autouse=True)
def patience_with_watchdogs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A watchdog on a busy machine may take its time to start and to sweep; what it does is what counts here."""
    for name in ("READY_TIME", "CLOSE_TIME"):
        monkeypatch.setattr(guard_module, name, 60.0)


@pytest.fixture
def run_id() -> Iterator[str]:
    """The mark of a run; none of its processes may be left when the test ends."""
    mark = f"run-{uuid.uuid4().hex}"
    yield mark
    left = processes_with(FAIRLEAD_RUN_ID=mark)
    for process in left:
        process.kill()
    assert not left, f"left behind: {left}"


@pytest.fixture
async def guard(run_id: str) -> AsyncIterator[Guard]:
    """A guard; when the test ends this process must have as many children and open files as before."""
    before = _mine()
    guard = await Guard.start("test-app", run_id)
    yield guard
    await guard.close()
    await until(lambda: _mine() == before, "as many children and open files as before")


def _mine() -> tuple[set[int], list[str]]:
    """The children of this process, zombies included, and what it has open."""
    children = {child.pid for child in psutil.Process().children()}
    files = []
    for descriptor in Path("/proc/self/fd").iterdir() if Path("/proc").is_dir() else []:
        try:
            files.append(f"{descriptor.name} {descriptor.readlink()}")
        except OSError:  # the one that lists the folder
            continue
    return children, sorted(files)
