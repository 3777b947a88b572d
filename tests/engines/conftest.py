"""The engines under test."""

from __future__ import annotations

import contextlib
import functools
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator

import pytest
from tests.engines.bench import BUSYBOX, Bench, real_bench
from tests.engines.programs import shell
from tests.support.podman import podman_address

from fairlead.engines.containers import ContainerEngine
from fairlead.testing.fakes.fake_engine import FakeEngine

REAL = [pytest.param("docker", marks=pytest.mark.docker), pytest.param("podman", marks=pytest.mark.podman)]


@pytest.fixture
def short_folder() -> Iterator[str]:
    """A folder with a path that is short enough for a socket in it."""
    with tempfile.TemporaryDirectory(prefix="fl-") as folder:
        yield folder


@pytest.fixture(params=["fake", *REAL])
async def bench(request: pytest.FixtureRequest, short_folder: str) -> AsyncIterator[Bench]:
    """Each engine that there is, the fake one included."""
    async with contextlib.AsyncExitStack() as stack:
        yield await stack.enter_async_context(_bench(request.param, short_folder))


@pytest.fixture(params=REAL)
async def real(request: pytest.FixtureRequest, short_folder: str) -> AsyncIterator[Bench]:
    """Each real engine, for what the fake one leaves out."""
    async with contextlib.AsyncExitStack() as stack:
        yield await stack.enter_async_context(_bench(request.param, short_folder))


@contextlib.asynccontextmanager
async def _bench(kind: str, folder: str) -> AsyncIterator[Bench]:
    if kind != "fake":
        address = podman_address() if kind == "podman" else "unix:///var/run/docker.sock"
        have_busybox(address)
        async with real_bench(kind, address, folder) as bench:
            yield bench
        return
    engine = FakeEngine()
    engine.add_image(BUSYBOX, shell, command=("sh",))

    async def restore() -> None:
        engine.come_back()

    contract: ContainerEngine = engine
    try:
        yield Bench(kind, contract, engine.go_away, restore)
    finally:
        await engine.close()


@functools.cache
def have_busybox(address: str) -> None:
    """Make sure that an engine has the image that most tests run."""
    command = ["docker", "--host", address, "image"]
    if subprocess.run([*command, "inspect", BUSYBOX], capture_output=True, check=False).returncode:
        subprocess.run([*command, "pull", "--quiet", BUSYBOX], capture_output=True, check=True)
