"""The signals of a run, handled also while its event loop is stuck in user code."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from inspect import iscoroutinefunction
from types import FrameType
from typing import Any, TypeVarTuple, Unpack

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_KILL_SECONDS = 2.0
"""How long the second signal leaves for ending in order what can be; the watchdog sees to the rest."""


_Ts = TypeVarTuple("_Ts")


class HostLoop(asyncio.SelectorEventLoop):
    """The event loop of a run. Signal handlers that user code adds (a server in a callback) run beside the host's.

    With asyncio's own loops they would run instead of them, also for Ctrl+C.
    """

    def __init__(self) -> None:
        super().__init__()
        self.user_handlers: dict[int, Callable[[], object]] = {}
        self._before: dict[int, Any] = {}

    def add_signal_handler(self, sig: int, callback: Callable[[Unpack[_Ts]], object], *args: *_Ts) -> None:
        """Have a function called when a signal comes; it takes the place of an earlier one, but not of the host's.

        Raises:
            ValueError: There is no such signal, or this is not the main thread.
            TypeError: The function is a coroutine.
        """
        if iscoroutinefunction(callback):
            raise TypeError("coroutines cannot be used with add_signal_handler()")
        before = signal.getsignal(sig)
        if before is not _leave_to_the_thread:
            signal.signal(sig, _leave_to_the_thread)
            signal.siginterrupt(sig, False)
            self._before[sig] = signal.SIG_DFL if before is None else before
        self.user_handlers[sig] = partial(callback, *args)

    def remove_signal_handler(self, sig: int) -> bool:
        """Call the function no longer; returns whether there was one."""
        if sig in self._before:
            signal.signal(sig, self._before.pop(sig))
        return self.user_handlers.pop(sig, None) is not None

    def close(self) -> None:
        """Close it, and leave the signals as they were."""
        for sig in list(self.user_handlers):
            self.remove_signal_handler(sig)
        super().close()


@contextmanager
def handle_signals(on_signals: Mapping[int, Callable[[], None]]) -> Iterator[None]:
    """Have functions called on the running event loop, a :class:`HostLoop`, when signals come.

    With the second signal that asks for the end, the process ends within :data:`_KILL_SECONDS`, whatever the loop
    does. Signals that are ignored (``nohup``) stay so.

    Args:
        on_signals: What each signal calls.
    """
    handled = {number: call for number, call in on_signals.items() if signal.getsignal(number) is not signal.SIG_IGN}
    loop = asyncio.get_running_loop()
    assert isinstance(loop, HostLoop)
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    threading.Thread(target=_listen, args=(reading, loop, handled), name="signals", daemon=True).start()
    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    handlers = {number: signal.signal(number, _leave_to_the_thread) for number in handled}
    for number in handled:
        signal.siginterrupt(number, False)
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(before)
        os.close(writing)  # which ends the thread


def _listen(reading: int, loop: HostLoop, handled: Mapping[int, Callable[[], None]]) -> None:
    asked = 0
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        while received := pipe.read(64):
            for number in received:
                asked += number in ENDING and number in handled
                if asked == 2:
                    _end_soon()
                for call in filter(None, (handled.get(number), loop.user_handlers.get(number))):
                    with suppress(RuntimeError):  # the loop is closed
                        loop.call_soon_threadsafe(call)


def _end_soon() -> None:
    timer = threading.Timer(_KILL_SECONDS, os._exit, [1])
    timer.daemon = True
    timer.start()


def _leave_to_the_thread(number: int, frame: FrameType | None) -> None:
    """Without a handler of Python's own, the interpreter would not tell of the signal."""
