"""What is kept of telemetry, in the terms of OpenTelemetry's data model; times in seconds since 1970."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, Union

AttributeValue: TypeAlias = Union[str, bool, int, float, bytes, Sequence["AttributeValue"], "Attributes", None]
Attributes: TypeAlias = Mapping[str, AttributeValue]

SpanKind = Literal["internal", "server", "client", "producer", "consumer"]
SpanStatus = Literal["unset", "ok", "error"]
InstrumentKind = Literal["counter", "up_down_counter", "gauge", "histogram"]


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent a record.

    Args:
        resource: The id of the resource of the app, by the token that came with it.
        instance: Tells its replicas apart: ``service.instance.id``, or the name of the resource.
        attributes: The attributes of the OTLP resource, such as ``service.name``.
    """

    resource: str
    instance: str
    attributes: Attributes = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SpanEvent:
    """Something that happened within a span; an exception is one of the name ``exception``."""

    name: str
    time: float
    attributes: Attributes = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SpanLink:
    """A span of this trace or another that has to do with this one."""

    trace_id: str
    span_id: str
    attributes: Attributes = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One operation of one resource.

    Args:
        trace_id: 32 hexadecimal digits.
        span_id: 16 hexadecimal digits.
        parent_id: The span that it is a part of; None for the first of a trace.
        name: The operation.
        kind: Its side of a call.
        start: When it began.
        end: When it ended.
        sender: Who sent it.
        scope: The instrumentation that made it.
        status: How it ended.
        status_message: What it says about that.
        attributes: Its attributes.
        events: What happened within it.
        links: What it has to do with.
    """

    trace_id: str
    span_id: str
    parent_id: str | None
    name: str
    kind: SpanKind
    start: float
    end: float
    sender: Sender
    scope: str = ""
    status: SpanStatus = "unset"
    status_message: str = ""
    attributes: Attributes = field(default_factory=dict)
    events: tuple[SpanEvent, ...] = ()
    links: tuple[SpanLink, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRecord:
    """One structured log entry.

    Args:
        time: When it happened, or was observed where the sender does not say.
        severity: OpenTelemetry's number, from 1 (trace) to 24 (fatal); 0 where the sender does not say.
        severity_text: The sender's own word.
        body: The message; what is no text is JSON.
        sender: Who sent it.
        scope: The logger.
        trace_id: The trace in which it happened.
        span_id: The span in which it happened.
        attributes: Its attributes.
    """

    time: float
    severity: int
    severity_text: str
    body: str
    sender: Sender
    scope: str = ""
    trace_id: str | None = None
    span_id: str | None = None
    attributes: Attributes = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Instrument:
    """What measures: a metric of OpenTelemetry.

    Args:
        name: Such as ``http.server.request.duration``.
        kind: What its values mean.
        unit: As UCUM writes it, such as ``s`` or ``By``; empty where the sender does not say.
        description: What it measures, in the sender's words.
    """

    name: str
    kind: InstrumentKind
    unit: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Exemplar:
    """A measurement that was kept with the trace in which it was made."""

    time: float
    value: float
    trace_id: str | None = None
    span_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricPoint:
    """The state of one series of an instrument at one time.

    Args:
        instrument: What measured.
        sender: Who sent it.
        attributes: What tells the series from others of the instrument.
        time: When it was read.
        start: Since when it counts; None for a gauge.
        cumulative: Whether it counts from ``start``, and not from the point before.
        value: The value; for a histogram the sum of what was measured.
        count: How many measurements a histogram holds.
        bounds: The upper bounds of a histogram's buckets, without the last, which has none.
        buckets: How many measurements are in each bucket, one more than ``bounds``.
        exemplars: Measurements with their traces.
    """

    instrument: Instrument
    sender: Sender
    attributes: Attributes
    time: float
    start: float | None
    cumulative: bool
    value: float
    count: int = 0
    bounds: tuple[float, ...] = ()
    buckets: tuple[int, ...] = ()
    exemplars: tuple[Exemplar, ...] = ()
