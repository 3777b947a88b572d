"""What the watchdog makes of an engine that does not do as it should, and of what is inside containers that stay."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.engines.bench import Bench
from tests.processes.marked import runs
from tests.support.faulty_engine import Fault, FaultyEngine, broken
from tests.support.waiting import PATIENCE, until, until_seen

from fairlead.drivers.containers.engine import remove_leftovers
from fairlead.drivers.containers.inner_objects import cleanup_label
from fairlead.engines.containers import ContainerEngine, Mount
from fairlead.engines.docker import connect
from fairlead.engines.watchdog.guard import Guard
from fairlead.errors import EngineError


@dataclass
class Run:
    """A run whose engine can be troubled.

    Attributes:
        bench: The engine itself.
        proxy: What is in front of it.
        engine: The engine as the run reaches it.
        guard: The run's guard.
        folder: What the test may write into.
    """

    bench: Bench
    proxy: FaultyEngine
    engine: ContainerEngine
    guard: Guard
    run_id: str
    folder: Path

    def labels(self, lifetime: str = "session") -> dict[str, str]:
        return {"dev.fairlead.run": self.run_id, "dev.fairlead.lifetime": lifetime}

    async def create(self, what: str = "a", lifetime: str = "session") -> str:
        return await self.engine.create(self.bench.spec("exec sleep 1000", what, labels=self.labels(lifetime)))

    async def left(self) -> list[str]:
        found = await self.bench.engine.containers(self.labels())
        return [one.name for one in found] + [one.name for one in await self.bench.engine.networks(self.labels())]

    async def until_nothing_is_left(self) -> None:
        async with asyncio.timeout(PATIENCE):
            while await self.left():  # noqa: ASYNC110  (another process removes it)
                await asyncio.sleep(0.1)

    async def die(self) -> int:
        """End as far as the watchdog can tell as if this process had been killed; the watchdog's process id."""
        self.guard.expect_leftovers()
        return await self.end()

    async def end(self) -> int:
        """End on purpose; the watchdog's process id."""
        pid = self.guard.watchdog_pid
        assert pid is not None
        await self.guard.close()
        return pid


@pytest.fixture
async def run(real: Bench, short_folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Run]:
    monkeypatch.setattr("fairlead.engines.watchdog.guard.CLOSE_TIME", 0.2)  # the watchdog goes on by itself
    run_id = uuid.uuid4().hex[:16]
    async with contextlib.AsyncExitStack() as ends:
        proxy = await ends.enter_async_context(
            FaultyEngine(f"{short_folder}/faulty.sock", real.engine.address.removeprefix("unix://"))
        )
        guard = await Guard.start("test-app", run_id)
        ends.push_async_callback(guard.close)
        engine = await connect({"DOCKER_HOST": proxy.address}, guard)
        ends.push_async_callback(engine.close)
        guard.watch_engine(proxy.address)
        yield Run(real, proxy, engine, guard, run_id, tmp_path)
        proxy.heal()


@pytest.mark.parametrize("real", [pytest.param("docker", marks=pytest.mark.docker)], indirect=True)
@pytest.mark.parametrize("fault", [Fault.FAIL, Fault.REFUSE, Fault.CUT, Fault.MANGLE, Fault.LOSE, Fault.HOLD])
async def test_bad_answers_do_not_end_the_sweep(run: Run, fault: Fault) -> None:
    """A sweep whose every question is answered badly for a while must remove all when the engine is well again."""
    await run.create()
    await run.engine.ensure_network(run.bench.name("net"), run.labels())
    run.proxy.trouble(broken(fault))
    pid = await run.end()
    async with asyncio.timeout(PATIENCE):
        await run.proxy.wait_for_request("list")
    assert await run.left()
    run.proxy.heal()
    await run.until_nothing_is_left()
    await until_seen(lambda: not runs(pid), "the watchdog has ended")


async def test_a_failure_is_no_refusal(run: Run) -> None:
    """What an engine creates after it, or a proxy, has answered with a 5xx must be removed all the same."""
    run.proxy.trouble(broken(Fault.FAIL_HELD, "create container"))
    with pytest.raises(EngineError, match="a fault"):
        await run.create()
    pid = await run.end()
    assert runs(pid), "the watchdog waits for it"
    run.proxy.heal()
    async with asyncio.timeout(PATIENCE):
        await run.proxy.wait_for_answer("create container")
    await run.until_nothing_is_left()
    await until_seen(lambda: not runs(pid), "the watchdog has ended")
    assert await run.left() == []


async def test_a_refusal_is_not_waited_for(run: Run) -> None:
    """What an engine has refused will not be created, and a clean end must be as quick as ever."""
    await run.create("a", lifetime="persistent")
    with pytest.raises(EngineError, match="is taken"):
        await run.create("a")
    with pytest.raises(EngineError):
        await run.engine.create(run.bench.spec("true", "b", image="no-such-image:0", labels=run.labels()))
    pid = await run.end()
    await until_seen(lambda: not runs(pid), "the watchdog has ended", within=15)


async def test_what_could_not_be_removed_is_left_to_the_watchdog(run: Run) -> None:
    """When the host can't remove something because the engine is away, the watchdog must wait for its return."""
    container = await run.create()
    run.proxy.trouble(broken(Fault.REFUSE))
    with pytest.raises(EngineError):
        await run.engine.remove(container)
    await run.proxy.close()
    pid = await run.end()
    assert runs(pid)
    await run.proxy.open()
    run.proxy.heal()
    await run.until_nothing_is_left()
    await until_seen(lambda: not runs(pid), "the watchdog has ended")


