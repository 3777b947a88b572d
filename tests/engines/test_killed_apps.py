"""A host that is killed leaves nothing of its run in the engine, whatever was under way, and what is persistent."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import random
import sys
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.engines.bench import GONE_WITHIN, Forwarder, until_gone
from tests.processes.marked import processes_with
from tests.support.certificates import make_certificates, server_context
from tests.support.engines import EngineHost
from tests.support.waiting import PATIENCE, until_seen

from fairlead.drivers.engine import remove_app
from fairlead.engines.docker import connect
from fairlead.testing.listening import Listener

REPOSITORY = Path(__file__).parents[2]
PERSISTENT = "dev.fairlead.lifetime=persistent"
KILLED = int(os.environ.get("FAIRLEAD_KILLED_APPS", "2"))
"""Hosts of whole apps that are killed, on a quick engine and on a slow one; more of them for a longer search."""


class Slow(Forwarder):
    """A forwarder that takes its time before it passes a connection on."""

    delay = 0.0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(self.delay)
        await super().serve(reader, writer)


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
    mark = uuid.uuid4().hex
    places = {"XDG_RUNTIME_DIR": short_folder, "DOCKER_HOST": slow.address, "TEST_MARK": mark}
    async with slow, started(tmp_path, "all", **places) as host, removed(host) as app:
        if phase == "up":
            await says_up(host)
        await asyncio.sleep(moment)  # the random moment
        host.kill()
        await host.wait()
        kept = {*await asyncio.to_thread(docker.objects, app, PERSISTENT)}
        await until_all_gone(docker, app, "dev.fairlead.lifetime=session")
        app_id = app.partition("=")[2]
        await until_seen(
            lambda: not processes_with(FAIRLEAD_APP_ID=app_id), "its processes are gone", within=GONE_WITHIN
        )
        await until_seen(lambda: not processes_with(TEST_MARK=mark), "the watchdog has ended")
        assert docker.objects(app, "dev.fairlead.lifetime=session") == []
        assert kept <= {*docker.objects(app, PERSISTENT)}, "what is persistent stays"


async def until_all_gone(docker: EngineHost, *labels: str) -> None:
    """Wait until nothing with these labels is left of a host that has just been killed."""
    await until_gone(
        lambda: asyncio.to_thread(docker.objects, *labels),
        lambda: asyncio.to_thread(docker.run, "run", "--rm", "busybox:1.35", "true"),
    )


@contextlib.asynccontextmanager
async def started(folder: Path, what: str, **environment: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The host of an app, which is killed at the latest at the end."""
    host = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.engines.killed_app", str(folder), what),
        cwd=REPOSITORY,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **environment},
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield host
    finally:
        with contextlib.suppress(ProcessLookupError):
            host.kill()
        await host.communicate()


@contextlib.asynccontextmanager
async def removed(host: asyncio.subprocess.Process) -> AsyncIterator[str]:
    """A host's app, as a label; all of it is removed from the engine at the end."""
    assert host.stdout is not None
    async with asyncio.timeout(PATIENCE):
        app_id = (await host.stdout.readline()).decode().split()[1]
    try:
        yield f"dev.fairlead.app={app_id}"
    finally:
        with contextlib.suppress(ProcessLookupError):
            host.kill()
        async with contextlib.AsyncExitStack() as ends:
            engine = await connect()
            ends.push_async_callback(engine.close)
            await remove_app(engine, app_id, app_id, volumes=True)


async def says_up(host: asyncio.subprocess.Process) -> None:
    """Wait until a host says that its app is up."""
    assert host.stdout is not None
    async with asyncio.timeout(2 * PATIENCE):
        assert await host.stdout.readline() == b"up\n"


