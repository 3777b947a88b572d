"""The traces of a run, in bounded memory."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from itertools import takewhile
from operator import attrgetter

from fairlead.dashboard.telemetry.documents import Dropped
from fairlead.dashboard.telemetry.records import Span
from fairlead.dashboard.telemetry.store.bell import Bell
from fairlead.dashboard.telemetry.store.kept_trace import KeptTrace
from fairlead.dashboard.telemetry.store.shares import fit

KEPT_TRACES = 10_000
"""Traces that are kept of all resources."""
KEPT_SPANS = 150_000
"""Spans that are kept of all traces."""
KEPT_SPAN_BYTES = 160 * 1024 * 1024
"""Bytes that they may take, about."""
SETTLED_SECONDS = 30.0
"""Seconds without a new span after which the first span of a trace is not expected any more."""

_FORGOTTEN = 20_000
IMPORTED = "\0imported"


class _Share:
    """The traces that count for one resource, oldest first."""

    __slots__ = ("size", "spans", "traces")

    def __init__(self) -> None:
        self.traces: OrderedDict[str, KeptTrace] = OrderedDict()
        self.spans = 0
        self.size = 0


class TraceStore:
    """Spans by trace. Belongs to the thread of the event loop.

    A trace counts for the resource of its first span, as far as it is known. When there are too many, or too many
    spans, the oldest trace of the resource with the most goes. A span that comes for a dropped trace is dropped too.

    Args:
        limit: How many traces are kept.
        span_limit: How many spans are kept.
        byte_limit: How many bytes they may take.
        clock: The monotonic clock, in seconds.
    """

    def __init__(
        self,
        limit: int = KEPT_TRACES,
        span_limit: int = KEPT_SPANS,
        byte_limit: int = KEPT_SPAN_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = limit
        self._span_limit = span_limit
        self._byte_limit = byte_limit
        self._clock = clock
        self._traces: OrderedDict[str, KeptTrace] = OrderedDict()  # the one that has changed last is the last
        self._shares: dict[str, _Share] = {}
        self._rootless: OrderedDict[str, KeptTrace] = OrderedDict()  # the one that has grown last is the last
        self._forgotten: OrderedDict[str, None] = OrderedDict()
        self._spans = 0
        self._size = 0
        self._dropped = 0
        self._dropped_spans = 0
        self._version = 0
        #: The resources that have sent spans.
        self.senders: frozenset[str] = frozenset()
        #: Rings when traces have changed.
        self.bell = Bell()

    @property
    def version(self) -> int:
        """The version of the last change."""
        return self._version

    @property
    def kept(self) -> Dropped:
        """How many traces were dropped, and how many are kept at most."""
        return Dropped(self._dropped, self._limit)

    @property
    def dropped_spans(self) -> int:
        """How many spans were dropped, those of dropped traces among them."""
        return self._dropped_spans

    @property
    def spans(self) -> int:
        """How many spans are kept."""
        return self._spans

    @property
    def size(self) -> int:
        """The bytes that the kept spans take, about."""
        return self._size

    def __len__(self) -> int:
        return len(self._traces)

    def find(self, trace_id: str) -> KeptTrace | None:
        """A trace by its id; None where there is none, or it was dropped."""
        return self._traces.get(trace_id)

    def all(self) -> list[KeptTrace]:
        """All traces, the one that has changed last as the last."""
        return list(self._traces.values())

    def changed_after(self, version: int) -> list[KeptTrace]:
        """The traces that have changed after a version, in the order of their last changes."""
        newer = takewhile(lambda trace: trace.version > version, reversed(self._traces.values()))
        return list(newer)[::-1]

    def add(self, spans: Iterable[Span], *, imported: bool = False) -> None:
        """Keep spans.

        Args:
            spans: Those that have come.
            imported: Whether they were exported before, maybe by another run: they come even if they were dropped.
        """
        changed: dict[str, KeptTrace] = {}
        for span in spans:
            trace = self._add(span, imported)
            if trace is not None:
                changed[trace.id] = trace
        now = self._clock()
        for trace in changed.values():
            trace.arrived = now
            self._note_change(trace)
            self._note_root(trace)
        self._fit()
        if changed:
            self.bell.ring()

    def settle(self) -> None:
        """Note a change of the traces whose first span is not expected any more."""
        oldest = self._clock() - SETTLED_SECONDS
        settled = [*takewhile(lambda trace: trace.arrived < oldest, self._rootless.values())]
        for trace in settled:
            del self._rootless[trace.id]
            self._note_change(trace)
        if settled:
            self.bell.ring()

    def is_running(self, trace: KeptTrace) -> bool:
        """Whether the span that all others of a trace are part of is still expected."""
        return trace.id in self._rootless

    def _add(self, span: Span, imported: bool) -> KeptTrace | None:
        trace = self._traces.get(span.trace_id)
        if trace is None:
            if span.trace_id in self._forgotten:
                if not imported:
                    self._dropped_spans += 1
                    return None
                del self._forgotten[span.trace_id]
            trace = self._begin(span, imported)
        elif trace.is_full and span.span_id not in trace.spans and (span.parent_id is not None or trace.has_root):
            trace.dropped += 1
            self._dropped_spans += 1
            return trace
        if not imported and span.sender.resource not in self.senders:
            self.senders |= {span.sender.resource}
        before = len(trace.spans)
        growth = trace.add(span)
        if growth is None:
            return None
        share = self._shares[trace.owner]
        grown = len(trace.spans) - before
        share.spans += grown
        share.size += growth
        self._spans += grown
        self._size += growth
        if span.parent_id is None and span.sender.resource != trace.owner and not trace.imported:
            self._give(trace, span.sender.resource)
        return trace

    def _begin(self, span: Span, imported: bool) -> KeptTrace:
        trace = KeptTrace(span.trace_id, IMPORTED if imported else span.sender.resource)
        trace.imported = imported
        self._traces[trace.id] = trace
        self._share(trace.owner).traces[trace.id] = trace
        return trace

    def _share(self, owner: str) -> _Share:
        share = self._shares.get(owner)
        if share is None:
            share = self._shares[owner] = _Share()
        return share

    def _give(self, trace: KeptTrace, owner: str) -> None:
        """Let a trace count for another resource; as its newest."""
        self._release(trace)
        trace.owner = owner
        share = self._share(owner)
        share.traces[trace.id] = trace
        share.spans += len(trace.spans)
        share.size += trace.size

    def _release(self, trace: KeptTrace) -> None:
        share = self._shares[trace.owner]
        del share.traces[trace.id]
        share.spans -= len(trace.spans)
        share.size -= trace.size

    def _note_change(self, trace: KeptTrace) -> None:
        self._version += 1
        trace.version = self._version
        self._traces.move_to_end(trace.id)

    def _note_root(self, trace: KeptTrace) -> None:
        self._rootless.pop(trace.id, None)
        if not trace.has_root and not trace.imported:
            self._rootless[trace.id] = trace

    def _fit(self) -> None:
        shares = self._shares.values()
        fit(lambda: len(self._traces) - self._limit, shares, lambda share: len(share.traces), self._drop_oldest)
        fit(lambda: self._spans - self._span_limit, shares, attrgetter("spans"), self._drop_oldest)
        fit(lambda: self._size - self._byte_limit, shares, attrgetter("size"), self._drop_oldest)

    def _drop_oldest(self, share: _Share) -> None:
        trace = next(iter(share.traces.values()))
        self._release(trace)
        del self._traces[trace.id]
        self._rootless.pop(trace.id, None)
        self._spans -= len(trace.spans)
        self._size -= trace.size
        self._dropped += 1
        self._dropped_spans += len(trace.spans)
        self._forgotten[trace.id] = None
        if len(self._forgotten) > _FORGOTTEN:
            self._forgotten.popitem(last=False)
