"""Observers of the apps that run in tests. Imports nothing, as the pytest plugin does at pytest's own start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from fairlead.testing.running import Running


class Observer(Protocol):
    """Is told when an app of ``testing`` is started and ends."""

    def opened(self, app: Running) -> None:
        """The app was started."""

    async def closing(self, app: Running, error: BaseException | None) -> None:
        """The app is about to be stopped; it is not before this returns.

        Args:
            app: The app.
            error: What ended the block that it ran for.
        """

    async def closed(self, app: Running) -> None:
        """The app has been stopped."""


class Evidence(Protocol):
    """A run of another process that this one uses, and that has something to say about a failure."""

    def sections(self) -> list[tuple[str, str]]:
        """Titles and texts for the report of a failed test."""


_observers: list[Observer] = []
_shared: list[Evidence] = []


def shared_runs() -> tuple[Evidence, ...]:
    """The runs of other processes that this one uses."""
    return tuple(_shared)


def share(run: Evidence) -> None:
    """Have a run asked about each failure from now on."""
    _shared.append(run)


def unshare(run: Evidence) -> None:
    """Have it asked no longer."""
    if run in _shared:
        _shared.remove(run)


def observers() -> tuple[Observer, ...]:
    """Those that are to be told."""
    return tuple(_observers)


def observe(observer: Observer) -> None:
    """Tell an observer from now on."""
    _observers.append(observer)


def forget(observer: Observer) -> None:
    """Tell an observer no longer."""
    if observer in _observers:
        _observers.remove(observer)
