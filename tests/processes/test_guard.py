"""Nothing of a run outlives its host: real hosts, killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import sys
import uuid
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import psutil
import pytest
from tests.processes.marked import processes_with, runs
from tests.support.waiting import until, until_seen

from fairlead import Apphost
from fairlead.engines.process import ProcessSpec, spawn
from fairlead.engines.watchdog import guard as guard_module
from fairlead.engines.watchdog import process_tree, watchdog
from fairlead.engines.watchdog.guard import Guard
from fairlead.engines.watchdog.host_mark import host_mark
from fairlead.engines.watchdog.leftover_processes import sweep_leftovers
from fairlead.engines.watchdog.process_tree import StopPolicy
from fairlead.errors import EngineError
from fairlead.runtime.host import Host
from fairlead.runtime.run_options import RunOptions
from fairlead.runtime.store.project_settings import isolated_id

REPOSITORY = Path(__file__).parent.parent.parent
STUBBORN = "trap '' TERM INT HUP; echo up; while :; do sleep 1; done"
GONE_WITHIN = 10.0
"""Seconds after the host's death; the promise."""
BATCHES = int(os.environ.get("FAIRLEAD_KILL_BATCHES", "2"))
"""Batches of ten hosts that are killed at random moments; more of them for a longer search."""


