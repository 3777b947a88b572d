"""Points of metrics must keep what they count, since when, and in which trace."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.proto.metrics.v1 import metrics_pb2
from opentelemetry.sdk.metrics import AlwaysOnExemplarFilter, Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View
from opentelemetry.sdk.trace import TracerProvider
from tests.support.otlp_messages import NOW, SECOND, SPAN, TRACE, a_metric, decoded

from fairlead.dashboard.telemetry.otlp.exponential import BOUNDS, explicit_buckets
from fairlead.dashboard.telemetry.otlp.limits import BUCKETS
from fairlead.dashboard.telemetry.otlp.messages import Encoding
from fairlead.dashboard.telemetry.records import MetricPoint

CUMULATIVE = metrics_pb2.AGGREGATION_TEMPORALITY_CUMULATIVE
DELTA = metrics_pb2.AGGREGATION_TEMPORALITY_DELTA


def read(reader: InMemoryMetricReader, encoding: Encoding = "protobuf") -> dict[str, MetricPoint]:
    """The points of the SDK by the names of their instruments."""
    data = reader.get_metrics_data()
    assert data is not None
    return {point.instrument.name: point for point in decoded(encode_metrics(data), encoding).points}


@pytest.mark.parametrize("encoding", ["protobuf", "json"])
def test_instruments_of_the_sdk(encoding: Encoding) -> None:
    """Every kind of instrument must come through, with exemplars that lead to their traces."""
    reader = InMemoryMetricReader()
    meter = MeterProvider([reader], exemplar_filter=AlwaysOnExemplarFilter()).get_meter("tests")
    with TracerProvider().get_tracer("tests").start_as_current_span("request") as span:
        meter.create_counter("orders", "1", "Orders placed").add(3, {"item": "rope"})
        meter.create_up_down_counter("queue").add(-2)
        meter.create_gauge("heat").set(36.5)
        meter.create_histogram("duration", "s", explicit_bucket_boundaries_advisory=[0.1, 1.0]).record(0.5)

    points = read(reader, encoding)

    orders, duration = points["orders"], points["duration"]
    assert (orders.instrument.kind, orders.instrument.unit, orders.instrument.description) == (
        "counter",
        "1",
        "Orders placed",
    )
    assert (orders.value, orders.cumulative, orders.attributes) == (3.0, True, {"item": "rope"})
    assert orders.start is not None and orders.start <= orders.time
    assert (points["queue"].instrument.kind, points["queue"].value) == ("up_down_counter", -2.0)
    assert (points["heat"].instrument.kind, points["heat"].value, points["heat"].start) == ("gauge", 36.5, None)
    assert (duration.instrument.kind, duration.value, duration.count) == ("histogram", 0.5, 1)
    assert (duration.bounds, duration.buckets) == ((0.1, 1.0), (0, 1, 0))
    (exemplar,) = duration.exemplars
    assert (exemplar.value, exemplar.trace_id) == (0.5, f"{span.get_span_context().trace_id:032x}")


def test_exponential_histogram_of_the_sdk() -> None:
    """An exponential histogram must be laid onto bounds without losing a measurement or moving one by a bucket."""
    reader = InMemoryMetricReader()
    view = View(instrument_type=Histogram, aggregation=ExponentialBucketHistogramAggregation())
    histogram = MeterProvider([reader], views=[view]).get_meter("tests").create_histogram("duration")
    values = [0.0, 0.001, 0.0015, 0.3, 0.5, 2.0, 7.0, 700.0]
    for value in values:
        histogram.record(value)

    point = read(reader)["duration"]

    assert point.count == len(values)
    assert point.value == pytest.approx(sum(values))
    assert point.bounds == BOUNDS
    assert point.buckets == tuple(buckets_of(values))


def buckets_of(values: list[float]) -> list[int]:
    """How many values are in each bucket, by their definition."""
    buckets = [0] * (len(BOUNDS) + 1)
    for value in values:
        buckets[next((number for number, bound in enumerate(BOUNDS) if value <= bound), len(BOUNDS))] += 1
    return buckets


@given(
    st.integers(-20, 20),
    st.integers(-(2**31), 2**31 - 1),
    st.lists(st.integers(0, 1000), max_size=20),
    st.integers(0, 9),
)
def test_no_measurement_is_lost(scale: int, offset: int, counts: list[int], lowest: int) -> None:
    """Whatever the scale and the offset, all measurements must be in a bucket."""
    assert sum(explicit_buckets(scale, offset, counts, lowest)) == sum(counts) + lowest


@given(st.integers(-8, 8), st.floats(1e-6, 1e6))
def test_measurement_is_never_below_its_bucket(scale: int, value: float) -> None:
    """A measurement must be counted in a bucket whose upper bound is no lower than itself."""
    base = 2.0 ** (2.0**-scale)
    index = math.ceil(math.log(value, base)) - 1

    bucket = explicit_buckets(scale, index, [1], 0).index(1)

    assert bucket == len(BOUNDS) or BOUNDS[bucket] >= value * 0.999


@pytest.mark.parametrize("scale", [-(2**31), 2**31 - 1])
def test_impossible_scale_costs_nothing(scale: int) -> None:
    """A scale that no histogram has must not make huge numbers."""
    assert sum(explicit_buckets(scale, -5, [1] * 10, 0)) == 10


def number(**fields: Any) -> metrics_pb2.NumberDataPoint:
    return metrics_pb2.NumberDataPoint(**{"time_unix_nano": NOW, "as_int": 5, **fields})


def test_temporality() -> None:
    """It must be known whether a point counts from the beginning or from the point before."""
    kinds = {}
    for temporality in (CUMULATIVE, DELTA):
        data = metrics_pb2.Sum(data_points=[number()], aggregation_temporality=temporality, is_monotonic=True)
        (point,) = decoded(a_metric(sum=data)).points
        kinds[temporality] = point.cumulative

    assert kinds == {CUMULATIVE: True, DELTA: False}


def test_series_that_has_ended_is_no_point() -> None:
    """A point that only says that a series has ended must be passed over, and not be refused."""
    batch = decoded(a_metric(gauge=metrics_pb2.Gauge(data_points=[number(flags=1)])))

    assert (batch.points, batch.refused) == ([], 0)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"gauge": metrics_pb2.Gauge(data_points=[number(time_unix_nano=0)])}, "without a time"),
        ({"gauge": metrics_pb2.Gauge(data_points=[number(as_double=math.nan)])}, "with a value that is no number"),
        ({}, "without a name or a kind"),
    ],
)
def test_impossible_point_is_refused(data: dict[str, Any], reason: str) -> None:
    """A point that can't be drawn must be refused, with the reason."""
    batch = decoded(a_metric(**data))

    assert (batch.points, dict(batch.refusals)) == ([], {reason: 1})


