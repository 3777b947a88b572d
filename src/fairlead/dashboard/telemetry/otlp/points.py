"""Points of metrics: from OTLP to records."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from fairlead.dashboard.telemetry.otlp.attributes import attributes_of, shared_name
from fairlead.dashboard.telemetry.otlp.batch import Batch
from fairlead.dashboard.telemetry.otlp.exponential import BOUNDS, explicit_buckets
from fairlead.dashboard.telemetry.otlp.identifiers import seconds_of, span_id_of, trace_id_of
from fairlead.dashboard.telemetry.otlp.limits import BUCKETS, EXEMPLARS, RECORD_BYTES
from fairlead.dashboard.telemetry.otlp.senders import Senders
from fairlead.dashboard.telemetry.otlp.spans import TOO_LARGE
from fairlead.dashboard.telemetry.records import Exemplar, Instrument, InstrumentKind, MetricPoint, Sender

if TYPE_CHECKING:  # protobuf is imported with the first request
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
    from opentelemetry.proto.metrics.v1 import metrics_pb2

    _Point: TypeAlias = (
        metrics_pb2.NumberDataPoint
        | metrics_pb2.HistogramDataPoint
        | metrics_pb2.ExponentialHistogramDataPoint
        | metrics_pb2.SummaryDataPoint
    )

_CUMULATIVE: Final = 2
_NO_VALUE: Final = 1
"""The flag of a point that says that its series has ended."""
_TOO_MANY_BUCKETS: Final = f"with more than {BUCKETS} buckets"


@dataclass(frozen=True, slots=True)
class _Metric:
    """What the points of a metric have in common."""

    instrument: Instrument
    sender: Sender
    cumulative: bool


def decode_points(request: ExportMetricsServiceRequest, senders: Senders) -> Batch:
    """The points of a request; those without a time or with impossible numbers are refused."""
    batch = Batch()
    for resource_metrics in request.resource_metrics:
        sender = senders.of(resource_metrics.resource)
        for scope_metrics in resource_metrics.scope_metrics:
            for metric in scope_metrics.metrics:
                for point in _points(metric, sender):
                    if isinstance(point, MetricPoint):
                        batch.points.append(point)
                    else:
                        batch.refusals[point] += 1
    return batch


def _points(metric: metrics_pb2.Metric, sender: Sender) -> Iterator[MetricPoint | str]:
    """The points of a metric; in place of one that is refused the reason, and none where a series has ended."""
    form = metric.WhichOneof("data")
    if not metric.name or form is None:
        yield "without a name or a kind"
        return
    data = getattr(metric, form)
    cumulative = form == "summary" or getattr(data, "aggregation_temporality", 0) == _CUMULATIVE
    common = _Metric(_instrument(metric), sender, cumulative)
    make = _MAKERS[form]
    for point in data.data_points:
        if not point.flags & _NO_VALUE:
            yield _problem(point) or make(point, common)


def _instrument(metric: metrics_pb2.Metric) -> Instrument:
    kind: InstrumentKind = "histogram"
    if metric.HasField("gauge"):
        kind = "gauge"
    elif metric.HasField("sum"):
        kind = "counter" if metric.sum.is_monotonic else "up_down_counter"
    return Instrument(shared_name(metric.name), kind, shared_name(metric.unit), shared_name(metric.description))


def _problem(point: _Point) -> str:
    """Why a point can't be taken, whatever its kind; empty when it can."""
    if not point.time_unix_nano:
        return "without a time"
    return TOO_LARGE if point.ByteSize() > RECORD_BYTES else ""


def _number(point: metrics_pb2.NumberDataPoint, metric: _Metric) -> MetricPoint | str:
    value = float(point.as_int) if point.WhichOneof("value") == "as_int" else point.as_double
    return _point(point, metric, value, exemplars=_exemplars(point.exemplars))


def _histogram(point: metrics_pb2.HistogramDataPoint, metric: _Metric) -> MetricPoint | str:
    bounds, buckets = tuple(point.explicit_bounds), tuple(point.bucket_counts)
    if not buckets:  # it only tells sum and count
        bounds, buckets = (), (point.count,)
    problem = _problem_of_buckets(bounds, buckets)
    return problem or _point(
        point, metric, point.sum, point.count, bounds, buckets, exemplars=_exemplars(point.exemplars)
    )


def _exponential(point: metrics_pb2.ExponentialHistogramDataPoint, metric: _Metric) -> MetricPoint | str:
    if len(point.positive.bucket_counts) + len(point.negative.bucket_counts) > BUCKETS:
        return _TOO_MANY_BUCKETS
    lowest = point.zero_count + sum(point.negative.bucket_counts)
    buckets = explicit_buckets(point.scale, point.positive.offset, point.positive.bucket_counts, lowest)
    return _point(point, metric, point.sum, point.count, BOUNDS, buckets, exemplars=_exemplars(point.exemplars))


def _summary(point: metrics_pb2.SummaryDataPoint, metric: _Metric) -> MetricPoint | str:
    """A summary as a histogram of one bucket: its quantiles can't be added up, its sum and count can."""
    return _point(point, metric, point.sum, point.count, buckets=(point.count,))


_MAKERS: Final[dict[str, Callable[[Any, _Metric], MetricPoint | str]]] = {
    "gauge": _number,
    "sum": _number,
    "histogram": _histogram,
    "exponential_histogram": _exponential,
    "summary": _summary,
}


def _point(
    point: _Point,
    metric: _Metric,
    value: float,
    count: int = 0,
    bounds: tuple[float, ...] = (),
    buckets: tuple[int, ...] = (),
    *,
    exemplars: tuple[Exemplar, ...] = (),
) -> MetricPoint | str:
    if not math.isfinite(value):
        return "with a value that is no number"
    return MetricPoint(
        instrument=metric.instrument,
        sender=metric.sender,
        attributes=attributes_of(point.attributes),
        time=seconds_of(point.time_unix_nano),
        start=None if metric.instrument.kind == "gauge" else _start(point),
        cumulative=metric.cumulative,
        value=value,
        count=count,
        bounds=bounds,
        buckets=buckets,
        exemplars=exemplars,
    )


def _start(point: _Point) -> float | None:
    return seconds_of(point.start_time_unix_nano) if point.start_time_unix_nano else None


def _problem_of_buckets(bounds: Sequence[float], buckets: Sequence[int]) -> str:
    if len(buckets) > BUCKETS:
        return _TOO_MANY_BUCKETS
    if len(buckets) != len(bounds) + 1:
        return "with another number of buckets than its bounds make"
    is_ordered = all(lower < upper for lower, upper in pairwise(bounds))
    return "" if is_ordered and all(map(math.isfinite, bounds)) else "with bounds that do not rise"


def _exemplars(exemplars: Sequence[metrics_pb2.Exemplar]) -> tuple[Exemplar, ...]:
    return tuple(map(_exemplar, exemplars[:EXEMPLARS])) if exemplars else ()


def _exemplar(exemplar: metrics_pb2.Exemplar) -> Exemplar:
    is_int = exemplar.WhichOneof("value") == "as_int"
    trace_id = trace_id_of(exemplar.trace_id)
    return Exemplar(
        seconds_of(exemplar.time_unix_nano),
        float(exemplar.as_int) if is_int else exemplar.as_double,
        trace_id,
        span_id_of(exemplar.span_id) if trace_id is not None else None,
    )
