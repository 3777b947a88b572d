"""How long the watchdog looks for what a run left in an engine, and what it takes for the run's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from fairlead.engines.watchdog import container_sweep
from fairlead.engines.watchdog.container_sweep import LIMIT, PATIENCE, QUIET_TIME, clean_up, sweep

MINE = "dev.fairlead.run=mine"
SESSION = "dev.fairlead.lifetime=session"
PERSISTENT = "dev.fairlead.lifetime=persistent"


class Clock:
    """Time that passes only where somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.now += seconds


@dataclass
class Thing:
    """An object in an engine, from a moment on."""

    kind: str
    name: str
    labels: tuple[str, ...] = (MINE, SESSION)
    since: float = 0.0
    is_stuck: bool = False

    @property
    def id(self) -> str:
        return f"{self.kind} {self.name} {self.labels[0]}"


@dataclass
class Machine:
    """An engine with objects that come, whose failures are a function of time."""

    things: list[Thing] = field(default_factory=list)
    fails: Callable[[float], Exception | None] = lambda now: None
    clock: Clock = field(default_factory=Clock)
    exit_codes: list[int | None] = field(default_factory=list)
    commands: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)

    def list_objects(self, kind: str, labels: list[str]) -> list[tuple[str, str]]:
        self._answer()
        return [
            (thing.id, thing.name)
            for thing in self.things
            if thing.kind == kind and thing.since <= self.clock.now and {*labels} <= {*thing.labels}
        ]

    def remove(self, kind: str, object_id: str) -> None:
        self._answer()
        for thing in [*self.things]:
            if (thing.kind, thing.id) == (kind, object_id) and not thing.is_stuck:
                self.things.remove(thing)
                self.removed.append(thing.name)

    def run_inside(self, container: str, argv: list[str]) -> int | None:
        self._answer()
        self.commands.append((container, tuple(argv)))
        return self.exit_codes.pop(0) if self.exit_codes else 0

    def _answer(self) -> None:
        if (failure := self.fails(self.clock.now)) is not None:
            raise failure

    def sweep(
        self, *creating: tuple[str, str], cleanups: tuple[tuple[str, list[str]], ...] = (), is_orderly: bool = False
    ) -> float:
        """Have it swept; the seconds that this takes."""
        sweep(self, "mine", [*creating], [*cleanups], is_orderly, self.clock)
        return self.clock.now


def until(moment: float, failure: Exception) -> Callable[[float], Exception | None]:
    return lambda now: failure if now < moment else None


def test_only_session_objects_of_the_run_are_removed() -> None:
    """Objects of another run, and persistent ones, must stay; all others must go."""
    other = Thing("container", "other", ("dev.fairlead.run=other", SESSION))
    kept = Thing("container", "kept", (MINE, PERSISTENT))
    machine = Machine([other, kept, *(Thing(kind, kind) for kind in ("volume", "network", "container"))])
    assert machine.sweep() >= QUIET_TIME
    assert machine.things == [other, kept]
    assert machine.removed == ["container", "network", "volume"]


def test_a_namesake_of_another_run_is_not_what_was_awaited() -> None:
    """When a new run has an object of the name, the one that is still in creation must be waited for all the same."""
    namesake = Thing("container", "box", ("dev.fairlead.run=new", SESSION))
    late = Thing("container", "box", since=20.0)
    machine = Machine([namesake, late])
    machine.sweep(("container", "box"))
    assert machine.things == [namesake]


def test_what_turns_up_late_is_removed() -> None:
    """An object that was in creation must be removed when it turns up, and the end be quick after that."""
    machine = Machine([Thing("network", "net", since=25.0)])
    took = machine.sweep(("network", "net"))
    assert machine.things == []
    assert took == pytest.approx(25 + QUIET_TIME, abs=1)


def test_what_never_turns_up_is_given_up() -> None:
    """An object that was never created must be waited for as long as patience lasts, and no longer."""
    assert Machine().sweep(("container", "box")) == pytest.approx(PATIENCE, abs=1)


