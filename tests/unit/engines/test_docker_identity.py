"""Which engine answers."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fairlead.engines.docker import connect
from fairlead.engines.docker.identity import may_be_desktop
from fairlead.engines.docker.transport.discovery import Candidate
from fairlead.testing.listening import Listener

NEWER = {"ApiVersion": "1.52", "MinAPIVersion": "1.44"}
VERSION = {"ApiVersion": "1.41", "MinAPIVersion": "1.12", "Version": "20.10.24", "Arch": "amd64"}


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="fl-") as name:
        yield Path(name)


class Engine:
    """An engine that says what it is.

    Args:
        ping: The head of its answer to a ping.
        version: Its answer to the question for its version.
    """

    def __init__(self, ping: dict[str, str], version: dict[str, Any]) -> None:
        self.asked: list[str] = []
        self._ping, self._version = ping, version

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await read_head(reader):
            self.asked.append(request)
            is_ping = request == "/_ping"
            content = json.dumps({"Id": "sha256:1"} if "/images/" in request else self._version).encode()
            status = "404 Not Found" if is_ping and not self._ping else "200 OK"
            headers = {**(self._ping if is_ping else {}), "Content-Length": str(len(content))}
            lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers.items())]
            writer.write("\r\n".join([*lines, "", ""]).encode() + content)


async def read_head(reader: asyncio.StreamReader) -> str:
    try:
        return (await reader.readuntil(b"\r\n\r\n")).decode().split()[1]
    except asyncio.IncompleteReadError:
        return ""


async def identified(engine: Engine, socket: Path) -> tuple[str, str, bool]:
    async with Listener(engine.serve) as listener:
        await listener.open_unix(str(socket))
        connected = await connect({"DOCKER_HOST": f"unix://{socket}"})
        try:
            await connected.image("some:1")
        finally:
            await connected.close()
        return connected.name, connected.version, connected.is_desktop


@pytest.mark.parametrize(
    ("server", "name"), [("Docker/20.10.24 (linux)", "docker"), ("Libpod/4.3.1 (linux)", "podman")]
)
async def test_a_ping_is_enough(server: str, name: str, folder: Path) -> None:
    """An engine of this machine must be known by its answer to a ping, and a version of its API be spoken."""
    engine = Engine({"Server": server, "Api-Version": "1.40"}, VERSION)
    assert await identified(engine, folder / "engine") == (name, server.split("/")[1].split()[0], False)
    assert engine.asked == ["/_ping", "/v1.40/images/some:1/json"]


@pytest.mark.parametrize(
    ("ping", "version", "spoken"),
    [
        (
            {"Server": "Docker/29.0.0 (linux)", "Api-Version": "1.52"},
            {"ApiVersion": "1.52", "MinAPIVersion": "1.44"},
            "1.44",
        ),
        ({"Server": "nginx", "Api-Version": "1.41"}, VERSION, "1.41"),
        ({"Server": "Docker/20.10.24 (linux)"}, VERSION, "1.41"),
        ({}, VERSION, "1.41"),
    ],
)
async def test_else_it_is_asked_for_its_version(
    ping: dict[str, str], version: dict[str, Any], spoken: str, folder: Path
) -> None:
    """A newer engine, which may know no older version of the API, and one behind a proxy must be asked again."""
    engine = Engine(ping, version)
    await identified(engine, folder / "engine")
    assert engine.asked == ["/_ping", "/version", f"/v{spoken}/images/some:1/json"]


async def test_docker_desktop_is_recognised(folder: Path) -> None:
    """Docker Desktop, which its address gives away, must be asked for its version, as a ping does not tell."""
    engine = Engine({"Server": "Docker/28.0.0 (linux)"}, {**VERSION, "Platform": {"Name": "Docker Desktop 4.40.0"}})
    (folder / "desktop").mkdir()
    assert await identified(engine, folder / "desktop/docker.sock") == ("docker", "20.10.24", True)
    assert engine.asked[0] == "/version"
    assert may_be_desktop(Candidate("tcp://far:2375", "DOCKER_HOST"))