@contextlib.asynccontextmanager
async def doomed_host(
    run_id: str, seed: int, *, steady: bool = True, env: Mapping[str, str] | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A host that is killed at the end at the latest, with all that it leaves; a steady one stops nothing itself."""
    host = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.processes.doomed_host", run_id, str(seed), *(["steady"] if steady else [])),
        cwd=REPOSITORY,
        env={**os.environ, **(env or {})},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield host
    finally:
        if host.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                host.kill()
        await host.communicate()
        for left in processes_with(FAIRLEAD_RUN_ID=run_id):
            left.kill()


async def reaches(host: asyncio.subprocess.Process, phase: str, times: int = 1) -> None:
    assert host.stdout is not None
    async with asyncio.timeout(120):
        while times:
            line = await host.stdout.readline()
            assert line, "the host ended by itself"
            times -= line.decode().strip() == phase


def left_of(run_ids: list[str]) -> list[psutil.Process]:
    """What runs with one of these marks, the watchdogs included."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            environment = process.environ()
            mark = environment.get(watchdog.RUN_MARK) or environment.get(watchdog.WATCHDOG_MARK)
            if mark in run_ids and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


# A host that is killed


@pytest.mark.parametrize("batch", range(BATCHES))
async def test_a_killed_host_leaves_nothing(batch: int) -> None:
    """Whenever a host is killed, nothing of its run must be left ten seconds later."""
    seeds = range(10 * batch, 10 * batch + 10)
    run_ids = {seed: f"run-{uuid.uuid4().hex}" for seed in seeds}
    seen = 0

    async def kill_at_random(seed: int, host: asyncio.subprocess.Process) -> None:
        nonlocal seen
        choice = random.Random(seed)
        phase, times = choice.choice(["spawning", "running", "stopping"]), choice.randint(1, 2)
        delay = choice.uniform(0, 0.25)
        print(f"seed {seed}: killed {delay:.3f} s after '{phase}' for the {times}. time")
        await reaches(host, phase, times)
        await asyncio.sleep(delay)  # the random moment
        host.kill()
        await host.wait()
        seen += len(left_of([run_ids[seed]]))

    async with contextlib.AsyncExitStack() as stack:
        hosts = {
            seed: await stack.enter_async_context(doomed_host(run_ids[seed], seed, steady=False)) for seed in seeds
        }
        await asyncio.gather(*(kill_at_random(seed, host) for seed, host in hosts.items()))
        assert seen > len(seeds)  # there was something to end
        await until_seen(lambda: not left_of(list(run_ids.values())), "nothing is left", within=GONE_WITHIN)


async def test_a_new_watchdog_knows_everything(run_id: str) -> None:
    """When its watchdog was killed before, a host must have another one, and leave nothing either."""
    async with doomed_host(run_id, seed=1) as host:
        await reaches(host, "running")
        first = processes_with(FAIRLEAD_WATCHDOG=run_id)
        assert len(first) == 1
        first[0].kill()
        await until_seen(
            lambda: [p for p in processes_with(FAIRLEAD_WATCHDOG=run_id) if p not in first], "another watchdog"
        )
        host.kill()
        await until_seen(lambda: not left_of([run_id]), "nothing is left", within=GONE_WITHIN)


async def test_a_child_without_the_mark_is_found_by_its_parent(run_id: str, tmp_path: Path) -> None:
    """A process that dropped its environment and left its session must go with the run all the same."""
    code = f"""
import asyncio, os
from fairlead.engines.watchdog.guard import Guard
from fairlead.engines.process import ProcessSpec, spawn
from fairlead.engines.watchdog.process_tree import StopPolicy
async def main():
    guard = await Guard.start("doomed", {run_id!r})
    command = "env -i setsid sh -c 'echo $$ > pid; mv pid escaped; while :; do sleep 1; done' & wait"
    spec = ProcessSpec(("sh", "-c", command), {str(tmp_path)!r}, dict(os.environ))
    await (await spawn(spec, print, guard)).wait()
asyncio.run(main())
"""
    host = await asyncio.create_subprocess_exec(sys.executable, "-c", code, cwd=REPOSITORY, start_new_session=True)
    try:
        escaped = tmp_path / "escaped"
        await until(escaped.exists, "the escaped process is up")
        pid = int(escaped.read_text())
        assert runs(pid)
        assert pid not in [process.pid for process in processes_with(FAIRLEAD_RUN_ID=run_id)]
    finally:
        host.kill()
        await host.wait()
    await until_seen(lambda: not runs(pid) and not left_of([run_id]), "nothing is left", within=GONE_WITHIN)


async def test_a_host_inside_a_run_goes_with_it(guard: Guard) -> None:
    """A host that belongs to a run must be ended with it, and its own processes by its own watchdog."""
    inner = f"run-{uuid.uuid4().hex}"
    async with doomed_host(inner, seed=2, env=guard.environment) as host:
        await reaches(host, "running")
        await guard.close()
        assert await host.wait() < 0
        await until_seen(lambda: not left_of([inner]), "nothing is left of the inner run", within=GONE_WITHIN)


async def test_leftovers_of_an_earlier_run_are_swept(run_id: str) -> None:
    """What a host and its watchdog left that died together must be ended, and nothing else."""
    async with doomed_host(run_id, seed=3) as host:
        await reaches(host, "running")
        both = [*processes_with(FAIRLEAD_WATCHDOG=run_id), psutil.Process(host.pid)]
        for process in both:
            process.suspend()  # so that neither notices the other's end
        await until(lambda: all(process.status() == psutil.STATUS_STOPPED for process in both), "both stand still")
        for process in both:
            process.kill()
        await host.wait()
        await until_seen(lambda: not processes_with(FAIRLEAD_WATCHDOG=run_id), "the watchdog is gone")
        left = {process.pid for process in processes_with(FAIRLEAD_RUN_ID=run_id)}
        assert left
        assert await sweep_leftovers("other-app", keep_run="new") == []
        assert await sweep_leftovers("doomed", keep_run=run_id) == []
        assert left & {process.pid for process in processes_with(FAIRLEAD_RUN_ID=run_id)}
        assert await sweep_leftovers("doomed", keep_run="new")
        assert processes_with(FAIRLEAD_RUN_ID=run_id) == []


@contextlib.asynccontextmanager
async def marked(app_id: str, run_id: str, host: str) -> AsyncIterator[int]:
    """A process of a run whose watchdog is gone, with a child that hides its marks; its id."""
    env: Mapping[str, str] = {**os.environ, "FAIRLEAD_APP_ID": app_id, "FAIRLEAD_RUN_ID": run_id, "FAIRLEAD_HOST": host}
    process = await asyncio.create_subprocess_exec(*("sh", "-c", "env -i sleep 1000 & wait"), env=env)
    try:
        yield process.pid
    finally:
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            for child in psutil.Process(process.pid).children(recursive=True):
                child.kill()
            process.kill()
        await process.wait()


@pytest.mark.parametrize("is_isolated", [True, False])
async def test_leftovers_of_dead_tests_are_swept(run_id: str, tmp_path: Path, is_isolated: bool) -> None:
    """What an isolated run has left must go at the next start of the app, and what one has that lives must not."""
    app = Apphost(lambda app: None, "boat", tmp_path / "apphost.py").build()
    other = Apphost(lambda app: None, "boat", tmp_path / "other" / "apphost.py").build()
    living = host_mark()
    dead = f"{living}0"  # this process id, at another time: somebody else's by now
    places = {"XDG_STATE_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    async with (
        marked(isolated_id(app, run_id), run_id, dead) as left,
        marked(isolated_id(app, run_id), run_id, living) as busy,
        marked(isolated_id(app, run_id), run_id, "") as unmarked,
        marked(isolated_id(app, run_id), run_id, f"elsewhere/{dead.partition('/')[2]}") as foreign,
        marked(isolated_id(other, run_id), run_id, dead) as of_another_app,
    ):
        child = await until(lambda: [*psutil.Process(left).children()], "it has a child")
        warnings: list[str] = []
        options = RunOptions(isolated=is_isolated, environ={**os.environ, **places}, warn=warnings.append)
        host = await Host.open(app, options)
        await host.close()
        assert not runs(left) and not runs(child[0].pid)
        assert all(runs(pid) for pid in (busy, unmarked, foreign, of_another_app))
        assert len(warnings) == 2


async def test_the_sweep_spares_who_runs_it(run_id: str) -> None:
    """A host that runs in a terminal left by an earlier run must end neither itself nor that terminal."""
    code = (
        "import asyncio; from fairlead.engines.watchdog.leftover_processes import sweep_leftovers; "
        f"print(asyncio.run(sweep_leftovers({run_id!r}, 'new')))"
    )
    env: Mapping[str, str] = {**os.environ, "FAIRLEAD_APP_ID": run_id, "FAIRLEAD_RUN_ID": run_id}
    shell = await asyncio.create_subprocess_exec(
        *("sh", "-c", '"$0" -c "$1"; echo survived', sys.executable, code), env=env, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await shell.communicate()
    assert output.decode().split("\n") == ["[]", "survived", ""]


# The watchdog


async def test_the_watchdog_hears_no_signal(guard: Guard) -> None:
    """Ctrl+C, a closed terminal and a TERM to everybody must leave the watchdog alone."""
    pid = guard.watchdog_pid
    assert pid is not None
    assert os.getsid(pid) == pid
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        os.kill(pid, number)
    process = await spawn(ProcessSpec(("true",), "/", {"PATH": os.environ["PATH"]}), lambda *_: None, guard)
    await process.wait()
    assert guard.watchdog_pid == pid
    assert runs(pid)


async def test_the_watchdog_is_small_and_rests(guard: Guard) -> None:
    """The watchdog must carry no mark of the run, keep no folder busy and sleep until something comes."""
    assert guard.watchdog_pid is not None
    process = psutil.Process(guard.watchdog_pid)
    environment = process.environ()
    assert watchdog.RUN_MARK not in environment
    assert "FAIRLEAD_APP_ID" not in environment
    assert process.cwd() == "/"
    assert process.memory_info().rss < 16 * 1024 * 1024
    await until(lambda: process.status() == psutil.STATUS_SLEEPING, "the watchdog rests")


async def test_a_killed_watchdog_is_replaced_and_reported(run_id: str) -> None:
    """A watchdog that is killed must be followed by another one, again and again, and the user told."""
    warnings: list[str] = []
    guard = await Guard.start("test-app", run_id, warnings.append)
    for times in (1, 2):
        pid = guard.watchdog_pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await until(lambda pid=pid: guard.watchdog_pid not in (None, pid), "another watchdog")  # type: ignore[misc]
        assert len(warnings) == times
    await guard.close()
    assert "starting another one" in warnings[0]


async def test_a_watchdog_that_does_not_listen_is_replaced(run_id: str) -> None:
    """A stopped watchdog must neither block the host nor be relied upon."""
    warnings: list[str] = []
    guard = await Guard.start("test-app", run_id, warnings.append)
    pid = guard.watchdog_pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    for _ in range(8000):
        guard.watch_group(4_000_000)
        guard.forget_group(4_000_000)
    await until(lambda: guard.watchdog_pid not in (None, pid), "another watchdog")
    await guard.close()


async def test_a_guard_closed_without_its_watchdog_sweeps_all_the_same(run_id: str) -> None:
    """When the watchdog is dead at the end, there must be one last sweep nevertheless."""
    guard = await Guard.start("test-app", run_id, lambda text: None)
    lines: list[bytes] = []
    spec = ProcessSpec(("sh", "-c", "setsid sh -c 'echo up; sleep 1000' & wait"), "/", {"PATH": os.environ["PATH"]})
    process = await spawn(spec, lambda stream, new: lines.extend(new), guard)
    await until(lambda: lines, "the daemon is up")
    await process.stop()
    assert processes_with(FAIRLEAD_RUN_ID=run_id)
    for _ in range(2):  # the second time it is not replaced at once
        await until(lambda: guard.watchdog_pid, "there is a watchdog")
        pid = guard.watchdog_pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await until(lambda pid=pid: guard.watchdog_pid != pid, "its death is noticed")  # type: ignore[misc]
    await guard.close()
    assert processes_with(FAIRLEAD_RUN_ID=run_id) == []


async def test_a_watchdog_that_cannot_start_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a watchdog nothing must be started, and the reason be said."""
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with pytest.raises(EngineError, match=r"does not start \(.*No such file"):
        await Guard.start("test-app", "run")
    monkeypatch.setattr(sys, "executable", "/bin/true")
    with pytest.raises(EngineError, match=r"does not start \(it ended at once\)"):
        await Guard.start("test-app", "run")


async def test_a_cancelled_guard_leaves_no_watchdog(run_id: str) -> None:
    """Cancelling the start of a guard must end the watchdog that was being started."""
    task = asyncio.ensure_future(Guard.start("test-app", run_id))
    await until(lambda: processes_with(FAIRLEAD_WATCHDOG=run_id), "the watchdog is being started")
    task.cancel()
    result = (await asyncio.gather(task, return_exceptions=True))[0]
    if isinstance(result, Guard):  # it was quicker
        await result.close()
    assert processes_with(FAIRLEAD_WATCHDOG=run_id) == []


# What engines are asked for


async def test_a_failed_create_is_not_waited_for_in_the_end(
    run_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an engine has failed to create may turn up for a while; long after that a clean end must not wait for it."""
    monkeypatch.setattr(guard_module, "DOUBT_TIME", 0.01)
    guard = await Guard.start("test-app", run_id)
    guard.watch_engine(f"unix://{tmp_path}/no-engine.sock")
    for name in ("a", "b"):
        guard.creating("container", name)
        guard.creation_failed("container", name)
    guard.creating("container", "b")  # tried again
    await asyncio.sleep(0.05)  # what is tested is time
    guard.created("container", "b")
    guard.created("container", "unknown")
    pid = guard.watchdog_pid
    assert pid is not None
    await guard.close()
    assert not psutil.pid_exists(pid)


async def test_a_clean_up_command_has_a_limit(guard: Guard) -> None:
    """A command that the pipe might cut must be refused at once."""
    guard.add_cleanup("c" * 64, ["x" * 3900])
    with pytest.raises(ValueError, match="may have 4096 bytes, and 'kubectl …' has"):
        guard.add_cleanup("c" * 64, ["kubectl", "x" * 4096])


# A clean end


async def test_a_clean_end_ends_the_watchdog(guard: Guard) -> None:
    """With nothing left, ``close`` must return once the watchdog has ended, and a second time at once."""
    pid = guard.watchdog_pid
    assert pid is not None
    await guard.close()
    assert not psutil.pid_exists(pid)
    await guard.close()


async def test_a_clean_end_takes_daemons_along(guard: Guard, run_id: str) -> None:
    """What left its session must be ended by ``close``, also if it ignores TERM."""
    spec = ProcessSpec(("sh", "-c", f'setsid sh -c "{STUBBORN}" & wait'), "/", {"PATH": os.environ["PATH"]})
    lines: list[bytes] = []
    process = await spawn(spec, lambda stream, new: lines.extend(new), guard)
    await until(lambda: lines == [b"up"], "the daemon is up")
    await process.stop()
    assert processes_with(FAIRLEAD_RUN_ID=run_id)
    await guard.close()
    assert processes_with(FAIRLEAD_RUN_ID=run_id) == []


async def test_without_proc_processes_are_stopped_all_the_same(
    guard: Guard, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where there is no ``/proc``, what the watchdog was told of must be stopped: asked first, then killed."""
    lines: list[bytes] = []
    policy = StopPolicy(timeout=3)
    started = [
        await spawn(
            ProcessSpec(("sh", "-c", code), "/", {"PATH": os.environ["PATH"]}, stop=policy),
            lambda stream, new: lines.extend(new),
            guard,
        )
        for code in (STUBBORN, "trap 'echo asked; exit 3' TERM; echo up; while :; do sleep 0.01; done")
    ]
    await until(lambda: len(lines) == 2, "both are up")
    monkeypatch.setattr(process_tree, "PROC", str(tmp_path))
    groups = {
        process.pid: watchdog.Group(entry.start, policy)
        for process in started
        if (entry := process_tree.read_entry(process.pid)) is not None
    }
    sweep = asyncio.to_thread(watchdog.sweep, watchdog.Run("unknown", groups), 1)
    codes, _ = await asyncio.gather(asyncio.gather(*(process.wait() for process in started)), sweep)
    assert codes == [-signal.SIGKILL, 3]
    assert b"asked" in lines
