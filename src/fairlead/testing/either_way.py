"""What is entered by ``async with`` in a coroutine, and by ``with`` where no event loop runs."""

from __future__ import annotations

from abc import abstractmethod
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from types import TracebackType
from typing import TypeVar

from fairlead.errors import UsageError
from fairlead.testing.loop_thread import LoopThread, runs_here

A = TypeVar("A")
B = TypeVar("B")


class EitherWay(AbstractAsyncContextManager[A], AbstractContextManager[B]):
    """An asynchronous context manager that can be entered without an event loop: it then lives in a thread."""

    _thread: LoopThread | None = None

    @abstractmethod
    def _blocking(self, entered: A, thread: LoopThread) -> B:
        """What ``with`` gives, whose methods block.

        Args:
            entered: What ``async with`` would give.
            thread: Runs its coroutines.
        """

    def __enter__(self) -> B:
        """Enter it in a thread of its own.

        Raises:
            UsageError: An event loop runs here, which ``with`` would hold up; or as for ``async with``.
            DefinitionError: As for ``async with``.
        """
        if runs_here():
            raise UsageError(
                "an event loop runs here, and `with` would hold it up", remedy="Write `async with` in a coroutine."
            )
        self._thread = LoopThread()
        try:
            return self._blocking(self._thread.run(self.__aenter__()), self._thread)
        except BaseException:
            self._end_thread()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave it, however the block ended."""
        if self._thread is not None:
            try:
                self._thread.run(self._leave(kind, error, trace))
            finally:
                self._end_thread()

    async def _leave(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.__aexit__(kind, error, trace)

    def _end_thread(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.close()
