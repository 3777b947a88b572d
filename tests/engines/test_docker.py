"""The engine itself, before anything of Fairlead's is asked of it."""

from __future__ import annotations

from collections.abc import Callable

import aiodocker
import pytest

pytestmark = pytest.mark.docker


async def test_engine_runs_a_container_and_hands_over_its_output(image: Callable[[str], str]) -> None:
    """A container must run to its end, with its output and its exit code readable afterwards, and leave nothing."""
    async with aiodocker.Docker() as engine:
        container = await engine.containers.create(
            {"Image": image("busybox:1.35"), "Cmd": ["sh", "-c", "echo made fast; exit 3"]}
        )
        try:
            await container.start()
            ended = await container.wait(timeout=120)
            output = await container.log(stdout=True)
        finally:
            await container.delete(force=True)
        left = [other.id for other in await engine.containers.list(all=True)]

    assert ended["StatusCode"] == 3
    assert "".join(output) == "made fast\n"
    assert container.id not in left
