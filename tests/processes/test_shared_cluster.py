"""A cluster that processes share, with a kind that plays a cluster: joining it, leaving it, and what can go wrong."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from tests.support.cli import eventually
from tests.support.shared_app import APPHOST, events, hosts
from tests.support.waiting import until

from fairlead import AppBuilder, Apphost, apphost
from fairlead.cli.app_file import load_app_file
from fairlead.errors import ResourceFailed, StartError, UsageError
from fairlead.testing import shared_cluster

PATIENCE = 60.0
USER = """\
import sys, time
from apphost import shop
from fairlead.testing import shared_cluster

with shared_cluster(shop, "k8s"):
    print("joined", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Apphost]:
    """An app that has never run."""
    (tmp_path / "apphost.py").write_text(APPHOST)
    definition = load_app_file(tmp_path / "apphost.py")
    assert isinstance(definition, Apphost)
    yield definition
    sys.path.remove(str(tmp_path))


def none_runs(folder: Path) -> bool:
    """Whether no host is left; one that this process has started is its child, and stays as a zombie."""
    return not any(map(runs, hosts(folder)))


def runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def until_ended(folder: Path, starts: int = 1) -> None:
    await until(lambda: events(folder) == ["start", "stop"] * starts, "the cluster has ended", PATIENCE)


async def until_none_runs(folder: Path) -> None:
    await until(lambda: none_runs(folder), "its host has ended", PATIENCE)


async def test_it_runs_for_as_long_as_anybody_uses_it(shop: Apphost, tmp_path: Path) -> None:
    """The second to join must get the cluster of the first, and keep it when the first has left."""
    async with shared_cluster(shop, "k8s") as second:
        async with shared_cluster(shop, "k8s", parameters={}) as first:
            assert first.kubeconfig == second.kubeconfig
        assert "opensesame" in second.kubeconfig.read_text()
        assert events(tmp_path) == ["start"]

    await until_ended(tmp_path)


async def test_who_comes_while_it_ends_gets_the_next(shop: Apphost, tmp_path: Path) -> None:
    """A process that joins while the cluster stops must wait for the end of its host, and start another."""
    for starts in (1, 2):
        async with shared_cluster(shop, "k8s") as cluster:
            assert cluster.kubeconfig.exists()
        await until_ended(tmp_path, starts)  # its host has not, as a rule


def test_it_ends_when_its_only_user_is_killed(shop: Apphost, tmp_path: Path) -> None:
    """After `kill -9` of the only process that uses it, the cluster must end in order."""
    with subprocess.Popen([sys.executable, "-c", USER], cwd=tmp_path, stdout=subprocess.PIPE, text=True) as user:
        assert user.stdout is not None and user.stdout.readline() == "joined\n"
        user.kill()

    eventually(lambda: events(tmp_path) == ["start", "stop"], "the cluster has ended", PATIENCE)
    eventually(lambda: none_runs(tmp_path), "its host has ended", PATIENCE)


async def test_only_what_is_needed_is_started(shop: Apphost, tmp_path: Path) -> None:
    """What is selected must be started beside the cluster, and the rest must not."""
    async with shared_cluster(shop, "k8s", select={"api"}):
        children = [child.name() for host in hosts(tmp_path) for child in psutil.Process(host).children()]
        assert "sleep" in children

    await until_ended(tmp_path)


async def test_other_options_are_refused(shop: Apphost, tmp_path: Path) -> None:
    """Who wants something else of the same app, while it runs, must be told which process is in the way."""
    async with shared_cluster(shop, "k8s"):
        with pytest.raises(UsageError, match=r"process \d+ runs shop for other tests, with other options"):
            async with shared_cluster(shop, "k8s", parameters={"key": "other"}):
                pass

    await until_ended(tmp_path)


async def test_a_failure_comes_with_its_reason(shop: Apphost, tmp_path: Path) -> None:
    """A cluster that can't start must fail the tests with its reason and its log, and leave no host."""
    (tmp_path / "broken").touch()
    with pytest.raises(ResourceFailed, match="it has no disk") as caught:
        async with shared_cluster(shop, "k8s"):
            pass

    assert "it looks for a disk" in "\n".join(caught.value.__notes__)
    await until_none_runs(tmp_path)


async def test_what_is_no_cluster(shop: Apphost, tmp_path: Path) -> None:
    """A resource that is none must be said to be none; a name that is not there must be corrected."""
    with pytest.raises(UsageError, match="api: it is no cluster"):
        async with shared_cluster(shop, "api"):
            pass
    with pytest.raises(UsageError, match="k8s"):
        async with shared_cluster(shop, "k9s"):
            pass


async def test_a_definition_that_no_other_process_finds() -> None:
    """A definition inside a function must be refused with the remedy, as another process can't import it."""

    @apphost
    def inner(app: AppBuilder) -> None:
        app.add_executable("k8s", "sleep", ".", "600")

    with pytest.raises(StartError, match="defines no app 'inner' at its top level"):
        async with shared_cluster(inner, "k8s"):
            pass


async def test_with_needs_code_without_a_loop(shop: Apphost) -> None:
    """`with` in a coroutine must be refused, as it would hold up the event loop."""
    with pytest.raises(UsageError, match="async with"), shared_cluster(shop, "k8s"):
        pass
