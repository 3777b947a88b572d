"""What can go wrong with containers: each must be said clearly, of the resource concerned, and the others go on."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import socket
import subprocess
import tarfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.engines.bench import Forwarder
from tests.support.containers import BUSYBOX, IDLE, container_of, containers, reach, says, text
from tests.support.engines import ENGINES, EngineHost
from tests.support.waiting import until

from fairlead import AppBuilder, ContainerFile
from fairlead.engines.docker import silence
from fairlead.model.observation.state import State
from fairlead.testing.fakes.fake_engine import FakeEngine


@pytest.fixture
def foreign_image(docker: EngineHost) -> Iterator[str]:
    """An image for another kind of processor."""
    name = f"fairlead-test-{uuid.uuid4().hex[:8]}:latest"
    elf = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\xb7\x00\x01\x00\x00\x00" + bytes(64)
    layer = packed({"server": elf})
    config = {"architecture": "arm64", "os": "linux", "config": {"Cmd": ["/server"]}, "rootfs": {"type": "layers"}}
    config["rootfs"] = {"type": "layers", "diff_ids": [f"sha256:{digest(layer)}"]}
    manifest = [{"Config": "config.json", "RepoTags": [name], "Layers": ["layer.tar"]}]
    image = packed(
        {"layer.tar": layer, "config.json": json.dumps(config).encode(), "manifest.json": json.dumps(manifest).encode()}
    )
    subprocess.run(["docker", "load"], input=image, check=True, capture_output=True)
    yield name
    docker.run("image", "rm", "--force", name)


def digest(data: bytes) -> str:
    import hashlib

    return hashlib.sha256(data).hexdigest()


def packed(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o755
            tar.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


async def test_each_mistake_concerns_its_own_resource(docker: EngineHost, foreign_image: str, tmp_path: Path) -> None:
    """Whatever is wrong with a container, it alone must fail, with its reason and what to do about it."""
    (tmp_path / "Dockerfile").write_text(f"FROM {BUSYBOX}\nRUN echo about to fail\nRUN ls /no/such/chart\n")
    taken = socket.create_server(("127.0.0.1", 0))
    port = taken.getsockname()[1]

    def define(app: AppBuilder) -> None:
        app.add_container("unknown", "registry.invalid/nobody/nothing:1")
        app.add_container("two-tags", f"{BUSYBOX}:x")
        app.add_container("never", "fairlead-test/not-here:1").with_pull_policy("never")
        app.add_container("foreign", foreign_image)
        app.add_container("port", BUSYBOX, args=["sh", "-c", IDLE]).with_http_endpoint(port=port, target_port=80)
        app.add_dockerfile("built", ".")
        app.add_dockerfile("lost", "no-such-folder")
        app.add_container("command", BUSYBOX, args=["no-such-program"])
        app.add_container("mount", BUSYBOX).with_bind_mount("no-such-folder", "/data")
        app.add_container("file", BUSYBOX).with_container_files("/x", [ContainerFile("y", source="no-such-file")])
        app.add_container("name", BUSYBOX, args=["sh", "-c", IDLE]).with_explicit_start()
        app.add_container("space", BUSYBOX).with_explicit_start().with_volume("small", "/small").with_container_files(
            "/small", [ContainerFile("large", "x" * 300_000)]
        )
        app.add_container("fine", BUSYBOX, args=["sh", "-c", IDLE])
        app.add_executable("process", "sleep", ".", "1000")

    reasons = {
        "unknown": "registry.invalid can't be reached",
        "two-tags": "[registry/]repository[:tag][@digest]",
        "never": "pull policy is 'never'",
        "port": f"port {port} of this machine is taken by pid",
        "built": "RUN ls /no/such/chart",
        "lost": "no-such-folder",
        "command": "no command 'no-such-program'",
        "mount": "no-such-folder",
        "file": "no-such-file can't be read",
        "name": "taken by a container that Fairlead did not make",
        "space": "no space left",
    }
    with taken:
        async with containers(define, tmp_path, docker) as app:
            app_id = app.host.run.app_id
            docker.run("create", "--name", f"{app_id}-name", BUSYBOX)
            small = ["--opt=type=tmpfs", "--opt=device=tmpfs", "--opt=o=size=64k"]
            docker.run("volume", "create", f"--label=dev.fairlead.app={app_id}", *small, f"{app_id}-small")
            try:
                await app.command("name", "start")
                await app.command("space", "start")
                for name, words in reasons.items():
                    failed = await reach(app, name, State.FAILED_TO_START)
                    assert words in failed.reason, failed
                foreign = await reach(app, "foreign", State.EXITED, State.FAILED_TO_START)
                assert "arm64" in text(app, "foreign") + foreign.reason
                assert "about to fail" in text(app, "built")
                await says(app, "fine", "up")
                await app.wait_for("process", "running")
                assert f"{app_id}-name" in docker.containers(), "what is not ours is left alone"
            finally:
                docker.run("rm", f"{app_id}-name")


async def test_without_an_engine_processes_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, docker: EngineHost
) -> None:
    """Where no engine is, containers must fail with what was tried and what to do, and processes run."""

    def define(app: AppBuilder) -> None:
        app.add_container("box", BUSYBOX)
        app.add_postgres("pg").add_database("orders")
        app.add_executable("process", "sleep", ".", "1000")

    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")
    async with containers(define, tmp_path, docker) as app:
        for name in ("box", "pg"):
            failed = await reach(app, name, State.FAILED_TO_START)
            assert "nobody.sock (DOCKER_HOST): there is no such socket" in failed.reason
            assert "Start Docker or Podman" in failed.reason
        await app.wait_for("process", "running")
        assert "pg failed to start" in str(app.snapshot("orders").waiting_for)

        monkeypatch.undo()  # a person starts the engine, and then the container
        await app.command("box", "start")
        await reach(app, "box", State.RUNNING, State.EXITED)


@contextlib.asynccontextmanager
async def breakable(engine: EngineHost, folder: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Forwarder]:
    """A socket in front of an engine that can be closed and opened, which apps use meanwhile."""
    address = engine.address or "unix:///var/run/docker.sock"
    async with Forwarder(f"{folder}/engine.sock", address.removeprefix("unix://")) as forwarder:
        monkeypatch.setenv("DOCKER_HOST", forwarder.address)
        yield forwarder


COUNT = "trap 'exit 0' TERM; n=0; while :; do n=$((n+1)); echo line $n; sleep 0.05; done"


@ENGINES
async def test_an_engine_that_goes_and_comes_back(
    engine_host: EngineHost, tmp_path: Path, short_folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the engine is away containers must say so; then be Running again, with every line of their log once."""

    def define(app: AppBuilder) -> None:
        app.add_container("counts", BUSYBOX, args=["sh", "-c", COUNT])
        app.add_container("ends", BUSYBOX, args=["sh", "-c", "trap 'exit 3' TERM; sleep 1000 & wait"])
        app.add_executable("process", "sleep", ".", "1000")

    async with (
        breakable(engine_host, short_folder, monkeypatch) as forwarder,
        containers(define, tmp_path, engine_host) as app,
    ):
        await says(app, "counts", "line 5")
        await app.wait_for("ends", "running")
        ended, counting = container_of(app, "ends"), container_of(app, "counts")

        await forwarder.close()
        for name in ("counts", "ends"):
            away = await reach(app, name, State.RUNTIME_UNHEALTHY)
            assert away.health is None
        assert "does not answer" in text(app, "counts", "system")
        assert app.snapshot("process").state is State.RUNNING
        await asyncio.to_thread(engine_host.run, "kill", "--signal=TERM", ended)
        seen = len(text(app, "counts", "stdout").splitlines())
        await forwarder.open()

        await reach(app, "counts", State.RUNNING)
        assert (await reach(app, "ends", State.EXITED)).exit_code == 3, "what ended by itself is not started again"
        await until(lambda: len(text(app, "counts", "stdout").splitlines()) > seen + 20, "the log goes on")
        lines = [int(line.split()[1]) for line in text(app, "counts", "stdout").splitlines()]
        assert sorted(set(lines)) == list(range(1, max(lines) + 1)), "no line is lost"
        assert lines == sorted(set(lines)), "none comes twice"
        assert container_of(app, "counts") == counting


