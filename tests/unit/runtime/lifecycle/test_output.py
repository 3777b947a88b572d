"""What drivers hand over of a resource's output must be in its log."""

from __future__ import annotations

import pytest
from tests.support.stage import stage

from fairlead import AppBuilder, Driver, DriverContext, StopReason, Workload


class Chatty(Workload):
    """Writes a line and a prompt."""

    driver = f"{__name__}:ChattyDriver"


class ChattyDriver(Driver):
    """Hands over what it is told to."""

    async def start(self, context: DriverContext) -> None:
        context.write_lines("stdout", [b"hello"])
        context.write_lines("stderr", [b"from within"], source="sidecar")
        context.write_open_line("stdout", b"Name? ")

    async def stop(self, reason: StopReason) -> int | None:
        return None


class OldChattyDriver(ChattyDriver):
    """Is written for an earlier minor version."""

    async def start(self, context: DriverContext) -> None:
        context.output("stdout", [b"hello"])


class OldChatty(Chatty):
    driver = f"{__name__}:OldChattyDriver"


@pytest.mark.parametrize(("replicas", "sources"), [(1, [None]), (2, ["a-1", "a-2"])])
async def test_lines_tell_which_replica_wrote_them(replicas: int, sources: list[str | None]) -> None:
    """Lines and open lines must name the replica where there are several, or the part that the driver names."""

    def define(app: AppBuilder) -> None:
        app.add(Chatty("a").with_replicas(replicas))

    async with stage(define) as shown:
        await shown.wait_healthy("a")
        log = shown.host.run.logs.log("a")
        lines = [(line.stream, line.text, line.source) for line in log.lines() if line.stream != "system"]
        each = [[("stdout", "hello", source), ("stderr", "from within", "sidecar")] for source in sources]
        assert sorted(map(str, lines)) == sorted(str(line) for lines in each for line in lines)
        assert [(line.text, line.source) for line in log.open_lines] == [("Name? ", source) for source in sources]


async def test_the_former_name_of_write_lines() -> None:
    """A driver that calls ``output`` must work for one more minor version, with a warning."""
    with pytest.warns(DeprecationWarning, match=r"write_lines\(\)"):
        async with stage(lambda app: app.add(OldChatty("a"))) as shown:
            await shown.wait_healthy("a")
            assert "hello" in shown.text("a")
