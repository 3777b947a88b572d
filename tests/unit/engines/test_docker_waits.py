"""The end of a container, by an engine that does not always know it yet."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from fairlead.engines.docker import containers
from fairlead.engines.docker.api import Api, Refused
from fairlead.engines.docker.containers import Containers
from fairlead.engines.docker.transport.discovery import Candidate
from fairlead.testing.listening import Listener

RUNNING = {"Status": "running"}
ENDED = {"Status": "exited", "ExitCode": 3}


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "UNKNOWN_END_PAUSE", 0.001)


@asynccontextmanager
async def podman(folder: Path, waits: list[int], states: list[dict[str, Any] | None]) -> AsyncIterator[Containers]:
    """A Podman that answers each wait and each look by what comes next; the last of them stays."""

    def following(answers: list[Any]) -> Any:
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def answer(path: str) -> tuple[int, object]:
        if path.endswith("/wait"):
            return 200, {"StatusCode": following(waits)}
        state = following(states)
        return (200, {"Id": "1", "Name": "/box", "State": state}) if state else (404, {"message": "no such container"})

    async with Listener(_serving(answer)) as listener:
        await listener.open_unix(str(folder / "engine"))
        api = Api(Candidate(f"unix://{folder / 'engine'}", "the test"))
        try:
            yield Containers(api, "podman", shares_files=False, guard=None)
        finally:
            await api.close()


def _serving(answer: Callable[[str], tuple[int, object]]) -> Any:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        status, document = answer(path)
        content = json.dumps(document).encode()
        head = f"HTTP/1.1 {status} -\r\nConnection: close\r\nContent-Length: {len(content)}\r\n\r\n"
        writer.write(head.encode() + content)

    return serve


async def test_an_end_that_is_not_known_yet_is_asked_for_again(tmp_path: Path) -> None:
    """Podman's -1 says that it has not been told of the end yet: that is no exit code, and no signal."""
    async with podman(tmp_path, [-1], [RUNNING, ENDED]) as engine:
        assert await engine.wait("box") == 3
    async with podman(tmp_path, [-1, 7], [RUNNING]) as engine:
        assert await engine.wait("box") == 7


async def test_an_end_that_nobody_knows_is_no_success(tmp_path: Path) -> None:
    """A container whose end Podman never learns must have ended badly, and with no signal that nobody sent."""
    async with podman(tmp_path, [-1], [{"Status": "exited", "ExitCode": -1}]) as engine:
        assert await engine.wait("box") == 255


async def test_a_container_that_goes_while_it_is_waited_for(tmp_path: Path) -> None:
    """One that is removed before its end is known must be an error, as it is for who waits for what is not there."""
    async with podman(tmp_path, [-1], [None]) as engine:
        with pytest.raises(Refused, match="no such container"):
            await engine.wait("box")
