"""The structured logs of a run, in bounded memory."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from itertools import islice
from operator import attrgetter

from fairlead.dashboard.telemetry.documents import Dropped, Level
from fairlead.dashboard.telemetry.levels import level_of
from fairlead.dashboard.telemetry.records import LogRecord
from fairlead.dashboard.telemetry.store.bell import Bell
from fairlead.dashboard.telemetry.store.log_ring import KeptLog, LogRing
from fairlead.dashboard.telemetry.store.shares import fit
from fairlead.dashboard.telemetry.store.sizes import LONGEST_TEXT, attributes_size, cut_attributes, cut_text

KEPT_LOGS = 100_000
"""Entries that are kept of all resources."""
KEPT_LOG_BYTES = 128 * 1024 * 1024
"""Bytes that they may take, about."""

_BASE_BYTES = 400
_id = attrgetter("id")


class LogStore:
    """Structured log entries, numbered in the order of arrival. Belongs to the thread of the event loop.

    Args:
        limit: How many are kept.
        byte_limit: How many bytes they may take.
    """

    def __init__(self, limit: int = KEPT_LOGS, byte_limit: int = KEPT_LOG_BYTES) -> None:
        self._limit = limit
        self._byte_limit = byte_limit
        self._rings: dict[str, LogRing] = {}
        self._by_trace: dict[str, dict[int, KeptLog]] = {}
        self._count = 0
        self._size = 0
        self._dropped = 0
        self._last = 0
        #: Rings when there are new entries.
        self.bell = Bell()

    @property
    def last(self) -> int:
        """The number of the newest entry; 0 before the first."""
        return self._last

    @property
    def kept(self) -> Dropped:
        """How many were dropped, and how many are kept at most."""
        return Dropped(self._dropped, self._limit)

    @property
    def size(self) -> int:
        """The bytes that the kept entries take, about."""
        return self._size

    def add(self, records: Iterable[LogRecord]) -> None:
        """Keep entries; the oldest of those who hold the most give way."""
        for record in records:
            self._add(record)
        fit(lambda: self._count - self._limit, self._rings.values(), len, self._drop_oldest)
        fit(lambda: self._size - self._byte_limit, self._rings.values(), attrgetter("size"), self._drop_oldest)
        self.bell.ring()

    def _add(self, record: LogRecord) -> None:
        size = _BASE_BYTES + len(record.body) + attributes_size(record.attributes)
        if size > LONGEST_TEXT:
            record = replace(record, body=cut_text(record.body), attributes=cut_attributes(record.attributes))
            size = _BASE_BYTES + len(record.body) + attributes_size(record.attributes)
        self._last += 1
        entry = KeptLog(self._last, level_of(record.severity, record.severity_text), record, size)
        ring = self._rings.get(record.sender.resource)
        if ring is None:
            ring = self._rings[record.sender.resource] = LogRing()
        ring.add(entry)
        self._count += 1
        self._size += size
        if record.trace_id is not None:
            self._by_trace.setdefault(record.trace_id, {})[entry.id] = entry

    def _drop_oldest(self, ring: LogRing) -> None:
        entry = ring.take_oldest()
        self._count -= 1
        self._size -= entry.size
        self._dropped += 1
        trace_id = entry.record.trace_id
        if trace_id is not None:
            entries = self._by_trace[trace_id]
            del entries[entry.id]
            if not entries:
                del self._by_trace[trace_id]

    def find(self, id: int) -> KeptLog | None:
        """The entry with a number; None where there is none, or it was dropped."""
        for ring in self._rings.values():
            found = ring.behind(id - 1, 1)
            if found and found[0].id == id:
                return found[0]
        return None

    def of_trace(self, trace_id: str) -> list[KeptLog]:
        """The entries of a trace."""
        return list(self._by_trace.get(trace_id, {}).values())

    def behind(self, id: int, limit: int, resources: Collection[str] | None = None) -> list[KeptLog]:
        """The first entries with a number above one, in the order of arrival.

        Args:
            id: The number; 0 for all.
            limit: How many at most.
            resources: Of which resources; None for all.
        """
        parts = [part for ring in self._chosen(resources) if (part := ring.behind(id, limit))]
        return parts[0] if len(parts) == 1 else list(islice(heapq.merge(*parts, key=_id), limit))

    def before(self, id: int, limit: int, resources: Collection[str] | None = None) -> list[KeptLog]:
        """The last entries with a number below one, in the order of arrival; see :meth:`behind`."""
        parts = [part for ring in self._chosen(resources) if (part := ring.before(id, limit))]
        return parts[0] if len(parts) == 1 else sorted((each for part in parts for each in part), key=_id)[-limit:]

    def lost(self, after: int, until: int, resources: Collection[str] | None = None) -> int:
        """How many entries between two numbers were dropped, as far as is known."""
        return sum(ring.lost(after, until) for ring in self._chosen(resources))

    def levels(self, resources: Collection[str] | None = None) -> dict[str, Counter[Level]]:
        """How many entries of each level are kept, by resource."""
        chosen = self._rings if resources is None else {id: self._rings[id] for id in resources if id in self._rings}
        return {id: Counter(ring.levels) for id, ring in chosen.items()}

    def _chosen(self, resources: Collection[str] | None) -> Sequence[LogRing]:
        if resources is None:
            return list(self._rings.values())
        return [self._rings[id] for id in resources if id in self._rings]
