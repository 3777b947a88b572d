"""One trace as far as its spans have come."""

from __future__ import annotations

from dataclasses import replace

from fairlead.dashboard.telemetry.records import Span
from fairlead.dashboard.telemetry.store.sizes import LONGEST_TEXT, attributes_size, cut_attributes

LONGEST_TRACE = 10_000
"""Spans that are kept of one trace."""

_BASE_BYTES = 450
_MOST = 128  # events, and links, of a span that is too large


class KeptTrace:
    """The spans of one trace.

    Args:
        id: The trace's id.
        owner: The resource whose share it counts for.
    """

    __slots__ = ("arrived", "dropped", "has_root", "id", "imported", "owner", "size", "spans", "version")

    def __init__(self, id: str, owner: str) -> None:
        self.id = id
        self.owner = owner
        #: Its spans by id, in the order of arrival.
        self.spans: dict[str, Span] = {}
        #: The bytes that they take, about.
        self.size = 0
        #: The version of its last change.
        self.version = 0
        #: When its last span came, by the monotonic clock.
        self.arrived = 0.0
        #: Whether a span without a parent has come.
        self.has_root = False
        #: How many spans were left out, as it was full.
        self.dropped = 0
        #: Whether it was imported.
        self.imported = False

    @property
    def is_full(self) -> bool:
        """Whether no more spans are kept, except the first of the trace, which comes last."""
        return len(self.spans) >= LONGEST_TRACE

    def add(self, span: Span) -> int | None:
        """Keep a span; one that has come before is replaced.

        Returns:
            By how many bytes it has grown; None where nothing is new.
        """
        known = self.spans.get(span.span_id)
        if known == span:
            return None
        size = _size(span)
        if size > LONGEST_TEXT:
            span = _cut(span)
            size = _size(span)
        growth = size - (0 if known is None else _size(known))
        self.spans[span.span_id] = span
        self.size += growth
        self.has_root = self.has_root or span.parent_id is None
        return growth


def _size(span: Span) -> int:
    size = _BASE_BYTES + len(span.name) + attributes_size(span.attributes)
    if span.events:
        size += sum(200 + attributes_size(event.attributes) for event in span.events)
    return size + 200 * len(span.links)


def _cut(span: Span) -> Span:
    events = tuple(replace(event, attributes=cut_attributes(event.attributes)) for event in span.events[:_MOST])
    return replace(span, attributes=cut_attributes(span.attributes), events=events, links=span.links[:_MOST])
