"""An app with many containers: the engine is not flooded, and all of it ends."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from tests.engines.bench import Forwarder
from tests.support.containers import BUSYBOX, IDLE, containers
from tests.support.engines import EngineHost
from tests.support.waiting import until

from fairlead import AppBuilder
from fairlead.engines.docker.containers import AT_ONCE
from fairlead.testing import Running
from fairlead.testing.listening import ending

COUNT = 2 * AT_ONCE
# What makes an engine work; to wait for a container, to attach to it or to follow its log does not.
WORK = re.compile(rb"^(POST|DELETE|PUT) /v[\d.]+/(?!containers/\w+/(wait|stop|attach))")


class Gauge(Forwarder):
    """A forwarder that counts how many calls that make work are under way at once."""

    most = 0
    _busy = 0

    def seen(self, request: bytes) -> bool:
        """A request begins; tells whether it makes work."""
        working = WORK.match(request) is not None
        self._busy += working
        self.most = max(self.most, self._busy)
        return working

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        engine_reader, engine_writer = await asyncio.open_unix_connection(self._target)
        working = False

        async def requests() -> None:
            nonlocal working
            while chunk := await reader.read(1 << 16):
                if not working:
                    working = self.seen(chunk)
                engine_writer.write(chunk)
            engine_writer.write_eof()

        async def answers() -> None:
            nonlocal working
            while chunk := await engine_reader.read(1 << 16):
                self._busy -= working
                working = False
                writer.write(chunk)
            writer.close()

        try:
            async with ending(engine_writer), asyncio.TaskGroup() as group:
                group.create_task(requests())
                group.create_task(answers())
        finally:
            self._busy -= working  # who asked did not wait for the answer


def is_up(app: Running, number: int) -> bool:
    return any(line.text == "up" for line in app.logs(f"box{number}"))


@pytest.mark.timeout(400)
async def test_many_containers(
    docker: EngineHost, tmp_path: Path, short_folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All must come up and go, with no more than a few calls that make work under way at the engine."""

    def define(app: AppBuilder) -> None:
        for number in range(COUNT):
            app.add_container(f"box{number}", BUSYBOX, args=["sh", "-c", IDLE])

    gauge = Gauge(f"{short_folder}/engine.sock", "/var/run/docker.sock")
    monkeypatch.setenv("DOCKER_HOST", gauge.address)
    loop = asyncio.get_running_loop()
    begin = loop.time()
    async with gauge, containers(define, tmp_path, docker) as app:
        async with asyncio.TaskGroup() as group:
            for number in range(COUNT):
                group.create_task(app.wait_for(f"box{number}", "running", timeout=240))
            group.create_task(until(lambda: all(is_up(app, number) for number in range(COUNT)), "all are up", 240))
        print(f"{COUNT} containers run after {loop.time() - begin:.1f} s")
        begin = loop.time()
    print(f"they are gone after {loop.time() - begin:.1f} s")
    print(f"{gauge.most} calls at once")
    assert 1 < gauge.most <= AT_ONCE + 1
