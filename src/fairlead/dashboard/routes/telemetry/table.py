"""The routes of telemetry."""

from __future__ import annotations

from fairlead.dashboard.request import Parameter
from fairlead.dashboard.route import Route
from fairlead.dashboard.routes.telemetry.edges import show_edge
from fairlead.dashboard.routes.telemetry.exchange import export_trace, import_traces
from fairlead.dashboard.routes.telemetry.logs import list_logs, show_log
from fairlead.dashboard.routes.telemetry.metrics import list_instruments, list_plots
from fairlead.dashboard.routes.telemetry.scope import DEFAULT_LIMIT, FOLLOW, RESOURCES
from fairlead.dashboard.routes.telemetry.traces import list_traces, show_span, show_trace
from fairlead.dashboard.schema import TEXT, WHOLE, an_object, any_of, list_of, named, schema_of
from fairlead.dashboard.telemetry.documents import (
    EdgeTraffic,
    InstrumentList,
    LogList,
    LogView,
    PlotList,
    SpanDetails,
    TraceDocument,
    TraceList,
    TraceView,
)
from fairlead.dashboard.telemetry.levels import LEVELS

_LIMIT = Parameter("limit", f"How many at most; {DEFAULT_LIMIT} without.", "number")
_FILTER = Parameter("f", "What an attribute is, as `order.total>100`; the operators are = != > < >= <= ~.", many=True)
_GAP = named("TelemetryGap", an_object({"kind": {"const": "gap"}, "lost": WHOLE}))
_OTLP = named(
    "OtlpDocument",
    an_object({"resourceSpans": list_of({"type": "object"})}, resourceLogs=list_of({"type": "object"})),
)

TELEMETRY_ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path="/api/telemetry/logs",
        handler=list_logs,
        name="listTelemetryLogs",
        summary="Structured log entries; followed, the newest of them and then what comes, each as a line.",
        query=(
            RESOURCES,
            Parameter("q", "What the message, the logger or the value of an attribute contains."),
            Parameter("level", "The lowest level.", choices=LEVELS),
            _FILTER,
            Parameter("trace", "The trace that they belong to."),
            Parameter("span", "The span that they belong to."),
            Parameter("before", "Only entries before this number.", "number"),
            Parameter("after", "Only entries behind this number; followed, what is lost since makes a gap.", "number"),
            _LIMIT,
            FOLLOW,
        ),
        answer=schema_of(LogList),
        item=any_of(schema_of(LogView), _GAP),
    ),
    Route(
        method="GET",
        path="/api/telemetry/logs/{entry}",
        handler=show_log,
        name="showTelemetryLog",
        summary="One structured log entry.",
        answer=schema_of(LogView),
    ),
    Route(
        method="GET",
        path="/api/telemetry/traces",
        handler=list_traces,
        name="listTraces",
        summary="Traces, newest first; followed, those that are kept and then each that changes, as a line.",
        query=(
            RESOURCES,
            Parameter("q", "What a name, an id or a value in it contains, or an attribute with its value: `a.b = c`."),
            Parameter("min", "The shortest duration, in seconds.", "number"),
            Parameter("errors", "Only those with an error.", "flag"),
            Parameter("before", "Only those that began before this time, in seconds since 1970.", "number"),
            Parameter("after", "Followed: only what has changed after this version.", "number"),
            _LIMIT,
            FOLLOW,
        ),
        answer=schema_of(TraceList),
        item=schema_of(TraceView),
    ),
    Route(
        method="GET",
        path="/api/telemetry/traces/{trace}",
        handler=show_trace,
        name="showTrace",
        summary="One trace with its spans, depth first.",
        answer=schema_of(TraceDocument),
    ),
    Route(
        method="GET",
        path="/api/telemetry/traces/{trace}/spans/{span}",
        handler=show_span,
        name="showSpan",
        summary="One span, its log entries, and how it compares with others of its resource and name.",
        answer=schema_of(SpanDetails),
    ),
    Route(
        method="GET",
        path="/api/telemetry/traces/{trace}/export",
        handler=export_trace,
        name="exportTrace",
        summary="One trace and its log entries as OTLP in JSON.",
        answer=_OTLP,
    ),
    Route(
        method="POST",
        path="/api/telemetry/import",
        handler=import_traces,
        name="importTraces",
        summary="Show traces that were exported, maybe by another run; they are marked as imported.",
        body=_OTLP,
        answer=an_object({"traces": list_of(TEXT)}),
    ),
    Route(
        method="GET",
        path="/api/telemetry/instruments",
        handler=list_instruments,
        name="listInstruments",
        summary="The instruments that have data.",
        query=(RESOURCES,),
        answer=schema_of(InstrumentList),
    ),
    Route(
        method="GET",
        path="/api/telemetry/plots",
        handler=list_plots,
        name="listPlots",
        summary="The plots of instruments in a window that ends now, and what happened to the resources meanwhile.",
        query=(
            RESOURCES,
            Parameter("instrument", "An instrument, by its name; all without.", many=True),
            Parameter("window", "How long the window is, in seconds; 300 without.", "number"),
            _FILTER,
        ),
        answer=schema_of(PlotList),
    ),
    Route(
        method="GET",
        path="/api/telemetry/edges",
        handler=show_edge,
        name="showEdge",
        summary="The calls between two resources in the last five minutes, in either direction.",
        query=(Parameter("from", "A resource."), Parameter("to", "Another one.")),
        answer=schema_of(EdgeTraffic),
    ),
)
