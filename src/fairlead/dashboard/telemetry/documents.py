"""What the control API answers about telemetry; times in seconds since 1970, durations in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fairlead.dashboard.telemetry.records import InstrumentKind, SpanKind, SpanStatus

Level = Literal["trace", "debug", "info", "warn", "error", "fatal"]
"""The levels of structured logs: OpenTelemetry's severity numbers in steps of four."""


@dataclass(frozen=True, slots=True)
class AttributeView:
    """An attribute; what is no text is JSON."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class MessagePart:
    """A piece of a message; ``attribute`` names the attribute whose value it is, ``value`` tells a value from text."""

    text: str
    value: bool
    attribute: str | None


@dataclass(frozen=True, slots=True)
class StackFrame:
    """A line of a stack trace; ``own`` tells the app's own files from those of libraries."""

    text: str
    file: str | None
    line: int | None
    own: bool


@dataclass(frozen=True, slots=True)
class ExceptionView:
    """An exception as a record tells it; the frames are those of its stack trace, in the sender's order."""

    type: str
    message: str
    frames: tuple[StackFrame, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogView:
    """A structured log entry.

    Args:
        id: Rises in the order of arrival; a cursor too.
        resource: The id of the resource.
        instance: Its replica, as the sender calls it.
        scope: The logger.
        message: The message in one text.
        parts: The same in pieces, its values set apart.
    """

    id: int
    time: float
    level: Level
    resource: str
    instance: str
    scope: str
    message: str
    parts: tuple[MessagePart, ...]
    trace_id: str | None
    span_id: str | None
    attributes: tuple[AttributeView, ...]
    sender: tuple[AttributeView, ...]
    exception: ExceptionView | None


@dataclass(frozen=True, slots=True)
class LogCounts:
    """How many entries match: by resource, and of each level."""

    total: int
    resources: dict[str, int]
    levels: dict[str, int]


@dataclass(frozen=True, slots=True)
class Dropped:
    """How much was dropped to keep memory bounded, and how much is kept at most."""

    dropped: int
    limit: int


@dataclass(frozen=True, slots=True)
class LogList:
    """Entries, newest last; ``cursor`` leads to what comes behind them."""

    logs: tuple[LogView, ...]
    counts: LogCounts
    kept: Dropped
    cursor: int


@dataclass(frozen=True, slots=True)
class ResourceShare:
    """What one resource has to do with a trace: its spans, and the time that none of their children account for."""

    resource: str
    spans: int
    self_time: float
    longest_operation: str
    longest_self_time: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceView:
    """A trace as a list shows it.

    Args:
        trace_id: Its id.
        name: The operation of its first span.
        resource: The resource of that span.
        start: When it began.
        duration: From its first beginning to its last end.
        spans: How many spans have come.
        errors: How many of them ended with an error.
        running: Whether the span that all others are part of has not come yet; one that has not come for half a minute
            is not expected any more.
        shares: What each resource has to do with it, longest self time first.
        imported: Whether it was imported.
        dropped: How many spans were left out, as a trace has 10,000 at most.
        version: Rises with each change of any trace; a cursor.
    """

    trace_id: str
    name: str
    resource: str
    start: float
    duration: float
    spans: int
    errors: int
    running: bool
    shares: tuple[ResourceShare, ...]
    imported: bool
    dropped: int
    version: int


@dataclass(frozen=True, slots=True)
class TraceCounts:
    """How many traces match: all, those with errors, those that are slower than half a second."""

    total: int
    errors: int
    slow: int
    resources: dict[str, int]


@dataclass(frozen=True, slots=True)
class TraceList:
    """Traces, newest first; ``cursor`` leads to what changes after them."""

    traces: tuple[TraceView, ...]
    counts: TraceCounts
    kept: Dropped
    cursor: int


@dataclass(frozen=True, slots=True)
class SpanEventView:
    """Something that happened within a span; ``offset`` is from the beginning of the trace."""

    name: str
    offset: float
    attributes: tuple[AttributeView, ...]


@dataclass(frozen=True, slots=True)
class SpanLinkView:
    """A span that another has to do with; ``known`` tells whether its trace is kept here."""

    trace_id: str
    span_id: str
    known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanView:
    """A span as the waterfall shows it.

    Args:
        resource: The resource that it is drawn under: its sender, or the one whose address it calls where that sends
            no spans of its own (Postgres, Redis).
        sender: The resource that sent it.
        depth: How many spans it is below, from 0.
        offset: When it began, from the beginning of the trace.
        self_time: The part of its duration that none of its children account for.
        longest_path: Whether the trace would have been shorter without it.
        logs: How many structured log entries belong to it.
    """

    span_id: str
    parent_id: str | None
    name: str
    resource: str
    sender: str
    instance: str
    scope: str
    kind: SpanKind
    depth: int
    offset: float
    duration: float
    self_time: float
    longest_path: bool
    status: SpanStatus
    status_message: str
    attributes: tuple[AttributeView, ...]
    events: tuple[SpanEventView, ...]
    links: tuple[SpanLinkView, ...]
    exception: ExceptionView | None
    logs: int


@dataclass(frozen=True, slots=True)
class TraceDocument:
    """A trace whole, its spans in the order of the waterfall: depth first, by their beginning."""

    trace: TraceView
    spans: tuple[SpanView, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a span compares with those of other traces that have its resource and name.

    Args:
        count: With how many it is compared.
        shortest: The shortest duration.
        longest: The longest duration.
        buckets: How many are in each of twelve equal steps of the logarithm of the duration.
        bucket: The step that this span is in.
        faster: The part of them that is faster than this one, from 0 to 1.
    """

    count: int
    shortest: float
    longest: float
    buckets: tuple[int, ...]
    bucket: int
    faster: float


@dataclass(frozen=True, slots=True)
class SpanDetails:
    """What there is to say of one span beyond the waterfall."""

    span: SpanView
    logs: tuple[LogView, ...]
    comparison: Comparison | None
    resource_attributes: tuple[AttributeView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentView:
    """An instrument that has data of the resources asked for; ``attributes`` has the values of each attribute."""

    name: str
    title: str
    kind: InstrumentKind
    unit: str
    description: str
    resources: tuple[str, ...]
    attributes: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class InstrumentList:
    """The instruments with data, and how many have none."""

    instruments: tuple[InstrumentView, ...]
    without_data: int
    kept: Dropped


@dataclass(frozen=True, slots=True)
class PlotPoint:
    """A value at a time; null where there is a gap."""

    time: float
    value: float | None


@dataclass(frozen=True, slots=True)
class ExemplarView:
    """A measurement with the trace in which it was made."""

    time: float
    value: float
    resource: str
    trace_id: str
    span_id: str


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a plot: of one resource, or of one quantile (``p50``, ``p90``, ``p99``) of all."""

    label: str
    resource: str | None
    quantile: str | None
    points: tuple[PlotPoint, ...]
    latest: float | None


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened to a resource, drawn across all plots."""

    time: float
    resource: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotDocument:
    """The data of one instrument in a window.

    Args:
        instrument: Its name.
        unit: The unit of the values: of a counter per second.
        start: Where the window begins.
        end: Where it ends.
        step: The distance of two points.
        series: The lines.
        exemplars: Measurements with their traces.
        summary: The value that stands for all, and what it is, such as ``p99``.
        summary_label: What it is.
    """

    instrument: str
    unit: str
    start: float
    end: float
    step: float
    series: tuple[Series, ...]
    exemplars: tuple[ExemplarView, ...]
    summary: float | None
    summary_label: str


@dataclass(frozen=True, slots=True)
class PlotList:
    """The plots of several instruments in one window, and what happened meanwhile."""

    plots: tuple[PlotDocument, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeTraffic:
    """The traffic between two resources in the last five minutes.

    Args:
        rate: Calls a second.
        p90: The duration that nine of ten calls did not exceed; null without calls.
        failed: How many calls ended with an error.
        points: Calls a second over time.
        kind: What most of them were: statements of a database, commands of a cache, or requests.
    """

    rate: float
    p90: float | None
    failed: int
    points: tuple[PlotPoint, ...]
    kind: Literal["statements", "requests", "commands"]
