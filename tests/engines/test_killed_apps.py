"""A host that is killed leaves nothing of its run in the engine, whatever was under way, and what is persistent."""

from __future__ import annotations

import asyncio
import os
import random
import sys
import uuid
from pathlib import Path

import pytest
from tests.engines.bench import Forwarder
from tests.processes.marked import processes_with
from tests.support.engines import EngineHost
from tests.support.waiting import until

from fairlead.drivers.engine import remove_app
from fairlead.engines.docker import connect

REPOSITORY = Path(__file__).parents[2]
PERSISTENT = "dev.fairlead.lifetime=persistent"
GONE_WITHIN = 10.0
"""Seconds after the host's death; the promise."""
KILLED = int(os.environ.get("FAIRLEAD_KILLED_APPS", "2"))
"""Hosts of whole apps that are killed, on a quick engine and on a slow one; more of them for a longer search."""


class Slow(Forwarder):
    """A forwarder that takes its time before it passes a connection on."""

    delay = 0.0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(self.delay)
        await super()._serve(reader, writer)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("delay", [0.0, 0.3], ids=["quick", "slow"])
@pytest.mark.parametrize("seed", range(KILLED))
async def test_a_killed_app_leaves_nothing(
    docker: EngineHost, tmp_path: Path, short_folder: str, seed: int, delay: float
) -> None:
    """Whenever the host is killed, no process, container or network of the run must be left ten seconds later."""
    choice = random.Random(f"{seed} {delay}")
    phase, moment = choice.choice(["run", "run", "up"]), choice.uniform(0, 2.0)
    print(f"killed {moment:.3f} s after it said {phase!r}")
    slow = Slow(f"{short_folder}/engine.sock", "/var/run/docker.sock")
    slow.delay = delay
    await slow.open()
    mark = uuid.uuid4().hex
    places = {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": short_folder, "DOCKER_HOST": slow.address, "TEST_MARK": mark}
    host = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.engines.killed_app", str(tmp_path)),
        cwd=REPOSITORY,
        env={"PATH": os.environ["PATH"], **places},
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    app_id = ""
    try:
        assert host.stdout is not None
        async with asyncio.timeout(40):
            app_id = (await host.stdout.readline()).decode().split()[1]
            if phase == "up":
                assert await host.stdout.readline() == b"up\n"
        await asyncio.sleep(moment)  # the random moment
        host.kill()
        await host.wait()
        kept = {*docker.objects(f"dev.fairlead.app={app_id}", PERSISTENT)}
        session = (f"dev.fairlead.app={app_id}", "dev.fairlead.lifetime=session")
        await until(lambda: not docker.objects(*session), "its session objects are gone", within=GONE_WITHIN)
        await until(lambda: not processes_with(FAIRLEAD_APP_ID=app_id), "its processes are gone", within=GONE_WITHIN)
        await until(lambda: not processes_with(TEST_MARK=mark), "the watchdog has ended", within=40)
        assert docker.objects(*session) == []
        left = {*docker.objects(f"dev.fairlead.app={app_id}", PERSISTENT)}
        assert kept <= left, "what is persistent stays"
    finally:
        if host.returncode is None:
            host.kill()
            await host.wait()
        engine = await connect()
        await remove_app(engine, app_id, volumes=True)
        await engine.close()
        await slow.close()


async def test_a_killed_build_leaves_nothing(docker: EngineHost, tmp_path: Path, short_folder: str) -> None:
    """When the host is killed in mid-build, neither the builder nor the container of its step must be left."""
    mark = uuid.uuid4().hex
    (tmp_path / "context").mkdir()
    (tmp_path / "context/Dockerfile").write_text(f"FROM busybox:1.35\nRUN echo {mark}; sleep 1000\n")
    host = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.engines.killed_app", str(tmp_path), "build"),
        cwd=REPOSITORY,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_RUNTIME_DIR": short_folder, "TEST_MARK": mark},
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )

    def steps() -> str:
        return "".join(line for line in docker.run("ps", "--no-trunc").splitlines() if mark in line)

    try:
        await until(steps, "the step runs", within=30)
    finally:
        host.kill()
        await host.wait()
    await until(lambda: not steps(), "the step's container is gone", within=GONE_WITHIN)
    await until(lambda: not processes_with(TEST_MARK=mark), "the builder is gone", within=GONE_WITHIN)
