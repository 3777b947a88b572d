"""Which resource a span calls, what is drawn under it, and the traffic between two resources."""

from __future__ import annotations

import pytest
from tests.support.records import hex_id, sender, span

from fairlead.dashboard.telemetry.queries.comparison import BUCKETS, compare, is_alike
from fairlead.dashboard.telemetry.queries.peers import Peers, url_address, written_address
from fairlead.dashboard.telemetry.queries.span_tree import span_tree
from fairlead.dashboard.telemetry.queries.trace_views import resource_shares
from fairlead.dashboard.telemetry.queries.traffic import Call, calls_between, edge_traffic
from fairlead.dashboard.telemetry.records import Attributes

PEERS = Peers(
    addresses={("127.0.0.1", 5433): "pg", ("pg", 5432): "pg", ("127.0.0.1", 8080): "web", ("pay.example", 443): "pay"},
    names={"pg": "pg", "cache": "cache", "pay.example": "pay", "web": "web"},
    databases={("pg", "shop"): "orders"},
    systems={"redis": "cache"},
    senders=frozenset({"api", "web"}),
)


@pytest.mark.parametrize(
    ("attributes", "resource"),
    [
        ({"server.address": "localhost", "server.port": 5433}, "pg"),
        ({"net.peer.name": "127.0.0.1", "net.peer.port": "5433", "db.name": "shop"}, "orders"),
        ({"server.address": "PG", "db.system.name": "postgresql", "db.namespace": "shop"}, "orders"),
        ({"server.address": "pg", "server.port": 5432, "db.namespace": "shop|public"}, "pg"),
        ({"server.address": "cache", "server.port": 6379}, "cache"),
        ({"db.system": "redis"}, "cache"),
        ({"db.system": "postgresql"}, "api"),
        ({"url.full": "https://pay.example/charge"}, "pay"),
        ({"http.url": "http://localhost:9/x"}, "api"),
        ({"peer.service": "Cache"}, "cache"),
        ({"server.address": "localhost", "server.port": 8080}, "api"),
        ({"server.address": "elsewhere.example"}, "api"),
        ({"net.peer.name": "localhost:5433"}, "pg"),
        ({"server.port": "many"}, "api"),
        ({"fairlead.peer": "other"}, "other"),
        ({}, "api"),
    ],
)
def test_what_sends_none_is_drawn_under_its_address(attributes: Attributes, resource: str) -> None:
    """A client's span must be drawn under the resource it calls, unless that sends spans of its own or is not known."""
    assert PEERS.drawn_under(span(1, kind="client", attributes=attributes)) == resource


def test_only_clients_call() -> None:
    """A span of another kind must be drawn under its sender, whatever address it names."""
    assert PEERS.drawn_under(span(1, kind="server", attributes={"server.address": "pg"})) == "api"


def test_addresses_are_read_from_what_is_written() -> None:
    """A URL has the port of its scheme; what is no address at all has none."""
    assert url_address("redis://:secret@LOCALHOST/0") == ("127.0.0.1", 6379)
    assert url_address("https://[::1]:8443/") == ("127.0.0.1", 8443)
    assert url_address("http://x:port") == ("", None)
    assert written_address("pg:5432") == ("pg", 5432)
    assert written_address("http://a.example") == ("a.example", 80)


def test_shares_of_resources_have_their_longest_operation() -> None:
    """Each resource must have its self time and the operation that took most of it, the largest share first."""
    spans = [
        span(1, None, 0, 10, "web"),
        span(2, 1, 1, 9, "api", name="create order"),
        span(3, 2, 2, 7, "api", kind="client", name="SELECT", attributes={"server.address": "pg"}),
        span(4, 2, 7, 7.5, "api", name="render"),
    ]
    shares = resource_shares(span_tree(spans), PEERS, str)
    assert [(each.resource, each.spans, each.self_time, each.longest_operation) for each in shares] == [
        ("pg", 1, 5.0, "SELECT"),
        ("api", 2, 3.0, "create order"),
        ("web", 1, 2.0, "span 1"),
    ]


# Traffic


def test_a_call_counts_once() -> None:
    """A call that both sides report must count once, by its caller's time; one that only the caller reports, too."""
    spans = [
        span(1, None, 0, 10, "web", kind="client", attributes={"server.address": "api"}),
        span(2, 1, 2, 9, "api", kind="server", status="error"),
        span(3, 2, 3, 4, "api", kind="client", attributes={"server.address": "pg", "db.system": "postgresql"}),
        span(4, 2, 4, 5, "api", kind="client", attributes={"db.system": "redis"}),
        span(5, 2, 5, 6, "api"),
        span(6, 2, -100, 6, "api", kind="client", attributes={"server.address": "pg"}),
    ]

    def calls(one: str, other: str) -> list[Call]:
        return list(calls_between(spans, frozenset({one, other}), PEERS, since=-1))

    assert calls("api", "web") == [Call(0, 10, True, "requests")]
    assert calls("pg", "api") == [Call(3, 1, False, "statements")]
    assert calls("api", "cache") == [Call(4, 1, False, "commands")]
    assert calls("web", "pg") == []


def test_traffic_is_summed_up() -> None:
    """The rate must be that of five minutes, the points that of each step, the kind that of most calls."""
    calls = [Call(700 + n, n / 10, n == 3, "statements") for n in range(10)] + [Call(999, 9, False, "commands")]
    traffic = edge_traffic(calls, 1000)
    assert (traffic.rate, traffic.p90, traffic.failed, traffic.kind) == (11 / 300, 0.9, 1, "statements")
    assert (len(traffic.points), traffic.points[0].time, traffic.points[0].value) == (30, 705, 1.0)
    assert traffic.points[-1].value == 0.1
    nothing = edge_traffic([], 1000)
    assert (nothing.rate, nothing.p90, nothing.failed, nothing.kind) == (0, None, 0, "requests")


# Comparison


def test_a_span_is_compared_on_a_logarithmic_scale() -> None:
    """Each tenfold duration must be as many steps away, and the span's own be in one of them."""
    found = compare(1.0, [0.001, 0.01, 0.1, 0.1, 0.5])
    assert found is not None
    assert (found.count, found.shortest, found.longest, found.faster) == (5, 0.001, 1.0, 1.0)
    assert len(found.buckets) == BUCKETS and sum(found.buckets) == 5
    assert (found.buckets[0], found.buckets[4], found.buckets[8], found.bucket) == (1, 1, 2, BUCKETS - 1)
    assert compare(1.0, []) is None
    same = compare(0.0, [0.0, 0.0])
    assert same is not None and (same.bucket, same.faster, same.buckets[0]) == (0, 0.0, 2)


def test_alike_are_spans_of_other_traces() -> None:
    """Only spans of the same resource, name and kind, and of another trace, must be compared."""
    one = span(1, name="GET", trace_id=hex_id(1, 32))
    assert is_alike(one, span(2, name="GET", trace_id=hex_id(2, 32), sender=sender("api", "api-2")))
    assert not is_alike(one, span(2, name="GET", trace_id=hex_id(1, 32)))
    assert not is_alike(one, span(2, name="PUT", trace_id=hex_id(2, 32)))
    assert not is_alike(one, span(2, name="GET", trace_id=hex_id(2, 32), by="web"))