# Inside a container that stays

CLUSTER = "trap 'exit 0' TERM; sleep 1000 & wait"


@dataclass
class Cluster:
    """A container that stays, with files as objects: those of a run begin with its id.

    They are in a folder of this machine, where to look at them takes no command inside.
    """

    container: str
    folder: Path

    def objects(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())

    async def until_objects(self, *expected: str) -> None:
        await until(lambda: self.objects() == [*expected], f"{expected} are left")


async def cluster(run: Run, app_id: str = "app", what: str = "cluster") -> Cluster:
    """Start one, with two objects of the run and one of another."""
    remove_others = (
        "sh",
        "-c",
        'for f in /objects/*; do case "$f" in /objects/{keep_run}-*) ;; *) rm "$f"; esac; done',
    )
    labels = {**run.labels("persistent"), **cleanup_label(remove_others), "dev.fairlead.app": app_id}
    del labels["dev.fairlead.run"]
    folder = run.folder / what
    folder.mkdir()
    for name in (f"{run.run_id}-a", f"{run.run_id}-b", "other-c"):
        (folder / name).touch()
    mounts = (Mount("bind", str(folder), "/objects"),)
    return Cluster(await run.bench.start(CLUSTER, what, labels=labels, mounts=mounts), folder)


def removal(run: Run) -> tuple[str, ...]:
    return ("sh", "-c", f"rm -f /objects/{run.run_id}-*")


@pytest.mark.parametrize("kind", ["", "exec", "list"])
async def test_a_dead_runs_objects_in_a_kept_cluster_are_removed(run: Run, kind: str) -> None:
    """The watchdog must remove what the run has inside a container that stays, and nothing else; also late."""
    kept = await cluster(run)
    gone = await run.create()
    run.guard.add_cleanup(kept.container, removal(run))
    run.guard.add_cleanup(gone, ("no-such-command",))
    if kind:
        run.proxy.trouble(broken(Fault.FAIL, kind))
    pid = await run.die()
    if kind:
        async with asyncio.timeout(PATIENCE):
            await run.proxy.wait_for_request(kind)
        assert len(kept.objects()) == 3
        run.proxy.heal()
    await kept.until_objects("other-c")
    (kept.folder / f"{run.run_id}-late").touch()  # the host's last request to the cluster was under way
    await until_seen(lambda: not runs(pid), "the watchdog has ended")
    assert kept.objects() == ["other-c"]
    assert await run.left() == []


async def test_a_clean_up_that_was_taken_back_is_not_run(run: Run) -> None:
    """At a clean end, a command must be run that is still registered, and none that was taken back."""
    kept, other = await cluster(run), await cluster(run, what="other")
    run.guard.add_cleanup(kept.container, removal(run))
    run.guard.add_cleanup(other.container, removal(run))
    run.guard.remove_cleanup(other.container, removal(run))
    pid = await run.end()
    await until_seen(lambda: not runs(pid), "the watchdog has ended")
    assert kept.objects() == ["other-c"]
    assert len(other.objects()) == 3


async def test_a_new_watchdog_knows_the_clean_ups(run: Run) -> None:
    """When the watchdog was killed, the next one must know what is to be cleaned up."""
    kept = await cluster(run)
    run.guard.add_cleanup(kept.container, removal(run))
    first = run.guard.watchdog_pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until_seen(lambda: run.guard.watchdog_pid not in (None, first), "another watchdog")
    await run.die()
    await kept.until_objects("other-c")


async def test_a_container_that_is_gone_needs_no_clean_up(run: Run) -> None:
    """The watchdog must not wait for a container that somebody has removed."""
    kept = await cluster(run)
    run.guard.add_cleanup(kept.container, removal(run))
    await run.bench.engine.remove(kept.container)
    pid = await run.end()
    await until_seen(lambda: not runs(pid), "the watchdog has ended", within=15)


async def test_the_next_start_removes_what_is_left_in_a_kept_cluster(run: Run) -> None:
    """What host and watchdog left together must be removed at the next start of the app, by the cluster's own label."""
    app_id = f"app-{run.bench.run}"
    kept, foreign = await cluster(run, app_id), await cluster(run, "another-app", "foreign")
    await remove_leftovers(run.bench.engine, app_id, "other", app_id)
    assert kept.objects() == ["other-c"]
    assert len(foreign.objects()) == 3


async def test_a_clean_up_that_fails_is_said(run: Run) -> None:
    """The next start must say which container has leftovers, and remove all others."""
    app_id = f"app-{run.bench.run}"
    labels = {**run.labels("persistent"), **cleanup_label(("sh", "-c", "echo no cluster here; exit 4"))}
    await run.bench.start(CLUSTER, "bad", labels={**labels, "dev.fairlead.app": app_id})
    kept = await cluster(run, app_id)
    with pytest.raises(EngineError, match="ended with exit code 4: no cluster here"):
        await remove_leftovers(run.bench.engine, app_id, "other", app_id)
    assert kept.objects() == ["other-c"]
    stopped = await run.bench.create(CLUSTER, "stopped", labels={**labels, "dev.fairlead.app": "stopped"})
    await remove_leftovers(run.bench.engine, "stopped", "other", "stopped")
    assert await run.bench.engine.inspect(stopped) is not None
