"""A place on the port of another resource's container: seen from this machine, and from another container."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from tests.support.containers import containers
from tests.support.engines import EngineHost
from tests.thirdparty.harbour import Quay
from tests.thirdparty.harbour.quay import RADIO_PORT, SERVE

from fairlead import AppBuilder, Apphost
from fairlead.testing import FakeEngine, Running
from fairlead.testing import testing as run
from fairlead.testing.fakes.fake_container import Handler, Process

PYTHON = "python:3.11-slim-bookworm"  # the static busybox can't look names up
FETCH = """
import os, urllib.request
for url in (os.environ["SHOP_BERTH_HTTP"], "http://" + os.environ["RADIO"]):
    print(url, urllib.request.urlopen(url, timeout=30).read().decode().strip(), flush=True)
"""


def define(app: AppBuilder) -> None:
    quay = app.add(Quay("Main_Quay"))
    berth = quay.add_berth("shop-berth")
    quay.add_berth("other-berth")
    for client in (
        app.add_executable("process", sys.executable, ".", "-c", FETCH),
        app.add_container("visitor", PYTHON, args=["python3", "-c", FETCH]),
    ):
        client.with_reference(berth).with_environment("RADIO", berth.radio).wait_for(berth)


def fetched(app: Running, name: str) -> list[str]:
    """What a client has printed."""
    return [line.text for line in app.logs(name) if line.stream == "stdout"]


def inside_port(app: Running, berth: str) -> str:
    """The port inside the container that was chosen for a berth, as the quay was told."""
    variables = app.environment("Main_Quay")
    return variables[{"shop-berth": "BERTH_PORT_1", "other-berth": "BERTH_PORT_2"}[berth]]


def engine_with_httpd() -> FakeEngine:
    """An engine whose quays answer as the script of busybox does, and whose visitors print what they were given."""

    def page(text: str) -> Handler:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readline()
            writer.write(f"HTTP/1.0 200 OK\r\n\r\n{text}\n".encode())
            writer.close()

        return answer

    async def httpd(process: Process) -> None:
        assert process.args == ("sh", "-c", SERVE)
        for name, port in process.env.items():
            if name.startswith("BERTH_PORT_"):
                process.listen(int(port), page("a-berth"))
        process.listen(RADIO_PORT, page("a-radio"))
        await asyncio.get_running_loop().create_future()

    async def visitor(process: Process) -> None:
        process.print(process.env["SHOP_BERTH_HTTP"])
        process.print(f"http://{process.env['RADIO']}")

    engine = FakeEngine()
    engine.add_image("busybox:1.35", httpd)
    engine.add_image(PYTHON, visitor)
    return engine


async def test_a_place_on_a_port_of_a_container() -> None:
    """A berth must be healthy through a port of this machine, and have the quay's name and port for containers."""
    async with run(Apphost(define, name="shop"), engine=engine_with_httpd()) as app:
        await app.wait_for("process", "completed")
        host, radio = fetched(app, "process")
        assert host == f"{app.endpoint('shop-berth')} a-berth"
        assert radio.startswith("http://localhost:") and radio.endswith(" a-radio")
        await app.wait_for("visitor", "completed")
        inside = inside_port(app, "shop-berth")
        assert fetched(app, "visitor") == [f"http://main-quay:{inside}", f"http://main-quay:{RADIO_PORT}"]
        assert 30000 <= int(inside) <= 32767 and inside != inside_port(app, "other-berth")
        assert app.snapshot("shop-berth").parent == "Main_Quay"


@pytest.mark.docker
async def test_a_place_on_a_port_of_a_real_container(docker: EngineHost, tmp_path: Path) -> None:
    """A process must reach a berth at localhost, a container at the quay's name; ports beside endpoints as well."""
    async with containers(define, tmp_path, docker) as app:
        for client in ("process", "visitor"):
            await app.wait_for(client, "completed", timeout=120)
        host, radio = fetched(app, "process")
        assert host == f"{app.endpoint('shop-berth')} a-berth"
        assert radio.startswith("http://localhost:") and radio.endswith(" a-radio")
        assert fetched(app, "visitor") == [
            f"http://main-quay:{inside_port(app, 'shop-berth')} a-berth",
            f"http://main-quay:{RADIO_PORT} a-radio",
        ]
        assert app.endpoint("shop-berth") != app.endpoint("other-berth")
        await app.wait_healthy("other-berth", timeout=120)
