"""Spans as the waterfall shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from fairlead.dashboard.telemetry.documents import SpanEventView, SpanLinkView, SpanView
from fairlead.dashboard.telemetry.queries.attributes import Mask, attribute_views
from fairlead.dashboard.telemetry.queries.exceptions import span_exception
from fairlead.dashboard.telemetry.queries.longest_path import longest_path
from fairlead.dashboard.telemetry.queries.peers import Peers
from fairlead.dashboard.telemetry.queries.self_times import self_time
from fairlead.dashboard.telemetry.queries.span_tree import Node, SpanTree


@dataclass(frozen=True, slots=True)
class Waterfall:
    """A trace that is ready to be shown.

    Args:
        tree: The trace.
        path: The ids of the spans on its longest path.
        start: When it began.
    """

    tree: SpanTree
    path: frozenset[str]
    start: float

    @classmethod
    def of(cls, tree: SpanTree) -> Waterfall:
        """The waterfall of a trace."""
        return cls(tree, longest_path(tree), tree.start)

    def find(self, span_id: str) -> Node | None:
        """The node of a span."""
        return next((node for node in self.tree.nodes if node.span.span_id == span_id), None)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What spans have to do with beyond their trace.

    Args:
        peers: Tells the resources that send no spans.
        mask: Replaces secrets.
        logs: How many log entries belong to each span, by its id.
        is_kept: Whether the trace with an id is kept.
    """

    peers: Peers
    mask: Mask
    logs: Mapping[str, int]
    is_kept: Callable[[str], bool]


def span_views(waterfall: Waterfall, nodes: Iterable[Node], around: Surroundings) -> Iterator[SpanView]:
    """Return spans as they are shown.

    Args:
        waterfall: Their trace.
        nodes: Those of the trace that are wanted.
        around: What they have to do with.
    """
    for node in nodes:
        yield _span_view(waterfall, node, around)


def _span_view(waterfall: Waterfall, node: Node, around: Surroundings) -> SpanView:
    span, mask = node.span, around.mask
    moved = node.start - span.start  # its clock's difference from that of the trace
    return SpanView(
        span_id=span.span_id,
        parent_id=span.parent_id,
        name=mask(span.name),
        resource=around.peers.drawn_under(span),
        sender=span.sender.resource,
        instance=span.sender.instance,
        scope=span.scope,
        kind=span.kind,
        depth=node.depth,
        offset=node.start - waterfall.start,
        duration=node.duration,
        self_time=self_time(node),
        longest_path=span.span_id in waterfall.path,
        status=span.status,
        status_message=mask(span.status_message),
        attributes=attribute_views(span.attributes, mask),
        events=tuple(
            SpanEventView(event.name, event.time + moved - waterfall.start, attribute_views(event.attributes, mask))
            for event in span.events
        ),
        links=tuple(SpanLinkView(link.trace_id, link.span_id, around.is_kept(link.trace_id)) for link in span.links),
        exception=span_exception(span, mask),
        logs=around.logs.get(span.span_id, 0),
    )
