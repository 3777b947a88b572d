"""Traces as a list shows them, and which of them are asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from fairlead.dashboard.telemetry.documents import ResourceShare, TraceView
from fairlead.dashboard.telemetry.queries.attributes import Mask
from fairlead.dashboard.telemetry.queries.filters import Filter, has_text, parse_filter, sent_value
from fairlead.dashboard.telemetry.queries.peers import Peers
from fairlead.dashboard.telemetry.queries.self_times import self_time
from fairlead.dashboard.telemetry.queries.span_tree import SpanTree
from fairlead.dashboard.telemetry.records import AttributeValue, Span
from fairlead.errors import UsageError

SLOW_SECONDS = 0.5
"""Seconds from which on a trace counts as slow."""
_SHORTEST_ID = 4
_ATTRIBUTE = re.compile(r"[\w.-]+")


@dataclass(slots=True)
class _Account:
    spans: int = 0
    self_time: float = 0.0
    operation: str = ""
    longest: float = -1.0

    def add(self, name: str, seconds: float) -> None:
        self.spans += 1
        self.self_time += seconds
        if seconds > self.longest:
            self.operation, self.longest = name, seconds


def resource_shares(tree: SpanTree, peers: Peers, mask: Mask) -> tuple[ResourceShare, ...]:
    """What each resource has to do with a trace, longest self time first.

    Args:
        tree: The trace.
        peers: Tells the resources that send no spans.
        mask: Replaces secrets.
    """
    accounts: dict[str, _Account] = {}
    for node in tree.nodes:
        resource = peers.drawn_under(node.span)
        account = accounts.get(resource)
        if account is None:
            account = accounts[resource] = _Account()
        account.add(node.span.name, self_time(node))
    shares = [
        ResourceShare(resource, each.spans, each.self_time, mask(each.operation), each.longest)
        for resource, each in accounts.items()
    ]
    return tuple(sorted(shares, key=lambda share: (-share.self_time, share.resource)))


def trace_view(
    tree: SpanTree, peers: Peers, mask: Mask, *, running: bool, imported: bool, version: int, dropped: int = 0
) -> TraceView:
    """Return a trace as a list shows it.

    Args:
        tree: The trace.
        peers: Tells the resources that send no spans.
        mask: Replaces secrets.
        running: Whether its first span is still expected.
        imported: Whether it was imported.
        version: The version of its last change.
        dropped: How many spans were left out.
    """
    first = tree.first
    return TraceView(
        trace_id=first.span.trace_id,
        name=mask(first.span.name),
        resource=first.span.sender.resource,
        start=tree.start,
        duration=tree.end - tree.start,
        spans=len(tree.nodes),
        errors=sum(node.span.status == "error" for node in tree.nodes),
        running=running,
        shares=resource_shares(tree, peers, mask),
        imported=imported,
        dropped=dropped,
        version=version,
    )


@dataclass(frozen=True, slots=True)
class TraceQuery:
    """What a trace has to be.

    Args:
        resources: The ids of resources, one of which has to do with it; None for all.
        text: What a name, an id or a value in it contains, in lower case; empty for anything.
        filter: What an attribute of one of its spans is; None for anything.
        least: The shortest duration.
        errors: Whether a span of it has ended with an error.
    """

    resources: frozenset[str] | None = None
    text: str = ""
    filter: Filter | None = None
    least: float = 0.0
    errors: bool = False

    @property
    def looks_at_spans(self) -> bool:
        """Whether spans have to be looked at."""
        return bool(self.text) or self.filter is not None

    def concerns(self, view: TraceView) -> bool:
        """Whether a trace is of the resources that are asked for."""
        return self.resources is None or any(share.resource in self.resources for share in view.shares)

    def matches(self, view: TraceView) -> bool:
        """Whether a trace is long enough, and has failed if it has to."""
        return view.duration >= self.least and (view.errors > 0 or not self.errors)

    def finds(self, trace_id: str, spans: Iterable[Span]) -> bool:
        """Whether the text or the filter fits one of the spans."""
        if self.filter is not None:
            return any(self.filter.holds(partial(span_value, span)) for span in spans)
        if len(self.text) >= _SHORTEST_ID and self.text in trace_id:
            return True
        return any(_contains(span, self.text) for span in spans)


def _contains(span: Span, text: str) -> bool:
    return (
        text in span.name.lower()
        or text in span.sender.resource.lower()
        or text == span.span_id
        or text in span.status_message.lower()
        or has_text(span.attributes, text)
    )


def span_value(span: Span, name: str) -> AttributeValue:
    """The value that a filter means by a name: an attribute of the span, of its sender, or a field."""
    value = sent_value(span, name)
    if value is not None:
        return value
    fields: dict[str, AttributeValue] = {
        "name": span.name,
        "kind": span.kind,
        "status": span.status,
        "resource": span.sender.resource,
        "instance": span.sender.instance,
        "scope": span.scope,
        "duration": span.end - span.start,
    }
    return fields.get(name)


def parse_trace_search(text: str) -> tuple[str, Filter | None]:
    """Read what a user looks for: a text, or an attribute with its value, as in ``order.id = ord_5509``.

    Returns:
        The text in lower case, and the filter; at most one of them is something.
    """
    text = text.strip()
    try:
        wanted = parse_filter(text)
    except UsageError:
        return text.lower(), None
    return ("", wanted) if _ATTRIBUTE.fullmatch(wanted.name) else (text.lower(), None)