async def test_what_an_engine_took_along_is_started_again(tmp_path: Path) -> None:
    """Containers that ended with their engine must run again once it is back, whatever code they ended with."""
    from fairlead import Apphost
    from fairlead.model.wait import WaitBehavior
    from fairlead.testing import testing
    from fairlead.testing.fakes.fake_container import Process

    async def lasts(process: Process) -> None:
        process.print("up")
        await asyncio.Event().wait()

    def define(app: AppBuilder) -> None:
        app.add_container("box", "fake:1")

    engine = FakeEngine()
    engine.add_image("fake:1", lasts)
    apphost = Apphost(define, "boat", tmp_path / "apphost.py")
    async with contextlib.AsyncExitStack() as ends:
        ends.push_async_callback(engine.close)
        app = await ends.enter_async_context(testing(apphost, engine=engine, behavior=WaitBehavior.KEEP_WAITING))
        await says(app, "box", "up")
        await engine.go_away(end_containers=True)
        await reach(app, "box", State.RUNTIME_UNHEALTHY)
        engine.come_back()
        await reach(app, "box", State.RUNNING)
        await until(lambda: text(app, "box", "stdout").count("up") == 2, "it was started again")


async def test_a_stop_without_the_engine_ends_in_time(
    docker: EngineHost, tmp_path: Path, short_folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An app must stop while its engine is away, say what it leaves, and leave nothing once the engine is back."""

    def define(app: AppBuilder) -> None:
        app.add_container("box", BUSYBOX, args=["sh", "-c", IDLE])

    async with (
        breakable(docker, short_folder, monkeypatch) as forwarder,
        containers(define, tmp_path, docker, left_to_the_watchdog=True) as app,
    ):
        await says(app, "box", "up")
        await forwarder.close()
        await reach(app, "box", State.RUNTIME_UNHEALTHY)
        await app.command("box", "stop")
        assert "could not be removed" in text(app, "box", "system")
        await forwarder.open()


class Stalling(Forwarder):
    """A forwarder that takes connections and can pass nothing on."""

    def __init__(self, path: str, target: str) -> None:
        super().__init__(path, target)
        self.passes = asyncio.Event()
        self.passes.set()

    async def requests(self, reader: asyncio.StreamReader, engine_writer: asyncio.StreamWriter) -> None:
        await self._copy(reader, engine_writer)

    async def answers(self, engine_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._copy(engine_reader, writer)

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while chunk := await reader.read(64 * 1024):
                await self.passes.wait()
                writer.write(chunk)
                await writer.drain()
            writer.write_eof()


async def test_an_engine_that_falls_silent_is_noticed(
    docker: EngineHost, tmp_path: Path, short_folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine that takes requests and answers none must count as gone, be used again, and hold up no stop."""

    def define(app: AppBuilder) -> None:
        app.add_container("box", BUSYBOX, args=["sh", "-c", COUNT])

    monkeypatch.setattr(silence, "PAUSE", 0.2)
    monkeypatch.setattr(silence, "LIMIT_SECONDS", 2.0)
    stalling = Stalling(f"{short_folder}/engine.sock", "/var/run/docker.sock")
    monkeypatch.setenv("DOCKER_HOST", stalling.address)
    async with stalling, containers(define, tmp_path, docker, left_to_the_watchdog=True) as app:
        await says(app, "box", "line 5")
        stalling.passes.clear()
        await reach(app, "box", State.RUNTIME_UNHEALTHY)
        stalling.passes.set()
        await reach(app, "box", State.RUNNING)
        seen = len(text(app, "box", "stdout").splitlines())
        await until(lambda: len(text(app, "box", "stdout").splitlines()) > seen + 20, "the log goes on")
        stalling.passes.clear()
        async with asyncio.timeout(30):
            await app.command("box", "stop")
        assert "could not be removed" in text(app, "box", "system")
        stalling.passes.set()
