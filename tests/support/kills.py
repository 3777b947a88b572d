"""Killing the host of an app with containers, and looking for what is left of it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from tests.processes.marked import processes_with
from tests.support.faulty_engine import FaultyEngine
from tests.support.folders import short_path
from tests.support.kill_plan import Kill
from tests.support.waiting import PATIENCE, until_seen

from fairlead.drivers.containers.engine import remove_app
from fairlead.engines.containers import ContainerEngine, ContainerSpec
from fairlead.engines.watchdog import container_sweep, watchdog

REPOSITORY = Path(__file__).parents[2]
GONE_WITHIN = 10.0
"""Seconds, since the host's death and the engine's last fault, after which nothing may be left. It is the promise for
an engine that creates, starts and removes a container in a second; see ``limit``."""
ATTEMPT_TIME = 240.0
"""Seconds that an attempt may take in all, but for the watchdog's waiting."""
WATCHDOG_TIME = 3 * (container_sweep.PATIENCE + container_sweep.QUIET_TIME)
"""Seconds after which the watchdog has to have ended."""


@dataclass
class Outcome:
    """What came of an attempt.

    Attributes:
        gone_after: Seconds until nothing was left.
        limit: Seconds that this may have taken.
        watchdog_after: Seconds until the watchdogs had ended.
        problems: What is wrong; empty when all is well.
    """

    gone_after: float = 0.0
    limit: float = GONE_WITHIN
    watchdog_after: float = 0.0
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        text = f"gone after {self.gone_after:.1f} of {self.limit:.0f} s, watchdog after {self.watchdog_after:.0f} s"
        return "\n".join([text, *(f"  {problem}" for problem in self.problems)])


