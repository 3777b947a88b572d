"""Pulling from a private registry, with the credentials that `docker login` has stored."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from tests.engines.bench import BUSYBOX, Bench, real_bench
from tests.support.listening import ending
from tests.support.waiting import PATIENCE

from fairlead.engines.containers import ContainerSpec, PublishedPort
from fairlead.engines.docker import connect
from fairlead.errors import EngineError

pytestmark = pytest.mark.docker

# "me" with the password "s3cret", as htpasswd writes it
USERS = "me:$2y$05$abcdefghijklmnopqrstuuLK7U1u6pVRmL7L1BBM2aS35PSZnDXlK\n"


@pytest.fixture
async def bench(short_folder: str) -> AsyncIterator[Bench]:
    async with real_bench("docker", "unix:///var/run/docker.sock", short_folder) as bench:
        yield bench


async def private_registry(bench: Bench, folder: Path) -> str:
    """Start a registry that asks for a password; returns its address."""
    (folder / "users").write_text(USERS)
    settings = {
        "REGISTRY_AUTH": "htpasswd",
        "REGISTRY_AUTH_HTPASSWD_REALM": "private",
        "REGISTRY_AUTH_HTPASSWD_PATH": "/users",
    }
    container = await bench.engine.create(
        ContainerSpec(
            name=bench.name("registry"),
            image="registry:2",
            env=settings,
            labels=bench.labels,
            ports=(PublishedPort(5000, 0),),
            options=(f"--volume={folder / 'users'}:/users:ro",),
        )
    )
    await bench.engine.start(container)
    port = (await bench.info(container)).ports[0].host_port
    async with asyncio.timeout(PATIENCE):
        while b" 401 " not in await first_line(port):  # noqa: ASYNC110  (nobody tells)
            await asyncio.sleep(0.05)
    return f"127.0.0.1:{port}"


async def first_line(port: int) -> bytes:
    """How the registry begins its answer; nothing while it does not listen."""
    with contextlib.suppress(ConnectionError):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        async with ending(writer):
            writer.write(b"GET /v2/ HTTP/1.0\r\n\r\n")
            return await reader.readline()
    return b""


async def test_a_private_image_is_pulled_with_what_is_stored(
    bench: Bench, image: Callable[[str], str], tmp_path: Path
) -> None:
    """A private image must come with the stored credentials; without, or with wrong ones, the error must say so."""
    image("registry:2")
    image(BUSYBOX)
    registry = await private_registry(bench, tmp_path)
    reference = f"{registry}/{bench.name()}:1"

    def log_in(password: str) -> dict[str, str]:
        secret = base64.b64encode(f"me:{password}".encode()).decode()
        (tmp_path / "config.json").write_text(json.dumps({"auths": {registry: {"auth": secret}}}))
        return {**os.environ, "DOCKER_CONFIG": str(tmp_path), "DOCKER_HOST": bench.engine.address}

    async def pull(environment: dict[str, str]) -> list[str]:
        engine = await connect(environment)
        lines: list[str] = []
        try:
            await engine.pull(reference, lines.append)
        finally:
            await engine.close()
        return lines

    def docker(*arguments: str) -> None:
        subprocess.run(["docker", *arguments], env=log_in("s3cret"), check=True, capture_output=True)

    await asyncio.to_thread(docker, "tag", BUSYBOX, reference)
    try:
        await asyncio.to_thread(docker, "push", reference)
    finally:
        await asyncio.to_thread(docker, "rmi", reference)
    anonymous = {"DOCKER_HOST": bench.engine.address, "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}
    with pytest.raises(EngineError, match=rf"or shows it only to known users.* docker login {registry}"):
        await pull(anonymous)
    with pytest.raises(EngineError, match="refuses the stored credentials"):
        await pull(log_in("wrong"))
    lines = await pull(log_in("s3cret"))
    assert lines[0] == f"pulling {reference}"
    assert lines[-1].startswith(f"pulled {reference} in ")
    assert await bench.engine.image(reference)
    await asyncio.to_thread(docker, "rmi", reference)
