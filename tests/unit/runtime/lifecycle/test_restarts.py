"""Programs that are started again when they end by themselves."""

from __future__ import annotations

import pytest
from tests.support.stage import stage

from fairlead import AppBuilder, State
from fairlead.runtime.lifecycle.restarts import Restarts
from fairlead.runtime.plan import PlannedRestarts
from fairlead.testing import InMemory


def pauses(policy: str, limit: int | None, ends: list[tuple[bool, float]]) -> list[float | None]:
    restarts = Restarts(PlannedRestarts(policy, limit))  # type: ignore[arg-type]
    return [restarts.pause_after(failed=failed, up_seconds=seconds) for failed, seconds in ends]


FAILED, ENDED_WELL = (True, 0.1), (False, 0.1)


@pytest.mark.parametrize(
    ("policy", "limit", "ends", "expected"),
    [
        ("no", None, [FAILED], [None]),
        ("on-failure", None, [ENDED_WELL], [None]),
        ("on-failure", None, [FAILED] * 8, [1, 2, 4, 8, 16, 32, 60, 60]),
        ("on-failure", 2, [FAILED] * 3, [1, 2, None]),
        ("always", None, [ENDED_WELL, FAILED, ENDED_WELL], [1, 2, 4]),
        ("always", 0, [FAILED], [None]),
        ("on-failure", 2, [FAILED, FAILED, (True, 60.0), FAILED, FAILED], [1, 2, 1, 2, None]),
    ],
)
def test_pauses(policy: str, limit: int | None, ends: list[tuple[bool, float]], expected: list[float | None]) -> None:
    """Pauses must double up to a minute, start anew after a minute up, and end with the limit."""
    assert pauses(policy, limit, ends) == expected


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fairlead.runtime.lifecycle.restarts.FIRST_PAUSE", 0.001)


@pytest.mark.usefixtures("short_pauses")
async def test_a_program_that_fails_is_started_again() -> None:
    """It must be Starting with the reason and the attempt in between, and those who wait must see the last end only."""

    def define(app: AppBuilder) -> None:
        migrate = app.add(InMemory("migrate", exit_code=1)).with_restart("on-failure", max_restarts=3)
        app.add(InMemory("api").wait_for_completion(migrate))

    async with stage(define) as shown:
        ended = await shown.until("migrate", lambda snapshot: snapshot.state is State.FINISHED)
        assert (ended.starts, ended.exit_code) == (4, 1)
        reasons = {each.reason for each in shown.history["migrate"] if each.state is State.STARTING and each.reason}
        assert reasons == {f"restart {n} of 3 in {0.001 * 2 ** (n - 1):g} s, after exit code 1" for n in (1, 2, 3)}
        assert State.FINISHED not in {each.state for each in shown.history["migrate"][:-1]}
        await shown.until("api", lambda snapshot: any("exit code 1" in text for text in snapshot.waiting_for))


@pytest.mark.usefixtures("short_pauses")
async def test_a_program_that_comes_right() -> None:
    """A migration that succeeds at a later attempt must let those go on that wait for it."""

    def define(app: AppBuilder) -> None:
        migrate = app.add(InMemory("migrate", exit_code=1)).with_restart("on-failure")
        migrate.on_stopped(lambda: setattr(migrate, "exit_code", 0))
        app.add(InMemory("api").wait_for_completion(migrate))

    async with stage(define) as shown:
        await shown.wait_healthy("api")
        assert (shown.snapshot("migrate").starts, shown.snapshot("migrate").exit_code) == (2, 0)


@pytest.mark.usefixtures("short_pauses")
async def test_the_limit_of_what_others_wait_for() -> None:
    """What is waited for to complete must be given up after five restarts where nothing else is said."""

    def define(app: AppBuilder) -> None:
        migrate = app.add(InMemory("migrate", exit_code=1)).with_restart("on-failure")
        app.add(InMemory("api").wait_for_completion(migrate))

    async with stage(define) as shown:
        assert (await shown.reach("migrate", State.FINISHED)).starts == 6


async def test_a_stop_ends_the_restarts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program must not be started again once it was stopped, during a pause either."""
    monkeypatch.setattr("fairlead.runtime.lifecycle.restarts.FIRST_PAUSE", 60.0)
    async with stage(lambda app: app.add(InMemory("a", exit_code=2)).with_restart("always")) as shown:
        await shown.until("a", lambda snapshot: "restart 1 in" in snapshot.reason)
        await shown.command("a", "stop")
        stopped = shown.snapshot("a")
        assert (stopped.state, stopped.exit_code, stopped.stop_requested) == (State.FINISHED, 2, True)
        await shown.command("a", "start")
        await shown.until("a", lambda snapshot: snapshot.starts == 2 and "restart 1 in" in snapshot.reason)


@pytest.mark.usefixtures("short_pauses")
async def test_a_start_that_fails_is_not_repeated() -> None:
    """What can't be started at all must fail at once: only a program that ran is started again."""
    async with stage(lambda app: app.add(InMemory("a", fails="no disk")).with_restart("always")) as shown:
        assert (await shown.reach("a", State.FAILED_TO_START)).starts == 1
