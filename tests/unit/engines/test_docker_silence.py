"""When an engine counts as silent."""

from __future__ import annotations

import asyncio

import pytest
from tests.support.waiting import until

from fairlead.engines.docker import silence
from fairlead.engines.docker.silence import SilenceDetector


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in {"PAUSE": 0.01, "LIMIT_SECONDS": 0.1, "TICK": 0.01}.items():
        monkeypatch.setattr(silence, name, seconds)


class Engine:
    """An engine that can be told to keep silent."""

    def __init__(self) -> None:
        self.speaks = asyncio.Event()
        self.asked = asyncio.Semaphore(0)

    async def ask(self) -> None:
        self.asked.release()
        await self.speaks.wait()


async def test_what_is_open_is_cut_off_when_nothing_is_answered() -> None:
    """An engine that answers nothing must count as silent, until it answers again."""
    engine, cut = Engine(), asyncio.Event()
    detector = SilenceDetector(engine.ask)
    async with asyncio.timeout(60):
        with detector.cut_if_silent(cut.set):
            await cut.wait()
        assert detector.is_silent
        engine.speaks.set()
        await until(lambda: not detector.is_silent, "it is heard again")
    await detector.close()


async def test_a_long_answer_is_no_silence() -> None:
    """What takes long must be left alone while the engine says that it is there, or answers anything else."""
    engine, cut = Engine(), asyncio.Event()
    engine.speaks.set()
    detector = SilenceDetector(engine.ask)
    async with asyncio.timeout(60):
        with detector.cut_if_silent(cut.set):
            for _ in range(20):
                await engine.asked.acquire()
            engine.speaks.clear()
            for _ in range(20):
                await engine.asked.acquire()
                detector.note_answer()
    assert not cut.is_set() and not detector.is_silent
    await detector.close()


async def test_an_engine_that_is_gone_is_not_silent() -> None:
    """Who can't be asked at all must not count as silent: its connections tell of that by themselves."""
    asked, cut = asyncio.Semaphore(0), asyncio.Event()

    async def refuse() -> None:
        asked.release()
        raise ConnectionRefusedError

    detector = SilenceDetector(refuse)
    async with asyncio.timeout(60):
        with detector.cut_if_silent(cut.set):
            for _ in range(20):
                await asked.acquire()
    assert not cut.is_set() and not detector.is_silent
    await detector.close()


async def test_nothing_is_left_when_it_is_closed() -> None:
    """When the watch has ended, no question may be under way any more, nor what it has open."""
    asked = asyncio.Event()

    async def ask() -> None:
        asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            for _ in range(5):  # as long as it takes to close a connection
                await asyncio.sleep(0)

    detector = SilenceDetector(ask)
    async with asyncio.timeout(5):
        with detector.cut_if_silent(lambda: None):
            await asked.wait()
        await detector.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}