@pytest.mark.parametrize(
    "failure", [OSError("status 500"), ConnectionRefusedError(), TimeoutError()], ids=["fails", "is away", "is silent"]
)
def test_patience_counts_from_the_last_answer(failure: OSError) -> None:
    """However long an engine gives no answer, what it had to create must be waited for once it answers again."""
    away = 10 * PATIENCE
    late = Thing("container", "box", since=away + PATIENCE - 2)
    machine = Machine([late, Thing("container", "first")], until(away, failure))
    took = machine.sweep(("container", "box"))
    assert machine.things == []
    assert took < away + PATIENCE + QUIET_TIME


@pytest.mark.parametrize("is_orderly", [True, False])
@pytest.mark.parametrize("first", [None, OSError("status 500")], ids=["later", "at the first look"])
def test_one_bad_answer_does_not_end_the_sweep(is_orderly: bool, first: OSError | None) -> None:
    """An engine that fails at any moment must be asked again, at a clean end too."""
    failures = iter([first, None, TimeoutError(), None, None, OSError("nonsense")])
    machine = Machine([Thing(kind, kind) for kind in ("container", "network")], lambda now: next(failures, None))
    machine.sweep(is_orderly=is_orderly)
    assert machine.things == []


def test_an_engine_that_never_answers_is_given_up() -> None:
    """There must be an end to asking: the next run of the app removes the rest."""
    assert LIMIT <= Machine(fails=lambda now: OSError()).sweep() < LIMIT + 5


def test_what_cannot_be_removed_is_given_up() -> None:
    """An object that stays whatever is done must not keep the watchdog for ever, nor busy."""
    machine = Machine([Thing("container", "stuck", is_stuck=True)])
    assert LIMIT <= machine.sweep() < LIMIT + 5


def test_an_engine_that_fails_again_and_again_is_given_up() -> None:
    """An engine that now and then answers, for ever, must not be asked for ever."""
    machine = Machine(fails=lambda now: OSError() if now % 4 < 2 else None)
    assert machine.sweep() == pytest.approx(container_sweep.LONGEST, abs=5)


def test_a_clean_end_takes_one_look() -> None:
    """Where the host has left nothing, one look must do; without an engine, none."""
    assert Machine().sweep(is_orderly=True) == 0
    assert Machine(fails=lambda now: ConnectionRefusedError()).sweep(is_orderly=True) == 0


def test_a_clean_end_waits_for_a_silent_engine() -> None:
    """One that is silent, rather than gone, must be asked again at a clean end as well."""
    machine = Machine([Thing("container", "box")], until(60, TimeoutError()))
    machine.sweep(is_orderly=True)
    assert machine.things == []


def test_leftovers_inside_a_kept_container_are_removed() -> None:
    """A clean-up command must be repeated until it succeeds, and once more when nothing has turned up for a while."""
    machine = Machine(exit_codes=[1, 125, 0])
    machine.sweep(cleanups=(("cluster", ["rm", "-r", "/objects"]),))
    assert machine.commands == [("cluster", ("rm", "-r", "/objects"))] * 4


def test_a_container_that_goes_is_not_cleaned_up_inside() -> None:
    """Where the container ends with the run, no command must be run in it; in others it must."""
    cluster = Thing("container", "cluster")
    machine = Machine([cluster])
    machine.sweep(cleanups=((cluster.id, ["a"]), ("other", ["b"])), is_orderly=True)
    assert machine.commands == [("other", ("b",))]


@pytest.mark.parametrize(
    ("exit_codes", "succeeds"),
    [([0], True), ([None], True), ([125, 1, 0], True), ([1] * 1000, False)],
    ids=["at once", "container gone", "in the end", "never"],
)
def test_a_clean_up_command_ends(exit_codes: list[int | None], succeeds: bool) -> None:
    """It must succeed, or its container be gone; one that always fails is given up."""
    machine = Machine(exit_codes=exit_codes)
    assert clean_up(machine, "cluster", ["x"], machine.clock) == succeeds
    assert machine.clock.now <= container_sweep.CLEANUP_PATIENCE + 2


def test_a_clean_up_command_waits_for_the_engine() -> None:
    """While the engine gives no answer, its patience with a failing command must not run."""
    machine = Machine(fails=until(200, TimeoutError()), exit_codes=[1] * 40)
    assert clean_up(machine, "cluster", ["x"], machine.clock)
    assert not clean_up(Machine(fails=lambda now: OSError(), clock=machine.clock), "cluster", ["x"], machine.clock)
