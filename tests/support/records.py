"""Telemetry records with as little said as possible, for tests."""

from __future__ import annotations

from typing import Any

from fairlead.dashboard.telemetry.records import Instrument, InstrumentKind, LogRecord, MetricPoint, Sender, Span

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def hex_id(number: int, digits: int = 16) -> str:
    """An id with a number in it."""
    return f"{number:0{digits}x}"


def sender(resource: str = "api", instance: str = "", **attributes: Any) -> Sender:
    """A resource that sends."""
    return Sender(resource, instance or resource, {"service.name": resource, **attributes})


def span(
    number: int, parent: int | None = None, start: float = 0.0, end: float = 1.0, by: str = "api", **fields: Any
) -> Span:
    """A span with a number for its id.

    Args:
        number: Its number.
        parent: The number of its parent.
        start: When it began.
        end: When it ended.
        by: Who sent it.
        fields: Its other fields.
    """
    values: dict[str, Any] = {"trace_id": TRACE, "name": f"span {number}", "kind": "internal", "sender": sender(by)}
    parent_id = None if parent is None else hex_id(parent)
    return Span(span_id=hex_id(number), parent_id=parent_id, start=start, end=end, **(values | fields))


def log(body: str = "hello", by: str = "api", severity: int = 9, **fields: Any) -> LogRecord:
    """A structured log entry."""
    values: dict[str, Any] = {"time": 0.0, "severity_text": "", "sender": sender(by)}
    return LogRecord(body=body, severity=severity, **(values | fields))


def point(
    name: str, time: float, value: float, kind: InstrumentKind = "gauge", by: str = "api", **fields: Any
) -> MetricPoint:
    """A point of a metric; totals where it counts."""
    unit = fields.pop("unit", "")
    values: dict[str, Any] = {"sender": sender(by), "attributes": {}, "start": None, "cumulative": kind != "gauge"}
    return MetricPoint(instrument=Instrument(name, kind, unit), time=time, value=value, **(values | fields))
