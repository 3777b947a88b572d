"""A host that is killed leaves nothing of its run in the engine, whatever was under way, and what is persistent."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import sys
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
from tests.engines.bench import GONE_WITHIN, Forwarder, until_gone
from tests.processes.marked import processes_with
from tests.support.certificates import make_certificates, server_context
from tests.support.engines import EngineHost
from tests.support.faulty_engine import Fault, FaultyEngine, broken
from tests.support.waiting import PATIENCE, until_seen

from fairlead.drivers.containers.engine import remove_app
from fairlead.engines.docker import connect
from fairlead.engines.watchdog import container_sweep
from fairlead.testing.listening import Listener

REPOSITORY = Path(__file__).parents[2]
DOCKER = "/var/run/docker.sock"


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
        stdin=asyncio.subprocess.PIPE,
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


async def test_a_create_that_takes_longer_than_the_host_lives(
    docker: EngineHost, tmp_path: Path, short_folder: str
) -> None:
    """A container that a slow engine creates long after the host's death must be removed all the same."""
    slow = FaultyEngine(f"{short_folder}/engine.sock", DOCKER)
    slow.trouble(broken(Fault.HOLD, "create container"))
    mark = uuid.uuid4().hex
    places = {"XDG_RUNTIME_DIR": short_folder, "DOCKER_HOST": slow.address, "TEST_MARK": mark}
    async with slow, started(tmp_path, "one", **places) as host, removed(host) as app:
        await arrives(slow, "create container")
        host.kill()
        await host.wait()
        await until_seen(lambda: not docker.objects(app), "the network has been removed")
        await asyncio.sleep(container_sweep.QUIET_TIME)  # the time after which it would end, did it not wait
        assert processes_with(TEST_MARK=mark), "the watchdog waits for the container"
        slow.heal()
        async with asyncio.timeout(PATIENCE):
            await slow.wait_for_answer("create container")
        await until_all_gone(docker, app)
        await until_seen(lambda: not processes_with(TEST_MARK=mark), "the watchdog has ended")
        assert docker.objects(app) == []


async def arrives(engine: FaultyEngine, kind: str) -> None:
    """Wait until a request of a kind has come."""
    async with asyncio.timeout(PATIENCE):
        await engine.wait_for_request(kind)


async def test_a_new_run_has_a_network_of_its_own(docker: EngineHost, tmp_path: Path, short_folder: str) -> None:
    """A dead run's network that turns up while a new run starts must not be taken by that, nor be removed under it."""
    dead, new = (FaultyEngine(f"{short_folder}/{name}.sock", DOCKER) for name in ("dead", "new"))
    dead.trouble(broken(Fault.HOLD, "create network"))
    new.trouble(broken(Fault.HOLD, "inspect"))  # whether the network is there, after what is left was removed
    mark = uuid.uuid4().hex
    places = {"XDG_RUNTIME_DIR": short_folder, "TEST_MARK": mark}
    async with dead, new, started(tmp_path, "one", **places, DOCKER_HOST=dead.address) as first, removed(first) as app:
        await arrives(dead, "create network")
        first.kill()
        await first.wait()
        async with started(tmp_path, "small", **places, DOCKER_HOST=new.address) as second:
            await arrives(new, "inspect")
            dead.heal()
            async with asyncio.timeout(PATIENCE):
                await dead.wait_for_answer("create network")
            new.heal()
            assert second.stdout is not None
            await second.stdout.readline()
            await says_up(second)
            await until_seen(lambda: len(watchdogs(mark)) == 1, "the first watchdog has ended")
            for container in docker.containers(app).values():
                networks = json.loads(
                    docker.run("inspect", "--format", "{{json .NetworkSettings.Networks}}", container)
                )
                assert [network["IPAddress"] for network in networks.values()] != [""]
            assert len(docker.containers(app)) == 2
        await until_all_gone(docker, app, "dev.fairlead.lifetime=session")


def watchdogs(mark: str) -> list[psutil.Process]:
    return [process for process in processes_with(TEST_MARK=mark) if _is_watchdog(process)]


def _is_watchdog(process: psutil.Process) -> bool:
    try:
        return "FAIRLEAD_WATCHDOG" in process.environ()
    except psutil.NoSuchProcess:  # it has ended since it was found
        return False


async def test_a_dead_runs_container_gives_up_its_name(docker: EngineHost, tmp_path: Path, short_folder: str) -> None:
    """A dead run's container that takes a name just before the new run does must be removed, and not be in its way."""
    dead, new = (FaultyEngine(f"{short_folder}/{name}.sock", DOCKER) for name in ("dead", "new"))
    for proxy in (dead, new):
        proxy.trouble(broken(Fault.HOLD, "create container"))
    places = {"XDG_RUNTIME_DIR": short_folder, "TEST_MARK": (mark := uuid.uuid4().hex)}
    async with dead, new, started(tmp_path, "one", **places, DOCKER_HOST=dead.address) as first, removed(first) as app:
        await arrives(dead, "create container")
        watchdogs(mark)[0].kill()  # or it would remove the container at once
        first.kill()
        await first.wait()
        async with started(tmp_path, "one", **places, DOCKER_HOST=new.address) as second:
            await arrives(new, "create container")
            dead.heal()
            await until_seen(lambda: docker.containers(app), "the dead run's container has the name")
            late = docker.containers(app)
            new.heal()
            assert second.stdout is not None
            await second.stdout.readline()
            await says_up(second)
            assert not {*late.values()} & {*docker.containers(app).values()}
        await until_all_gone(docker, app)


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
