"""Structured log entries as they are shown."""

from __future__ import annotations

from fairlead.dashboard.telemetry.documents import LogView
from fairlead.dashboard.telemetry.queries.attributes import Mask, attribute_views
from fairlead.dashboard.telemetry.queries.exceptions import log_exception
from fairlead.dashboard.telemetry.queries.message_parts import message_parts
from fairlead.dashboard.telemetry.store.log_ring import KeptLog


def log_view(entry: KeptLog, mask: Mask) -> LogView:
    """Return an entry as it is shown.

    Args:
        entry: The entry.
        mask: Replaces secrets.
    """
    record = entry.record
    message = mask(record.body)
    return LogView(
        id=entry.id,
        time=record.time,
        level=entry.level,
        resource=record.sender.resource,
        instance=record.sender.instance,
        scope=record.scope,
        message=message,
        parts=message_parts(message, record.attributes),
        trace_id=record.trace_id,
        span_id=record.span_id,
        attributes=attribute_views(record.attributes, mask),
        sender=attribute_views(record.sender.attributes, mask),
        exception=log_exception(record.attributes, mask),
    )
