"""What the tests of real processes share."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest
from tests.processes.marked import processes_with

from fairlead.engines.guard import Guard


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
    assert _mine() == before


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


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A private folder with a path so short that a socket's in it is not too long."""
    with TemporaryDirectory(prefix="fl-", dir="/tmp") as folder:
        yield Path(folder)
