"""An engine that is reached over SSH; `ssh` is a command that leads to the engine of this machine."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.engines.bench import Bench
from tests.engines.conftest import have_busybox
from tests.support.ssh import fake_ssh

from fairlead.engines.docker import connect

SOCKET = "/var/run/docker.sock"

pytestmark = pytest.mark.docker


@pytest.fixture
async def far(tmp_path: Path) -> AsyncIterator[Bench]:
    have_busybox(f"unix://{SOCKET}")
    fake_ssh(tmp_path, SOCKET)
    path = f"{tmp_path}:{os.environ['PATH']}"
    engine = await connect({**os.environ, "DOCKER_HOST": "ssh://me@far", "PATH": path})

    async def never() -> None:
        raise NotImplementedError

    bench = Bench("docker", engine, never, never)
    try:
        yield bench
    finally:
        await bench.clean()
        await engine.close()


async def test_containers_commands_and_files_over_ssh(far: Bench) -> None:
    """Over SSH a container must run, be followed, take files and commands with input, and be removed."""
    await far.engine.ping()
    assert far.engine.address == "ssh://me@far"
    container = await far.start("echo up; exec sleep 1000")
    await far.reads(container, b"up")
    async with far.engine.open_command(container, ("cat",), stdin=b"hello") as command:
        assert [chunk.data async for chunk in command.chunks()] == [b"hello"]
        assert await command.wait() == 0
    assert len(await far.engine.get_archive(container, "/etc/passwd")) > 1000
    await far.engine.kill(container)
    assert await far.engine.wait(container) == 137
