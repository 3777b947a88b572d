"""How often the command of a health check is run, and what its exit codes add up to."""

from __future__ import annotations

import asyncio

import pytest

from fairlead import Driver, HealthStatus
from fairlead.errors import EngineError
from fairlead.model.driving.driver import StopReason
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.health import CommandCheck
from fairlead.runtime.lifecycle.command_health import CommandHealth

HEALTHY, UNHEALTHY = HealthStatus.HEALTHY, HealthStatus.UNHEALTHY


class Clock:
    """A clock that a test moves on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Scripted(Driver):
    """Answers commands by a script, each after some seconds."""

    def __init__(self, clock: Clock, *codes: int | Exception, seconds: float = 0.01) -> None:
        self.clock, self.codes, self.seconds = clock, list(codes), seconds
        self.asked: list[float] = []

    async def start(self, context: DriverContext) -> None:
        """Nothing has to be done."""

    async def stop(self, reason: StopReason) -> None:
        """Nothing has to be done."""

    async def run_check(self, argv: tuple[str, ...]) -> tuple[int, bytes]:
        """The next code of the script; the last one again and again."""
        self.asked.append(self.clock.now)
        self.clock.now += self.seconds
        code = self.codes.pop(0) if len(self.codes) > 1 else self.codes[0]
        if isinstance(code, Exception):
            raise code
        return code, f"code {code}\n".encode()


async def look(health: CommandHealth, clock: Clock, seconds: float, step: float) -> list[HealthStatus]:
    """What is found by those who look again and again."""
    found: list[HealthStatus] = []
    end = clock.now + seconds
    while clock.now < end:
        found.append((await health.ask()).status)
        clock.now += step
    return found


async def test_a_healthy_program_is_asked_at_its_interval() -> None:
    """The command must be run once in an interval, however often somebody looks."""
    clock = Clock()
    driver = Scripted(clock, 0)
    health = CommandHealth(CommandCheck(("true",), interval=10.0), driver, clock)

    found = await look(health, clock, 30.0, 0.5)

    assert set(found) == {HEALTHY}
    assert len(driver.asked) == 3


async def test_a_program_that_starts_is_asked_soon_and_ever_less_often() -> None:
    """The pauses must begin short and grow to 5 seconds, or to the interval if that is shorter."""
    clock = Clock()
    driver = Scripted(clock, 1)
    await look(CommandHealth(CommandCheck(("false",)), driver, clock), clock, 60.0, 0.01)
    pauses = [after - before for before, after in zip(driver.asked, driver.asked[1:], strict=False)]

    assert pauses[0] < 0.3
    assert pauses == sorted(pauses)
    assert 4.9 < pauses[-1] < 5.2

    other = Scripted(clock, 1)
    await look(CommandHealth(CommandCheck(("false",), interval=1.0), other, clock), clock, 60.0, 0.01)
    assert 0.9 < other.asked[-1] - other.asked[-2] < 1.2


async def test_a_command_that_takes_long_leaves_the_processor_to_the_program() -> None:
    """A command that takes a second must not be run again at once while the program starts."""
    clock = Clock()
    driver = Scripted(clock, 1, seconds=1.0)
    await look(CommandHealth(CommandCheck(("slow",)), driver, clock), clock, 20.0, 0.01)

    assert min(after - before for before, after in zip(driver.asked, driver.asked[1:], strict=False)) > 2.9


async def test_a_healthy_program_may_fail_now_and_then() -> None:
    """Only so many failures in a row must make it unhealthy, and the reports must say how many there are."""
    clock = Clock()
    driver = Scripted(clock, 0, 1, 1, 0, 1, 1, 1, 0)
    health = CommandHealth(CommandCheck(("check",), interval=10.0), driver, clock)
    found = []
    for _ in range(8):
        found.append(await health.ask())
        clock.now += 10.0

    assert [each.status for each in found] == [HEALTHY] * 6 + [UNHEALTHY, HEALTHY]
    assert found[1].description == "ended with 1, 1 of 3 times"
    assert found[6].description == "ended with 1: code 1"
    assert (found[6].expected, found[6].got, found[6].raw) == ("0", "ended with 1", "code 1")


async def test_failures_in_the_start_period_do_not_count() -> None:
    """A program that was healthy for a moment of its start must stay so until the start is over."""
    clock = Clock()
    driver = Scripted(clock, 0, 1)
    check = CommandCheck(("check",), interval=10.0, retries=1, start_period=25.0)
    found = await look(CommandHealth(check, driver, clock), clock, 40.0, 10.0)

    assert found == [HEALTHY, HEALTHY, HEALTHY, UNHEALTHY]


async def test_what_can_not_be_run_is_unhealthy() -> None:
    """A command that is not there must make it unhealthy, with the reason."""
    clock = Clock()
    driver = Scripted(clock, EngineError("'nonsense' can't be run in the container"))
    found = await CommandHealth(CommandCheck(("nonsense",)), driver, clock).ask()

    assert (found.status, found.description) == (UNHEALTHY, "'nonsense' can't be run in the container")


async def test_a_command_that_hangs_is_ended() -> None:
    """A command must be cancelled after its timeout, and count as failed."""
    cancelled = asyncio.Event()

    class Hangs(Scripted):
        async def run_check(self, argv: tuple[str, ...]) -> tuple[int, bytes]:
            try:
                await asyncio.Event().wait()
            finally:
                cancelled.set()
            raise AssertionError

    found = await CommandHealth(CommandCheck(("hangs",), timeout=0.01), Hangs(Clock(), 0)).ask()

    assert cancelled.is_set()
    assert (found.status, found.description) == (UNHEALTHY, "no answer in 0.01 s")


@pytest.mark.parametrize(
    ("command", "name", "argv"),
    [
        (("pg_isready", "-U", "app"), "pg_isready -U app", ("pg_isready", "-U", "app")),
        ("curl -f localhost\n  || exit 1", "curl -f localhost || exit 1", None),
        ("x" * 80, "x" * 59 + "…", None),
    ],
)
def test_names(command: str | tuple[str, ...], name: str, argv: tuple[str, ...] | None) -> None:
    """A check must be called after its command, in one line that is not too long; text is a line for a shell."""
    check = CommandCheck(command)

    assert (check.name, check.argv) == (name, argv or ("/bin/sh", "-c", command))
