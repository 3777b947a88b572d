"""The logs of a run: by the ids of the resources, in one order, free of secrets, and followed together.

All of it belongs to the thread of the event loop.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, Collection, Iterator, Mapping
from types import MappingProxyType

from fairlead.engines.turns import Turns
from fairlead.runtime.logs.counts import Counting
from fairlead.runtime.logs.cursor import cursor, position_of
from fairlead.runtime.logs.demand import Demand
from fairlead.runtime.logs.follower import Follower, Portion
from fairlead.runtime.logs.records import Gap, LogLine, OpenLine, Order
from fairlead.runtime.logs.ring import KEPT_BYTES, KEPT_LINES, ResourceLog
from fairlead.runtime.logs.text import Mask, without_colors

__all__ = ["Gap", "LogBook", "LogLine", "OpenLine", "Portion", "ResourceLog", "is_observed"]

_AT_ONCE = 8
"""Followers that read in one turn of the event loop, a thousand lines each at most."""

Sources = Mapping[str, Collection[str | None]]
"""For each id the parts of the resource whose lines are wanted; one that is not in it is wanted as a whole."""

OBSERVED_BYTES = 32 * 1024 * 1024
"""Bytes that the logs of all observed children take together."""


def is_observed(id: str) -> bool:
    """Whether an id is that of an observed child: ``<owner>/<kind>/<namespace or ->/<name>``."""
    return "/" in id


class LogBook:
    """The logs of all resources, and the secrets that none of them shows.

    Args:
        kept_lines: How many lines are kept of each.
        kept_bytes: How much memory the kept text of each may take.
        observed_bytes: How much memory the kept text of all observed children together may take.
    """

    def __init__(
        self,
        *,
        kept_lines: int = KEPT_LINES,
        kept_bytes: int = KEPT_BYTES,
        observed_bytes: int = OBSERVED_BYTES,
    ) -> None:
        self._kept_lines = kept_lines
        self._kept_bytes = kept_bytes
        self._observed_bytes = observed_bytes
        self._mask = Mask()
        self._order = Order()
        self._epoch = secrets.token_hex(4)
        self._logs: dict[str, ResourceLog] = {}
        #: Set when the book is closed.
        self.closing = asyncio.Event()
        self._followers: dict[_BookFollower, None] = {}
        self._turns = Turns(_AT_ONCE)
        #: The readers of logs that are followed only while they are read.
        self.demand = Demand()
        #: The counts of the lines, while somebody asks for them.
        self.counting = Counting()

    def log(self, id: str) -> ResourceLog:
        """Return the log of a resource, made on first use."""
        log = self._logs.get(id)
        if log is None:
            log = self._logs[id] = ResourceLog(
                id,
                self._mask,
                self._order,
                kept_lines=self._kept_lines,
                kept_bytes=self._kept_bytes,
                on_growth=self._fit_observed if is_observed(id) else lambda: None,
            )
            if self.closing.is_set():
                log.close()
            for follower in self._followers:
                follower.take_in(log)
        return log

    def forget(self, id: str) -> None:
        """Drop the log of an observed child that is gone. Followers of such logs alone read the rest, and end."""
        self.demand.withdraw(id)
        self._logs.pop(id, None)
        for follower in self._followers:
            follower.lose(id)

    def names(self) -> list[str]:
        """Return the ids of the logs of declared resources, in the order in which they were made."""
        return [id for id in self._logs if not is_observed(id)]

    def present(self, ids: Collection[str] | None = None) -> list[ResourceLog]:
        """Return those of some logs that have been made; without ids, those of declared resources."""
        return [self._logs[id] for id in (self.names() if ids is None else ids) if id in self._logs]

    def last_line(self, id: str, source: str | None = None) -> str:
        """Return the last line that a resource has written, without control sequences; empty without one.

        Args:
            id: The resource.
            source: Only what this part of it has written.
        """
        log = self._logs.get(id)
        return without_colors(log.last_line(source)).strip() if log is not None else ""

    def mask(self, secret: str) -> None:
        """Replace a secret by ``***`` in everything that is written to any log from now on. See ``Mask``."""
        self._mask.add(secret)

    def masked(self, text: str) -> str:
        """A text that is shown elsewhere than in a log, with the secrets replaced."""
        return self._mask.apply(text)

    def cursor(self, position: int | None = None) -> str:
        """Return the cursor behind the line at a position; behind the newest line without one."""
        return cursor(self._epoch, self._order.next - 1 if position is None else position)

    def read(
        self,
        ids: Collection[str] | None = None,
        tail: int | None = None,
        after: str | None = None,
        *,
        sources: Sources = MappingProxyType({}),
    ) -> Iterator[list[Portion]]:
        """Return what is in several logs now, in the order in which it was written, in portions of bounded size.

        What is dropped between two portions makes a gap.

        Args:
            ids: The resources; None for all that are declared.
            tail: How many of the last lines of each; None for all that are kept.
            after: Only what comes behind this cursor; all where it is one of another run.
            sources: Of these resources only the lines of some parts, such as replicas.

        Raises:
            UsageError: ``after`` is no cursor.
        """
        follower = self._follower(ids, tail, after, sources, open_lines=False)
        return _read_all(follower, self._order.next)

    def follow(
        self,
        ids: Collection[str] | None = None,
        tail: int | None = None,
        after: str | None = None,
        *,
        open_lines: bool = False,
        sources: Sources = MappingProxyType({}),
    ) -> AsyncGenerator[list[Portion]]:
        """Return what is in several logs, then what comes, in the order of writing, until the book is closed.

        What is replayed is settled by this call, not by the first read. Lines that the ring has dropped before they
        were read make a gap before the next line of their log.

        Args:
            ids: The resources, whose logs may be yet to be made; None for all that are declared. Those that are named
                count as read, see ``Demand``.
            tail: How many of the last lines of each to begin with; None for all that are kept. A log made later is
                given from its beginning.
            after: Begin behind this cursor; without effect where it is one of another run.
            open_lines: Whether to give open lines too, each time they change.
            sources: Of these resources only the lines of some parts, such as replicas.

        Raises:
            UsageError: ``after`` is no cursor.
        """
        return self._follow(self._follower(ids, tail, after, sources, open_lines=open_lines))

    def close(self) -> None:
        """Close all logs, and those that are made from now on."""
        self.closing.set()
        for log in self._logs.values():
            log.close()
        for follower in self._followers:
            follower.wake()

    def _follower(
        self, ids: Collection[str] | None, tail: int | None, after: str | None, sources: Sources, *, open_lines: bool
    ) -> _BookFollower:
        position = None if after is None else position_of(after, self._epoch)
        follower = _BookFollower(ids, sources, open_lines=open_lines)
        for log in self._logs.values():
            if follower.wants(log):
                start = log.start_of_tail(tail, sources.get(log.id))
                if position is not None:
                    behind = log.number_behind(position)
                    start = behind if tail is None else max(start, behind)
                follower.add(log, start, sources.get(log.id))
        return follower

    async def _follow(self, follower: _BookFollower) -> AsyncGenerator[list[Portion]]:
        self._followers[follower] = None
        follower.listen()
        for log in self._logs.values():  # those that were made since the call
            follower.take_in(log)
        try:
            with self.demand.reading(follower.named):
                while True:
                    await self._turns.take()
                    if portions := follower.read():
                        yield portions
                    elif self.closing.is_set() or follower.is_over:
                        return
                    else:
                        await follower.wait()
        finally:
            del self._followers[follower]
            follower.close()

    def _fit_observed(self) -> None:
        """Drop the oldest lines of the largest observed log until all of them together are small enough."""
        observed = [log for id, log in self._logs.items() if is_observed(id)]
        excess = sum(log.size for log in observed) - self._observed_bytes
        while excess > 0:
            largest = max(observed, key=lambda log: log.size)
            before = largest.size
            largest.drop_oldest()
            excess -= before - largest.size


class _BookFollower(Follower):
    """A follower of those logs of a book that it wants.

    Args:
        ids: The ids of the logs it wants; None for those of declared resources.
        sources: Of these only the lines of some parts.
        open_lines: Whether to read the open lines too.
    """

    def __init__(self, ids: Collection[str] | None, sources: Sources, *, open_lines: bool) -> None:
        super().__init__(open_lines=open_lines)
        self._sources = sources
        self._ids = None if ids is None else frozenset(ids)
        self._lost: set[str] = set()

    @property
    def named(self) -> frozenset[str]:
        """The ids that were asked for one by one."""
        return self._ids or frozenset()

    def wants(self, log: ResourceLog) -> bool:
        """Whether a log is one of those that are read."""
        return not is_observed(log.id) if self._ids is None else log.id in self._ids

    def take_in(self, log: ResourceLog) -> None:
        """Read a log that was made after the beginning, from its first line, if it is wanted."""
        if self.wants(log):
            self._lost.discard(log.id)
            self.add(log, 1, self._sources.get(log.id))

    def lose(self, id: str) -> None:
        """Expect no more of a log than there is."""
        self._lost.add(id)
        self.wake()

    @property
    def is_over(self) -> bool:
        """Whether all the logs that it was asked for by id are gone."""
        return bool(self.named) and self.named <= self._lost


def _read_all(follower: Follower, until: int) -> Iterator[list[Portion]]:
    try:
        while portions := follower.read(until):
            yield portions
    finally:
        follower.close()
