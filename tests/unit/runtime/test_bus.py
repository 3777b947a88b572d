"""The state of all resources, watched and waited for."""

from __future__ import annotations

import asyncio
import gc

import pytest

from fairlead import NotRunning, State
from fairlead.model.health import HealthStatus
from fairlead.model.observation.snapshot import HealthReport, Removal, Snapshot
from fairlead.runtime.bus import Bus


def picture(name: str, state: State = State.NOT_STARTED) -> Snapshot:
    return Snapshot(name=name, kind="In memory", state=state)


@pytest.fixture
def bus() -> Bus:
    bus = Bus()
    for name in ("a", "b"):
        bus.publish(picture(name))
    return bus


def shown(change: Snapshot | Removal) -> Snapshot:
    assert isinstance(change, Snapshot)
    return change


async def test_a_removal_reaches_watchers_in_place_of_the_snapshot(bus: Bus) -> None:
    """Whoever watches must learn that an observed resource is gone, whether or not its snapshots were read."""
    early = bus.watch()
    bus.publish(Snapshot(name="web-1", kind="Pod", id="a/pod/-/web-1", origin="observed", owner="a"))
    late = bus.watch()
    assert [(await anext(late)).id for _ in range(3)] == ["a", "b", "a/pod/-/web-1"]
    bus.remove("a/pod/-/web-1")
    bus.remove("a/pod/-/web-1")
    bus.close()
    removal = Removal("a/pod/-/web-1", bus.version)
    assert [change async for change in late] == [removal]
    assert [change.id async for change in early] == ["a", "b", removal.id]
    assert removal.id not in bus.snapshots


async def test_a_removal_has_conditions_evaluated(bus: Bus) -> None:
    """A wait for the end of an observed resource must end with its removal."""
    bus.publish(Snapshot(name="web-1", kind="Pod", id="a/pod/-/web-1", origin="observed", owner="a"))
    waiting = asyncio.ensure_future(bus.wait_until(lambda: "a/pod/-/web-1" not in bus.snapshots, ["a/pod/-/web-1"]))
    await asyncio.sleep(0)
    assert not waiting.done()
    bus.remove("a/pod/-/web-1")
    await waiting


async def test_a_new_watcher_gets_the_present_then_each_change(bus: Bus) -> None:
    """A watcher must first see every resource as it was when it began, then all that changes, in rising versions."""
    watcher = bus.watch()
    bus.publish(picture("b", State.RUNNING))
    bus.publish(picture("a", State.STARTING))
    bus.close()
    seen = [shown(change) async for change in watcher]
    assert [(snapshot.name, snapshot.state) for snapshot in seen[-2:]] == [
        ("b", State.RUNNING),
        ("a", State.STARTING),
    ]
    assert {snapshot.name for snapshot in seen} == {"a", "b"}
    assert [snapshot.version for snapshot in seen] == sorted({snapshot.version for snapshot in seen})


async def test_a_slow_watcher_gets_the_newest(bus: Bus) -> None:
    """A watcher that reads slowly must get the newest picture of each resource, and cost no more than that."""
    watcher = bus.watch()
    for number in range(10_000):
        bus.publish(picture("a", list(State)[number % 2]))
    bus.publish(picture("a", State.FINISHED))
    bus.close()
    seen = [shown(change) async for change in watcher]
    assert [(snapshot.name, snapshot.state) for snapshot in seen] == [
        ("b", State.NOT_STARTED),
        ("a", State.FINISHED),
    ]


async def test_what_shows_nothing_new_is_not_published(bus: Bus) -> None:
    """A picture that equals the one before must neither raise the version nor wake anybody."""
    version = bus.version
    bus.publish(picture("a"))
    assert bus.version == version


async def test_a_watcher_is_awakened(bus: Bus) -> None:
    """A watcher that has read all must get a change when it comes."""
    watcher = bus.watch()
    assert {shown(await anext(watcher)).name, shown(await anext(watcher)).name} == {"a", "b"}
    reading = asyncio.ensure_future(anext(watcher))
    await asyncio.sleep(0)
    assert not reading.done()
    bus.publish(picture("a", State.RUNNING))
    assert shown(await reading).state is State.RUNNING


async def test_a_watcher_of_a_closed_bus_ends(bus: Bus) -> None:
    """Watching a bus that is closed must give the last state and end."""
    bus.close()
    assert len([snapshot async for snapshot in bus.watch()]) == 2


async def test_a_watcher_that_was_never_read_is_forgotten(bus: Bus) -> None:
    """A watcher that was made and dropped, as by a client that hung up, must not be kept."""
    watcher = bus.watch()
    assert len(bus._watchers) == 1
    del watcher
    gc.collect()
    assert len(bus._watchers) == 0


