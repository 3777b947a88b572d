"""Switched texts in a run, and plain data of other types there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from tests.support.stage import stage

from fairlead import AppBuilder, ref, when
from fairlead.testing import InMemory


async def test_a_parameter_switches_a_text() -> None:
    """A run must give the text that the parameter chooses, wherever it stands, with the values in it."""

    def define(app: AppBuilder) -> None:
        debug, quiet = app.add_parameter("debug", True), app.add_parameter("quiet", "no")
        region = app.add_parameter("region", "eu")
        api = app.add(InMemory("api")).with_environment("LEVEL", when(debug, "debug", "info"))
        api.with_environment("QUIET", when(quiet, "yes", ref("never in {r}", r=region)))
        api.with_environment("URL", ref("http://x/?d={d:uri}", d=when(debug, when(region, 1, "a b", equals="us"))))

    async with stage(define) as shown:
        await shown.wait_healthy("api")
        assert shown.memory("api").seen == {"LEVEL": "debug", "QUIET": "never in eu", "URL": "http://x/?d=a%20b"}


async def test_a_text_switches_when_its_parameter_changes() -> None:
    """Another value of the parameter must choose the other text at the next start."""

    def define(app: AppBuilder) -> None:
        app.add(InMemory("api")).with_environment("LEVEL", when(app.add_parameter("debug", False), "debug", "info"))

    async with stage(define) as shown:
        await shown.wait_healthy("api")
        assert shown.memory("api").seen == {"LEVEL": "info"}
        await shown.host.values.set_parameter("debug", "true")
        await shown.host.supervisor.runner("api").restart()
        await shown.wait_healthy("api")
        assert shown.memory("api").seen == {"LEVEL": "debug"}


async def test_plain_data_of_other_types() -> None:
    """Dates, time spans, decimals and paths must arrive as text, from callbacks too."""

    def define(app: AppBuilder) -> None:
        api = app.add(InMemory("api")).with_environment("SINCE", datetime(2026, 1, 2, 3, 4, tzinfo=UTC))
        api.with_environment("EVERY", timedelta(seconds=90)).with_environment("RATE", Decimal("0.10"))
        api.with_environment("HOME", Path("/srv/x")).with_environment("LATER", lambda: timedelta(hours=1))

    async with stage(define) as shown:
        await shown.wait_healthy("api")
        assert shown.memory("api").seen == {
            "SINCE": "2026-01-02T03:04:00+00:00",
            "EVERY": "90",
            "RATE": "0.10",
            "HOME": "/srv/x",
            "LATER": "3600",
        }
