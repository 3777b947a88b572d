"""The spans of a trace as a tree, whatever has come: orphans, circles, clocks that differ.

Nothing here is recursive: a trace may be ten thousand spans deep.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fairlead.dashboard.telemetry.records import Span


@dataclass(slots=True, eq=False)
class Node:
    """A span in its tree.

    Args:
        span: The span.
        parent: The node it is below; None for a root.
        depth: How many nodes it is below.
        start: When it began, by the clock of the trace's first span.
        end: When it ended, by the same clock.
        children: The nodes below it, by their beginning.
    """

    span: Span
    parent: Node | None = None
    depth: int = 0
    start: float = 0.0
    end: float = 0.0
    children: list[Node] = field(default_factory=list)

    @property
    def duration(self) -> float:
        """How long it took."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class SpanTree:
    """The spans of a trace.

    Args:
        nodes: All of them, depth first, by their beginning.
        roots: Those that are below none.
    """

    nodes: tuple[Node, ...]
    roots: tuple[Node, ...]

    @property
    def first(self) -> Node:
        """The node that stands for the trace: one without a parent, else the first to begin."""
        return min(self.roots, key=lambda node: (node.span.parent_id is not None, node.start, node.span.span_id))

    @property
    def start(self) -> float:
        """When the trace began."""
        return min(node.start for node in self.nodes)

    @property
    def end(self) -> float:
        """When its last span ended."""
        return max(node.end for node in self.nodes)


def span_tree(spans: Iterable[Span]) -> SpanTree:
    """Return the tree of a trace.

    A span whose parent is not there is a root; in a circle of parents the first to begin is.

    Args:
        spans: The spans of one trace, at least one, in any order; their ids differ.
    """
    nodes = {span.span_id: Node(span) for span in sorted(spans, key=lambda span: (span.start, span.span_id))}
    parents = _parents(nodes)
    for id, node in nodes.items():
        parent_id = parents.get(id)
        if parent_id is not None:
            node.parent = nodes[parent_id]
            node.parent.children.append(node)
    roots = [node for node in nodes.values() if node.parent is None]
    ordered = _ordered(roots)
    _set_times(ordered)
    return SpanTree(tuple(ordered), tuple(roots))


def _parents(nodes: Mapping[str, Node]) -> dict[str, str]:
    """The parent of each span, as far as it is there, without circles."""
    parents: dict[str, str] = {}
    for id, node in nodes.items():
        parent_id = node.span.parent_id
        if parent_id is not None and parent_id in nodes and parent_id != id:
            parents[id] = parent_id
    done: set[str] = set()
    for id in nodes:
        path: dict[str, None] = {}
        at: str | None = id
        while at is not None and at not in done and at not in path:
            path[at] = None
            at = parents.get(at)
        if at is not None and at in path:
            steps = list(path)
            circle = steps[steps.index(at) :]
            del parents[min(circle, key=lambda each: (nodes[each].span.start, each))]
        done.update(path)
    return parents


def _ordered(roots: list[Node]) -> list[Node]:
    ordered: list[Node] = []
    stack = roots[::-1]
    while stack:
        node = stack.pop()
        ordered.append(node)
        for child in reversed(node.children):
            child.depth = node.depth + 1
            stack.append(child)
    return ordered


def _set_times(ordered: list[Node]) -> None:
    """Set the times of all nodes, parents first.

    A span that begins before its parent does is of another clock: all spans of its sender are then moved by as much as
    puts this one in the middle of its parent, as a call and its answer take about as long.
    """
    shifts: dict[tuple[str, str], float] = {}
    for node in ordered:
        span = node.span
        clock = (span.sender.resource, span.sender.instance)
        shift = shifts.get(clock)
        if shift is None:
            shift = shifts[clock] = 0.0 if node.parent is None else _shift(span, node.parent)
        node.start = span.start + shift
        node.end = max(node.start, span.end + shift)


def _shift(span: Span, parent: Node) -> float:
    if span.start >= parent.start:
        return 0.0
    slack = parent.duration - (span.end - span.start)
    return parent.start - span.start + max(0.0, slack) / 2