def a_histogram(**fields: Any) -> dict[str, Any]:
    point = metrics_pb2.HistogramDataPoint(**{"time_unix_nano": NOW, "count": 3, "sum": 6.0, **fields})
    return {"histogram": metrics_pb2.Histogram(data_points=[point], aggregation_temporality=CUMULATIVE)}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"explicit_bounds": [1.0], "bucket_counts": [1]}, "with another number of buckets than its bounds make"),
        ({"explicit_bounds": [2.0, 1.0], "bucket_counts": [1, 1, 1]}, "with bounds that do not rise"),
        ({"explicit_bounds": [math.inf], "bucket_counts": [1, 2]}, "with bounds that do not rise"),
        ({"bucket_counts": [0] * (BUCKETS + 1)}, f"with more than {BUCKETS} buckets"),
    ],
)
def test_impossible_histogram_is_refused(fields: dict[str, Any], reason: str) -> None:
    """A histogram whose buckets make no sense must be refused."""
    batch = decoded(a_metric(**a_histogram(**fields)))

    assert (batch.points, dict(batch.refusals)) == ([], {reason: 1})


def test_histogram_without_buckets_and_summary() -> None:
    """What only tells sum and count must be a histogram of one bucket."""
    summary = metrics_pb2.SummaryDataPoint(time_unix_nano=NOW, count=3, sum=6.0)
    for data in (a_histogram(), {"summary": metrics_pb2.Summary(data_points=[summary])}):
        (point,) = decoded(a_metric(**data)).points

        assert (point.instrument.kind, point.value, point.count) == ("histogram", 6.0, 3)
        assert (point.bounds, point.buckets, point.cumulative) == ((), (3,), True)


def test_exemplars_are_bounded() -> None:
    """A point must not bring any number of exemplars."""
    exemplar = metrics_pb2.Exemplar(time_unix_nano=NOW, as_double=1.0, trace_id=TRACE, span_id=SPAN)

    (point,) = decoded(a_metric(gauge=metrics_pb2.Gauge(data_points=[number(exemplars=[exemplar] * 100)]))).points

    assert len(point.exemplars) == 16
    assert (point.exemplars[0].trace_id, point.exemplars[0].span_id) == (TRACE.hex(), SPAN.hex())
    assert (point.exemplars[0].time, point.exemplars[0].value) == (NOW / SECOND, 1.0)
