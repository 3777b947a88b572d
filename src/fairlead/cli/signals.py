"""The signals of a run, heard also while its event loop is stuck in somebody's code."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_KILL_SECONDS = 2.0
"""How long the second signal leaves for ending in order what can be; the watchdog sees to the rest."""


@contextmanager
def heard(on_signals: Mapping[int, Callable[[], None]]) -> Iterator[None]:
    """Have functions called on the running event loop when signals come.

    With the second signal that asks for the end, the process ends within :data:`_KILL_SECONDS`, whatever the loop
    does. Signals that are ignored (``nohup``) stay so.

    Args:
        on_signals: What each signal calls.
    """
    heeded = [number for number in on_signals if signal.getsignal(number) is not signal.SIG_IGN]
    loop = asyncio.get_running_loop()
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    threading.Thread(target=_listen, args=(reading, loop, on_signals), name="signals", daemon=True).start()
    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    handlers = {number: signal.signal(number, _leave_to_the_thread) for number in heeded}
    for number in heeded:
        signal.siginterrupt(number, False)
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(before)
        os.close(writing)  # which ends the thread


def _listen(reading: int, loop: asyncio.AbstractEventLoop, on_signals: Mapping[int, Callable[[], None]]) -> None:
    asked = 0
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        while received := pipe.read(64):
            for number in received:
                asked += number in ENDING
                if asked == 2:
                    _end_soon()
                with suppress(KeyError, RuntimeError):  # one that is not for us; or the loop is closed
                    loop.call_soon_threadsafe(on_signals[number])


def _end_soon() -> None:
    timer = threading.Timer(_KILL_SECONDS, os._exit, [1])
    timer.daemon = True
    timer.start()


def _leave_to_the_thread(number: int, frame: FrameType | None) -> None:
    """Without a handler of Python's own, the interpreter would not tell of the signal."""
