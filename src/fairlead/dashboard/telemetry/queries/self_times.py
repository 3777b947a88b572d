"""Self times: the part of each span's duration that none of its children account for."""

from __future__ import annotations

from fairlead.dashboard.telemetry.queries.span_tree import Node, SpanTree


def self_times(tree: SpanTree) -> dict[str, float]:
    """The self time of each span in seconds, by id."""
    return {node.span.span_id: self_time(node) for node in tree.nodes}


def self_time(node: Node) -> float:
    """The part of a span during which none of its children ran; children that run at the same time count once."""
    if not node.children:
        return node.duration
    covered = 0.0
    reached = node.start
    for child in sorted(node.children, key=lambda child: child.start):  # their clocks may have been moved
        start = max(child.start, reached)
        end = min(child.end, node.end)
        if end > start:
            covered += end - start
            reached = end
    return max(0.0, node.duration - covered)
