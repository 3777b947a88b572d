"""Ids in OTLP's JSON are hexadecimal digits, where protobuf's own mapping to JSON has base64."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

_IDS = ("traceId", "spanId", "parentSpanId")
_DATA = ("gauge", "sum", "histogram", "exponentialHistogram")


def with_encoded_ids(document: dict[str, Any]) -> dict[str, Any]:
    """The document itself, its ids changed to base64; one that is none is removed, as if it had not been sent."""
    for record in _records(document):
        for name in _IDS:
            if name in record:
                encoded = _encoded(record[name])
                if encoded is None:
                    del record[name]
                else:
                    record[name] = encoded
    return document


def _encoded(text: object) -> str | None:
    try:
        return b64encode(bytes.fromhex(text)).decode() if isinstance(text, str) else None
    except ValueError:
        return None


def _records(document: object) -> Iterator[dict[str, Any]]:
    """Every object of a request that has ids."""
    for span in _objects(document, "resourceSpans", "scopeSpans", "spans"):
        yield span
        yield from _objects(span, "links")
    yield from _objects(document, "resourceLogs", "scopeLogs", "logRecords")
    for metric in _objects(document, "resourceMetrics", "scopeMetrics", "metrics"):
        for name in _DATA:
            yield from _objects(metric.get(name), "dataPoints", "exemplars")


def _objects(parent: object, *names: str) -> Iterator[dict[str, Any]]:
    """The objects that are found in lists of these names, one in the other; what has another shape is left alone."""
    children = parent.get(names[0]) if isinstance(parent, dict) else None
    for child in children if isinstance(children, list) else ():
        if isinstance(child, dict):
            if len(names) == 1:
                yield child
            else:
                yield from _objects(child, *names[1:])