async def test_a_wait_misses_nothing(bus: Bus) -> None:
    """A state that lasts for a moment only, within one turn of the loop, must end a wait for it."""
    waiting = asyncio.ensure_future(bus.wait_until(lambda: bus.current("a").state is State.RUNNING, ["a"]))
    await asyncio.sleep(0)
    bus.publish(picture("a", State.RUNNING))
    bus.publish(picture("a", State.FINISHED))
    await waiting


async def test_a_wait_reads_only_what_it_names(bus: Bus) -> None:
    """A condition must be judged when a resource it names changes, and not for all others; without names for all."""
    judged: list[str] = []

    def noting(name: str) -> bool:
        judged.append(name)
        return False

    waits = [
        asyncio.ensure_future(bus.wait_until(lambda: noting("a"), ["a"])),
        asyncio.ensure_future(bus.wait_until(lambda: noting("all"))),
    ]
    await asyncio.sleep(0)
    judged.clear()
    bus.publish(picture("b", State.RUNNING))
    assert judged == ["all"]
    bus.publish(picture("a", State.RUNNING))
    bus.reevaluate("a")
    assert judged == ["all", "a", "all", "a", "all"]
    bus.close()
    for wait in waits:
        with pytest.raises(NotRunning):
            await wait


async def test_a_condition_that_raises(bus: Bus) -> None:
    """What a condition raises must come out at who waits, and nowhere else."""

    def judge() -> bool:
        if bus.current("a").state is State.FINISHED:
            raise ValueError("in vain")
        return False

    waiting = asyncio.ensure_future(bus.wait_until(judge, ["a"]))
    await asyncio.sleep(0)
    bus.publish(picture("a", State.FINISHED))
    with pytest.raises(ValueError, match="in vain"):
        await waiting


async def test_a_cancelled_wait_is_forgotten(bus: Bus) -> None:
    """A wait that is cancelled must not be judged again."""
    waiting = asyncio.ensure_future(bus.wait_until(lambda: False, ["a", "b"]))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    assert not any(bus._waiters_by_id.values())


async def test_closing_ends_waits(bus: Bus) -> None:
    """A wait must end with an error when the run ends, also one that begins afterwards."""
    waiting = asyncio.ensure_future(bus.wait_until(lambda: False, ["a"]))
    await asyncio.sleep(0)
    bus.close()
    with pytest.raises(NotRunning, match="ended"):
        await waiting
    with pytest.raises(NotRunning, match="ended"):
        await bus.wait_until(lambda: False)


async def test_a_later_check_with_the_same_answer_is_no_change(bus: Bus) -> None:
    """A check that finds the same again must make no version and wake nobody, and yet its time must be seen."""

    def checked(at: float, status: HealthStatus = HealthStatus.HEALTHY) -> Snapshot:
        report = HealthReport("GET /", status, "", at)
        return Snapshot(name="a", kind="In memory", state=State.RUNNING, health=status, reports=(report,))

    bus.publish(checked(1.0))
    changes = bus.watch_batches()
    assert len(await anext(changes)) == 2
    version = bus.version
    bus.publish(checked(2.0))
    assert bus.version == version == bus.current("a").version
    assert bus.current("a").reports[0].checked_at == 2.0
    bus.publish(checked(3.0, HealthStatus.UNHEALTHY))
    (change,) = await anext(changes)
    assert change.version == version + 1


async def test_changes_come_in_batches(bus: Bus) -> None:
    """What has changed meanwhile must come at once, each resource once, in portions of the size that was asked for."""
    batches = bus.watch_batches(limit=2)
    for name in ("a", "c", "a"):
        bus.publish(picture(name, State.RUNNING))
    bus.publish(picture("a", State.FINISHED))
    bus.close()
    assert [[change.id for change in batch] async for batch in batches] == [["b", "c"], ["a"]]


async def test_removals_are_not_kept_for_ever(bus: Bus) -> None:
    """Observed resources that come and go must cost no memory once every watcher has read that they are gone."""
    slow = bus.watch()
    assert [(await anext(slow)).id for _ in range(2)] == ["a", "b"]
    for number in range(1000):
        bus.publish(Snapshot(name="x", kind="Pod", id=f"a/pod/-/{number}", origin="observed", owner="a"))
        bus.remove(f"a/pod/-/{number}")
    assert len(bus._changes) == 1002
    late = bus.watch_batches(limit=2000)
    assert [change.id for change in await anext(late)] == ["a", "b"]
    for number in range(1000):
        assert (await anext(slow)).id == f"a/pod/-/{number}"
    bus.publish(Snapshot(name="x", kind="Pod", id="a/pod/-/last", origin="observed", owner="a"))
    assert (await anext(slow)).id == "a/pod/-/last"
    assert len(await anext(late)) == 1
    bus.remove("a/pod/-/last")
    assert len(bus._changes) < 10
