"""Pulling from a registry: with the credentials that `docker login` has stored, and for a platform."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.engines.bench import BUSYBOX, Bench, real_bench
from tests.support.waiting import PATIENCE

from fairlead.engines.containers import BuildRequest, ContainerSpec, PublishedPort
from fairlead.engines.docker import connect
from fairlead.errors import EngineError
from fairlead.testing.listening import ending

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
    return await registry(bench, 401, env=settings, options=(f"--volume={folder / 'users'}:/users:ro",))


async def registry(bench: Bench, status: int, **fields: Any) -> str:
    """Start a registry that answers whom it does not know with a status; returns its address."""
    container = await bench.engine.create(
        ContainerSpec(
            name=bench.name("registry"),
            image="registry:2",
            labels=bench.labels,
            ports=(PublishedPort(5000, 0),),
            **fields,
        )
    )
    await bench.engine.start(container)
    port = (await bench.info(container)).ports[0].host_port
    async with asyncio.timeout(PATIENCE):
        while f" {status} ".encode() not in await first_line(port):  # noqa: ASYNC110  (nobody tells)
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
    address = await private_registry(bench, tmp_path)
    reference = f"{address}/{bench.name()}:1"

    def log_in(password: str) -> dict[str, str]:
        secret = base64.b64encode(f"me:{password}".encode()).decode()
        (tmp_path / "config.json").write_text(json.dumps({"auths": {address: {"auth": secret}}}))
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
    with pytest.raises(EngineError, match=rf"or shows it only to known users.* docker login {address}"):
        await pull(anonymous)
    with pytest.raises(EngineError, match="refuses the stored credentials"):
        await pull(log_in("wrong"))
    lines = await pull(log_in("s3cret"))
    assert lines[0] == f"pulling {reference}"
    assert lines[-1].startswith(f"pulled {reference} in ")
    assert await bench.engine.image(reference)
    await asyncio.to_thread(docker, "rmi", reference)


MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
MANIFEST_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"


async def test_an_image_is_pulled_for_a_platform(bench: Bench, image: Callable[[str], str], tmp_path: Path) -> None:
    """Of an image for several platforms the one must come that is asked for; where there is none, it must be said."""
    image("registry:2")
    address = await registry(bench, 200)
    name = f"{address}/{bench.name()}"
    engine = await connect({"DOCKER_HOST": bench.engine.address})
    try:
        for architecture in ("amd64", "arm64"):
            platform = f"linux/{architecture}"
            # Of what it copies alone, Docker's classic builder does not know that it was built for something else.
            (tmp_path / "Dockerfile").write_text(f"FROM scratch\n# {platform}\nCOPY Dockerfile /\n")
            request = BuildRequest(
                context=str(tmp_path), dockerfile="Dockerfile", tag=f"{name}:{architecture}", platform=platform
            )
            await engine.build(request, lambda lines: None)
            await engine.push(f"{name}:{architecture}", lambda line: None)
        await publish_list(f"http://{address}/v2/{bench.name()}/manifests", ("amd64", "arm64"))
        for architecture in ("arm64", "amd64"):
            assert await engine.image(f"{name}:1", f"linux/{architecture}") is None
            await engine.pull(f"{name}:1", lambda line: None, f"linux/{architecture}")
            found = await engine.image(f"{name}:1", f"linux/{architecture}")
            assert found is not None and found.architecture == architecture
        with pytest.raises(EngineError, match="it is not made for linux/s390x"):
            await engine.pull(f"{name}:1", lambda line: None, "linux/s390x")
    finally:
        await engine.close()
        tags = [f"{name}:{tag}" for tag in ("1", "amd64", "arm64")]
        command = ["docker", "--host", bench.engine.address, "rmi", "--force", *tags]
        await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True)


async def publish_list(manifests: str, architectures: tuple[str, ...]) -> None:
    """Put the images that are called after their architectures into one, called 1."""
    entries = []
    async with aiohttp.ClientSession() as client:
        for architecture in architectures:
            async with client.get(f"{manifests}/{architecture}", headers={"Accept": MANIFEST}) as answer:
                body, digest = await answer.read(), answer.headers["Docker-Content-Digest"]
            entry = {"mediaType": MANIFEST, "size": len(body), "digest": digest}
            entries.append(entry | {"platform": {"os": "linux", "architecture": architecture}})
        content = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST_LIST, "manifests": entries})
        headers = {"Content-Type": MANIFEST_LIST}
        async with client.put(f"{manifests}/1", data=content, headers=headers) as answer:
            assert answer.status == 201, await answer.text()