class HostProcess:
    """The host of an app, in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.app_id = self.run_id = ""
        self.output: list[str] = []

    @classmethod
    async def start(cls, folder: Path, app: str, **environment: str) -> HostProcess:
        """Start it; it says which app and run it is."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.engines.killed_app", str(folder), app),
            cwd=REPOSITORY,
            env={"PATH": os.environ["PATH"], "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), **environment},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        host = cls(process)
        _, host.app_id, host.run_id = (await host.says("run")).split()
        return host

    async def says(self, word: str, within: float = 2 * PATIENCE) -> str:
        """Wait for a line that begins with a word; empty if it does not come in that time."""
        assert self.process.stdout is not None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                while line := (await self.process.stdout.readline()).decode(errors="replace"):
                    self.output.append(line.rstrip())
                    if line.split()[:1] == [word]:
                        return line
        return ""

    def close(self) -> None:
        """Have it end the run."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"\n")

    async def kill(self) -> None:
        """Kill it, and nothing else."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        rest, _ = await self.process.communicate()
        self.output += rest.decode(errors="replace").splitlines()


class Attempt:
    """One attempt: hosts that are killed, and the looks at what is left of them.

    Args:
        kill: What is done.
        engine: The engine itself, without faults.
    """

    def __init__(self, kill: Kill, engine: ContainerEngine) -> None:
        self.kill = kill
        self.engine = engine
        self.mark = uuid.uuid4().hex
        self.outcome = Outcome()
        self.hosts: list[HostProcess] = []
        self.history: list[str] = []

    async def until_gone(self, folder: Path, proxy: FaultyEngine) -> None:
        """Kill what is to be killed, and wait until nothing is left, as long as is promised."""
        self.history = proxy.history
        if self.kill.begin == "the start":
            proxy.trouble(self.kill.faults)
        await self._kill(await self._start(folder, proxy), proxy)
        died = time.monotonic()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._heal(proxy, died))
            if self.kill.overlaps:
                group.create_task(self._overlap(folder, proxy))
        await self._look(time.monotonic())

    async def until_over(self) -> None:
        """Wait until the watchdogs have ended, and look a last time."""
        begin = time.monotonic()
        while watchdogs := self._processes(are_watchdogs=True):
            if time.monotonic() - begin > WATCHDOG_TIME:
                self.outcome.problems.append(f"still there after {WATCHDOG_TIME:.0f} s: {watchdogs}")
                break
            await asyncio.sleep(0.5)
        self.outcome.watchdog_after = time.monotonic() - begin
        if remaining := await self.remaining():
            self.outcome.problems.append(f"in the end: {', '.join(remaining)}")

    async def remaining(self) -> list[str]:
        """Session objects and processes of the app that are there."""
        mine = {"dev.fairlead.app": self.hosts[0].app_id, "dev.fairlead.lifetime": "session"}
        containers = [f"container {one.name} ({one.state})" for one in await self.engine.containers(mine)]
        networks = [f"network {one.name}" for one in await self.engine.networks(mine)]
        volumes = [f"volume {one.name}" for one in await self.engine.volumes(mine)]
        processes = [f"process {one}" for one in self._processes(are_watchdogs=False)]
        return [*containers, *networks, *volumes, *processes]

    def _processes(self, *, are_watchdogs: bool) -> list[psutil.Process]:
        found = []
        for process in processes_with(TEST_MARK=self.mark):
            with contextlib.suppress(psutil.Error):
                if (watchdog.WATCHDOG_MARK in process.environ()) == are_watchdogs:
                    found.append(process)
        return found

    async def clean(self) -> None:
        """Remove all, as the next attempts need the machine."""
        for host in self.hosts:
            await host.kill()
        for process in processes_with(TEST_MARK=self.mark):
            with contextlib.suppress(psutil.Error):
                process.kill()
        if self.hosts and self.hosts[0].app_id:
            await remove_app(self.engine, self.hosts[0].app_id, self.hosts[0].app_id, volumes=True)

    def explain(self) -> str:
        """What is needed to understand a failure."""
        lines = [f"seed {self.kill.seed}: {self.kill}", f"faults: {'; '.join(self.history) or 'none'}"]
        for host in self.hosts:
            lines += [f"run {host.run_id} said:", *(f"  {line}" for line in host.output[-30:])]
        return "\n".join(lines)

    async def _start(self, folder: Path, proxy: FaultyEngine) -> HostProcess:
        host = await HostProcess.start(folder, self.kill.app, DOCKER_HOST=proxy.address, TEST_MARK=self.mark)
        self.hosts.append(host)
        if not host.app_id:
            raise AssertionError(f"the host did not start: {host.output}")
        return host

    async def _kill(self, host: HostProcess, proxy: FaultyEngine) -> None:
        if self.kill.phase != "run":
            # With faults the app may not come up; then it is killed at some other moment.
            await host.says("up", 5.0 if self.kill.begin == "the start" else 2 * PATIENCE)
        if self.kill.phase == "closing":
            host.close()
            await host.says("closing", 5.0)
        if self.kill.begin == "the kill":
            await asyncio.sleep(self.kill.moment / 2)
            proxy.trouble(self.kill.faults)
        await asyncio.sleep(self.kill.moment / (2 if self.kill.begin == "the kill" else 1))
        await host.kill()

    async def _heal(self, proxy: FaultyEngine, died: float) -> None:
        await asyncio.sleep(died + self.kill.heal_after - time.monotonic())
        proxy.heal()

    async def _overlap(self, folder: Path, proxy: FaultyEngine) -> None:
        """A second run while the first one's watchdog is at work: it must be well, and leave nothing either."""
        first = self.hosts[0]
        host = await self._start(folder, proxy)
        if self.kill.trouble:
            await asyncio.sleep(self.kill.moment)
        elif not await host.says("up"):
            self.outcome.problems.append("the second run did not come up")
        else:
            await until_seen(
                lambda: not processes_with(FAIRLEAD_WATCHDOG=first.run_id), "the first watchdog ends", WATCHDOG_TIME
            )
            await self._check_second(host)
        await host.kill()

    async def _check_second(self, host: HostProcess) -> None:
        mine = {"dev.fairlead.run": host.run_id, "dev.fairlead.lifetime": "session"}
        containers = await self.engine.containers(mine)
        well = [one.name for one in containers if one.state == "running" and one.networks]
        if len(well) != 2:
            self.outcome.problems.append(f"the second run was harmed by the first one's watchdog: {containers}")

    async def _look(self, since: float) -> None:
        speed = asyncio.ensure_future(self._engine_speed())
        while remaining := await self.remaining():
            if speed.done() and time.monotonic() - since > limit(speed.result()):
                self.outcome.problems.append(f"after {limit(speed.result()):.1f} s: {', '.join(remaining)}")
                break
            await asyncio.sleep(0.2)
        self.outcome.gone_after = time.monotonic() - since
        self.outcome.limit = limit(await speed)

    async def _engine_speed(self) -> float:
        """Seconds that the engine takes, just now, to create, start and remove a container."""
        begin = time.monotonic()
        name = f"fairlead-test-{self.mark[:12]}"
        container = await self.engine.create(ContainerSpec(name=name, image="busybox:1.35", command=("sleep", "100")))
        try:
            await self.engine.start(container)
        finally:
            await self.engine.remove(container)
        return time.monotonic() - begin


def limit(container_time: float) -> float:
    """Seconds after which nothing may be left, with an engine that takes so many for a container, as a busy one does.

    An app here has three containers, which take their time one after the other where the engine is the bottleneck.
    """
    return GONE_WITHIN + 3 * max(0.0, container_time - 1)


async def attempt(seed: int, engine: ContainerEngine, slots: asyncio.Semaphore) -> Attempt:
    """Make the attempt of a seed.

    Args:
        seed: The seed.
        engine: The engine, behind a Unix socket.
        slots: How many are made at a time; one whose watchdog only waits needs no slot any more.
    """
    found = Attempt(Kill.of(seed), engine)
    async with slots, contextlib.AsyncExitStack() as ends:
        folder = ends.enter_context(short_path())
        ends.push_async_callback(found.clean)
        proxy = FaultyEngine(f"{folder}/e.sock", engine.address.removeprefix("unix://"))
        await ends.enter_async_context(proxy)
        try:
            async with asyncio.timeout(ATTEMPT_TIME):
                await found.until_gone(folder, proxy)
            later = ends.pop_all()
        except Exception as error:
            found.outcome.problems.append(f"{type(error).__name__}: {error}")
            return found
    async with later:
        await found.until_over()
    return found
