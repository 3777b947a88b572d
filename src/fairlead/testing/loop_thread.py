"""An event loop in a thread of its own, for code that has none: tests of Django and Flask apps, notebooks, scripts."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class LoopThread:
    """Runs coroutines for a thread that blocks meanwhile. It is a daemon: a program that ends doesn't wait for it."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)  # else it is this thread's loop as well
        self._loop = self._runner.get_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fairlead testing", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end; when the wait for it is interrupted (Ctrl+C), it is cancelled.

        Raises:
            Exception: What the coroutine raises.
        """
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def call(self, function: Callable[[], T]) -> T:
        """Call a function in the thread of the loop, where what belongs to the loop may be looked at."""

        async def call() -> T:
            return function()

        return self.run(call())

    def close(self) -> None:
        """Cancel what still runs, and end the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._runner.close()


def runs_here() -> bool:
    """Whether an event loop runs in this thread."""
    return asyncio._get_running_loop() is not None
