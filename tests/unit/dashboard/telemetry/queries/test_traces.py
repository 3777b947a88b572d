"""Traces as trees: order, self times, the longest path, whatever spans have come."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from tests.support.records import hex_id, sender, span

from fairlead.dashboard.telemetry.queries.longest_path import longest_path, path_segments
from fairlead.dashboard.telemetry.queries.self_times import self_times
from fairlead.dashboard.telemetry.queries.span_tree import SpanTree, span_tree
from fairlead.dashboard.telemetry.records import Span

# What spans may come

any_spans = st.lists(
    st.builds(
        span,
        st.integers(1, 12),
        st.none() | st.integers(1, 14),
        st.integers(0, 100).map(float),
        st.integers(0, 120).map(float),
        st.sampled_from(("api", "web", "worker")),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda each: each.span_id,
)
"""Spans with any parents, among them missing ones and circles, and any times, with ends before their beginnings."""


@st.composite
def nested_spans(draw: st.DrawFn) -> list[Span]:
    """The spans of a trace in which each child is within its parent, and no two children run at the same time."""
    spans = [span(1, None, 0.0, 1000.0)]
    rooms = [(1, 0.0, 1000.0)]
    for number in range(2, 2 + draw(st.integers(0, 10))):
        parent, start, end = rooms[draw(st.integers(0, len(rooms) - 1))]
        if end - start < 8:
            continue
        begin = start + draw(st.integers(0, int((end - start) / 4)))
        stop = begin + draw(st.integers(1, int((end - begin) / 2)))
        spans.append(span(number, parent, begin, stop))
        rooms[rooms.index((parent, start, end))] = (parent, stop, end)
        rooms.append((number, begin, stop))
    return spans


def busy_time(tree: SpanTree) -> float:
    """How long at least one span ran."""
    busy, reached = 0.0, float("-inf")
    for node in sorted(tree.nodes, key=lambda node: node.start):
        busy += max(0.0, node.end - max(node.start, reached))
        reached = max(reached, node.end)
    return busy


# The tree


@given(any_spans)
def test_each_span_is_there_once_and_depth_first(spans: list[Span]) -> None:
    """Whatever has come, each span must be in the order once, behind its parent, and children by their beginning."""
    tree = span_tree(spans)
    assert sorted(node.span.span_id for node in tree.nodes) == sorted(each.span_id for each in spans)
    path: list[str] = []
    for node in tree.nodes:
        assert node.depth <= len(path)
        path[node.depth :] = [node.span.span_id]
        assert node.parent is None if node.depth == 0 else path[node.depth - 1] == node.parent.span.span_id  # type: ignore[union-attr]
        starts = [child.span.start for child in node.children]
        assert starts == sorted(starts)


@given(any_spans, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(spans: list[Span], random: st.randoms) -> None:  # type: ignore[valid-type]
    """The same spans must give the same tree in whatever order they have come."""
    shuffled = list(spans)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert [(node.span.span_id, node.depth, node.start) for node in span_tree(shuffled).nodes] == [
        (node.span.span_id, node.depth, node.start) for node in span_tree(spans).nodes
    ]


def test_a_trace_may_be_very_deep() -> None:
    """Ten thousand spans, each below the one before, must be no trouble."""
    tree = span_tree([span(n, n - 1 if n > 1 else None, n, 30_000 - n) for n in range(1, 10_001)])
    assert tree.nodes[-1].depth == 9_999
    assert len(longest_path(tree)) > 9_000


def test_the_first_span_is_the_one_without_a_parent() -> None:
    """A span whose parent is not there must not stand for the trace where one without a parent is."""
    tree = span_tree([span(1, None, 5.0, 6.0), span(2, 9, 0.0, 1.0)])
    assert [root.span.span_id for root in tree.roots] == [hex_id(2), hex_id(1)]
    assert tree.first.span.span_id == hex_id(1)


def test_a_circle_of_parents_begins_with_the_first() -> None:
    """In a circle the span that begins first must be the root, and one that is its own parent too."""
    tree = span_tree([span(1, 3, 2.0), span(2, 1, 1.0), span(3, 2, 3.0), span(4, 4, 9.0)])
    assert [(node.span.span_id, node.depth) for node in tree.nodes] == [
        (hex_id(2), 0),
        (hex_id(3), 1),
        (hex_id(1), 2),
        (hex_id(4), 0),
    ]


def test_clocks_that_differ_are_brought_together() -> None:
    """All spans of a sender whose clock is behind must be moved so that its first is in the middle of its parent."""
    spans = [
        span(1, None, 100.0, 110.0, "web"),
        span(2, 1, 91.0, 99.0, "api"),
        span(3, 2, 92.0, 94.0, "api"),
    ]
    tree = span_tree(spans)
    assert [(node.start, node.end) for node in tree.nodes] == [(100.0, 110.0), (101.0, 109.0), (102.0, 104.0)]
    longer = span_tree([span(1, None, 100.0, 110.0, "web"), span(2, 1, 90.0, 105.0, "api")])
    assert (longer.nodes[1].start, longer.nodes[1].end) == (100.0, 115.0)
    same = span_tree([span(1, None, 100.0, 110.0), span(2, 1, 105.0, 120.0, "api")])
    assert same.nodes[1].start == 105.0


# Self times


@given(nested_spans())
def test_self_times_sum_to_the_time_of_the_trace(spans: list[Span]) -> None:
    """Where one thing happens after the other, self times must sum to the time in which anything happened."""
    tree = span_tree(spans)
    assert abs(sum(self_times(tree).values()) - busy_time(tree)) < 1e-6


@given(any_spans)
def test_self_times_account_for_all_busy_time(spans: list[Span]) -> None:
    """Each self time must be within its span, and together they must be no less than the time anything happened in."""
    tree = span_tree(spans)
    times = self_times(tree)
    assert all(0 <= times[node.span.span_id] <= node.duration + 1e-9 for node in tree.nodes)
    assert sum(times.values()) >= busy_time(tree) - 1e-6


def test_children_at_the_same_time_count_once() -> None:
    """What two children cover together must be taken from their parent once, and what is outside of it not at all."""
    tree = span_tree([span(1, None, 0.0, 10.0), span(2, 1, 2.0, 6.0), span(3, 1, 4.0, 8.0), span(4, 1, 9.0, 15.0)])
    assert self_times(tree)[hex_id(1)] == 3.0


# The longest path


@given(any_spans)
def test_the_longest_path_is_a_path(spans: list[Span]) -> None:
    """With each span its parent must be on the path, and its pieces must not overlap."""
    tree = span_tree(spans)
    path = longest_path(tree)
    assert path
    for node in tree.nodes:
        if node.span.span_id in path and node.parent is not None:
            assert node.parent.span.span_id in path
    segments = path_segments(tree)
    for later, earlier in pairwise(segments):
        assert earlier.end <= later.start
    assert all(segment.node.start <= segment.start < segment.end for segment in segments)


@given(nested_spans())
def test_the_longest_path_is_as_long_as_the_trace(spans: list[Span]) -> None:
    """Where all is within the first span, the pieces of the path must sum to its duration."""
    tree = span_tree(spans)
    assert abs(sum(each.end - each.start for each in path_segments(tree)) - tree.first.duration) < 1e-6


def test_what_held_up_nothing_is_not_on_the_path() -> None:
    """Of children at the same time only the one that ends last must be on the path, with what came before it."""
    tree = span_tree(
        [
            span(1, None, 0.0, 100.0),
            span(2, 1, 0.0, 30.0),
            span(3, 1, 30.0, 99.0),
            span(4, 1, 31.0, 60.0),
            span(5, 3, 40.0, 90.0),
            span(6, 1, 99.0, 99.5),
        ]
    )
    assert longest_path(tree) == {hex_id(1), hex_id(2), hex_id(3), hex_id(5)}


def test_a_server_that_ends_a_little_late_is_on_the_path() -> None:
    """A server's span that ends just after its client's must still be what the client waited for."""
    tree = span_tree([span(1, None, 0.0, 1.0, "web"), span(2, 1, 0.1, 1.002, "api"), span(3, 2, 0.2, 0.9, "api")])
    assert longest_path(tree) == {hex_id(1), hex_id(2), hex_id(3)}


def test_work_that_goes_on_behind_its_parent_is_the_path() -> None:
    """A consumer that ends long after its producer must be on the path, with what led to it."""
    tree = span_tree([span(1, None, 0.0, 1.0), span(2, 1, 0.5, 30.0, "worker"), span(3, 1, 0.6, 0.9)])
    assert longest_path(tree) == {hex_id(1), hex_id(2)}
    assert [(each.start, each.end) for each in path_segments(tree)] == [(0.5, 30.0), (0.0, 0.5)]


def test_senders_are_told_apart() -> None:
    """Replicas of a resource must have clocks of their own."""
    spans = [
        span(1, None, 10.0, 20.0, sender=sender("api", "api-1")),
        span(2, 1, 8.0, 10.0, sender=sender("api", "api-2")),
    ]
    assert span_tree(spans).nodes[1].start == 14.0
