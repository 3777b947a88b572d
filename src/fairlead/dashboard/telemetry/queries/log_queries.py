"""Which structured log entries are asked for."""

from __future__ import annotations

from dataclasses import dataclass

from fairlead.dashboard.telemetry.documents import Level
from fairlead.dashboard.telemetry.queries.filters import Filter, has_text, sent_value
from fairlead.dashboard.telemetry.records import AttributeValue, LogRecord
from fairlead.dashboard.telemetry.store.log_ring import KeptLog


@dataclass(frozen=True, slots=True)
class LogQuery:
    """What an entry has to be.

    Args:
        resources: The ids of resources; None for all.
        levels: The levels; None for all.
        text: What its message, logger or the value of an attribute contains, in lower case; empty for anything.
        filters: What its attributes, or those of its sender, have to be.
        trace_id: The trace it belongs to; None for any, or none.
        span_id: The span it belongs to.
    """

    resources: frozenset[str] | None = None
    levels: frozenset[Level] | None = None
    text: str = ""
    filters: tuple[Filter, ...] = ()
    trace_id: str | None = None
    span_id: str | None = None

    @property
    def is_by_level_only(self) -> bool:
        """Whether nothing but the resource and the level is asked for, so that entries need not be looked at."""
        return not (self.text or self.filters or self.trace_id or self.span_id)

    def matches(self, entry: KeptLog) -> bool:
        """Whether an entry is asked for."""
        record = entry.record
        if self.levels is not None and entry.level not in self.levels:
            return False
        if self.resources is not None and record.sender.resource not in self.resources:
            return False
        if self.trace_id is not None and record.trace_id != self.trace_id:
            return False
        if self.span_id is not None and record.span_id != self.span_id:
            return False
        if self.text and not _contains(record, self.text):
            return False
        return all(filter.holds(lambda name: log_value(entry, name)) for filter in self.filters)


def _contains(record: LogRecord, text: str) -> bool:
    return text in record.body.lower() or text in record.scope.lower() or has_text(record.attributes, text)


def log_value(entry: KeptLog, name: str) -> AttributeValue:
    """The value that a filter means by a name: an attribute of the entry, of its sender, or a field."""
    record = entry.record
    value = sent_value(record, name)
    if value is not None:
        return value
    fields: dict[str, AttributeValue] = {
        "level": entry.level,
        "resource": record.sender.resource,
        "instance": record.sender.instance,
        "scope": record.scope,
        "message": record.body,
        "trace_id": record.trace_id,
        "span_id": record.span_id,
    }
    return fields.get(name)
