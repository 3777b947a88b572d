"""The longest path of a trace: the spans without which it would have been shorter.

It is walked backwards, from the last end: what ended last before a moment is what that moment waited for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fairlead.dashboard.telemetry.queries.span_tree import Node, SpanTree

_LATE_SHARE = 0.1
_LATE_SECONDS = 0.005
_LEAST_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Segment:
    """A time in which a span, and none of its children, was what the trace waited for."""

    node: Node
    start: float
    end: float


def longest_path(tree: SpanTree) -> frozenset[str]:
    """The ids of the spans on the longest path, which is a path: with each also its parent.

    Those that account for less than a hundredth of the trace are left out, except the last to end.
    """
    least = (tree.end - tree.start) * _LEAST_SHARE
    path: set[str] = set()
    for node, until in _visits(tree):
        if until - node.start >= least or not path:
            at: Node | None = node
            while at is not None and at.span.span_id not in path:
                path.add(at.span.span_id)
                at = at.parent
    return frozenset(path)


def path_segments(tree: SpanTree) -> list[Segment]:
    """The longest path in pieces, the last one first; they don't overlap."""
    return [Segment(node, start, end) for node, start, end in _walk(tree) if end > start]


def _visits(tree: SpanTree) -> Iterator[tuple[Node, float]]:
    """Each span of the path with the latest moment at which it was what the trace waited for."""
    seen: set[str] = set()
    for node, _, end in _walk(tree):
        if node.span.span_id not in seen:
            seen.add(node.span.span_id)
            yield node, end


def _walk(tree: SpanTree) -> Iterator[tuple[Node, float, float]]:
    """Spans with times in which none of their children held up the trace, backwards; some of no length."""
    queues = {node.span.span_id: sorted(node.children, key=_by_end) for node in tree.nodes}  # the last end is the last
    roots = sorted(tree.roots, key=_by_end)
    node: Node | None = max(tree.nodes, key=lambda each: (each.end, -each.depth))
    assert node is not None
    entered = {node.span.span_id}
    moment = node.end
    while node is not None:
        child = _last_before(queues[node.span.span_id], moment, entered)
        if child is not None:
            end = min(child.end, moment)
            yield node, min(max(node.start, end), moment), moment
            entered.add(child.span.span_id)
            node, moment = child, end
            continue
        yield node, min(node.start, moment), moment
        moment = min(node.start, moment)
        if node.parent is not None:
            node = node.parent
            entered.add(node.span.span_id)
            moment = min(moment, node.end)
        else:
            node = _last_before(roots, moment, entered)
            if node is not None:
                entered.add(node.span.span_id)
                moment = min(moment, node.end)


def _by_end(node: Node) -> tuple[float, float, str]:
    return node.end, node.start, node.span.span_id


def _last_before(queue: list[Node], moment: float, entered: set[str]) -> Node | None:
    """Take the node that ended last before a moment; those that ended later did not hold it up.

    A server's span often ends a little after that of its client, who has the answer before the server has cleaned up.
    """
    while queue:
        node = queue.pop()
        if node.span.span_id in entered:
            continue
        tolerance = min(_LATE_SHARE * node.duration, _LATE_SECONDS)
        if node.end <= moment + tolerance and (node.start < moment or node.start == node.end):
            return node
    return None