async def test_a_killed_build_leaves_nothing(docker: EngineHost, tmp_path: Path, short_folder: str) -> None:
    """When the host is killed in mid-build, neither the builder nor the container of its step must be left."""
    mark = uuid.uuid4().hex
    (tmp_path / "context").mkdir()
    (tmp_path / "context/Dockerfile").write_text(f"FROM busybox:1.35\nRUN echo {mark}; sleep 1000\n")

    def steps() -> str:
        return "".join(line for line in docker.run("ps", "--no-trunc").splitlines() if mark in line)

    async with started(tmp_path, "build", XDG_RUNTIME_DIR=short_folder, TEST_MARK=mark):
        await until_seen(steps, "the step runs", within=2 * PATIENCE)
    await until_gone(
        lambda: asyncio.to_thread(steps),
        lambda: asyncio.to_thread(docker.run, "run", "--rm", "busybox:1.35", "true"),
    )
    await until_seen(lambda: not processes_with(TEST_MARK=mark), "the builder is gone", within=GONE_WITHIN)


class LateToCreate(Forwarder):
    """A forwarder to an engine that takes its time for each create, and does it also when nobody waits any more."""

    delay = 7.0

    def __init__(self, path: str, target: str) -> None:
        super().__init__(path, target)
        self.creating = asyncio.Event()
        self.created = asyncio.Event()

    async def requests(self, reader: asyncio.StreamReader, engine_writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(64 * 1024):
            if is_create := b"/containers/create" in chunk:
                self.creating.set()
                await asyncio.sleep(self.delay)
            engine_writer.write(chunk)
            if is_create:
                await self.created.wait()
        engine_writer.write_eof()

    async def answers(self, engine_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await engine_reader.read(64 * 1024):
            if self.creating.is_set() and b" 201 Created" in chunk:
                self.created.set()
            writer.write(chunk)  # to nobody, once the host was killed


async def test_a_create_that_takes_longer_than_the_host_lives(
    docker: EngineHost, tmp_path: Path, short_folder: str
) -> None:
    """A container that a slow engine creates long after the host's death must be removed all the same."""
    late = LateToCreate(f"{short_folder}/engine.sock", "/var/run/docker.sock")
    mark = uuid.uuid4().hex
    places = {"XDG_RUNTIME_DIR": short_folder, "DOCKER_HOST": late.address, "TEST_MARK": mark}
    async with late, started(tmp_path, "one", **places) as host, removed(host) as app:
        async with asyncio.timeout(PATIENCE):
            await late.creating.wait()
        host.kill()
        await host.wait()
        async with asyncio.timeout(PATIENCE):
            await late.created.wait()
        assert processes_with(TEST_MARK=mark), "the watchdog has waited for it"
        await until_all_gone(docker, app)
        await until_seen(lambda: not processes_with(TEST_MARK=mark), "the watchdog has ended")
        assert docker.objects(app) == []


@pytest.mark.parametrize("chosen", ["by DOCKER_HOST", "by a context that checks nothing"])
async def test_an_engine_behind_tls_is_cleaned_up_as_well(
    docker: EngineHost, tmp_path: Path, short_folder: str, chosen: str
) -> None:
    """What a killed host leaves in an engine that speaks TLS must be removed, with the certificates that it had."""
    folder = tmp_path / "tls" / hashlib.sha256(b"far").hexdigest() / "docker"  # as the docker command keeps contexts
    folder.mkdir(parents=True)
    verified = chosen == "by DOCKER_HOST"
    make_certificates(folder, "localhost" if verified else "elsewhere")
    listener = Listener(Forwarder("", "/var/run/docker.sock").serve)
    address = f"tcp://localhost:{await listener.open_tcp(tls=server_context(folder))}"
    if verified:
        choice = {"DOCKER_HOST": address, "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(folder)}
    else:
        meta = tmp_path / "contexts/meta" / folder.parent.name / "meta.json"
        meta.parent.mkdir(parents=True)
        meta.write_text(json.dumps({"Endpoints": {"docker": {"Host": address, "SkipTLSVerify": True}}}))
        (tmp_path / "tls").rename(tmp_path / "contexts/tls")
        choice = {"DOCKER_CONTEXT": "far", "DOCKER_CONFIG": str(tmp_path)}
    async with (
        listener,
        started(tmp_path, "one", XDG_RUNTIME_DIR=short_folder, **choice) as host,
        removed(host) as app,
    ):
        await says_up(host)
        assert len(docker.objects(app)) == 2
        host.kill()
        await host.wait()
        await until_all_gone(docker, app)
