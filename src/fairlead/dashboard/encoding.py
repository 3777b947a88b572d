"""What is streamed, as JSON: snapshots and what else watchers get once for all of them, log records many at a time."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any, Generic, TypeVar, get_args

from fairlead.model.observation.snapshot import Removal, Snapshot
from fairlead.runtime.causes.cause import Cause
from fairlead.runtime.events.event import ResourceEvent
from fairlead.runtime.logs.book import Gap, LogLine, OpenLine, Portion
from fairlead.runtime.logs.levels import Level, level_of
from fairlead.runtime.usage.book import UsageSample

T = TypeVar("T")

_FIELDS: dict[type, tuple[str, ...]] = {}


def _plain(document: Any) -> dict[str, Any]:
    """The fields of a dataclass; those of each class are looked up once."""
    kind = type(document)
    names = _FIELDS.get(kind)
    if names is None:
        names = _FIELDS[kind] = tuple(field.name for field in dataclasses.fields(document))
    return {name: getattr(document, name) for name in names}


encode: Callable[[Any], str] = json.JSONEncoder(separators=(",", ":"), default=_plain).encode
"""Return plain data, dataclasses, or what is made up of both, as JSON."""

_LEVELS: dict[Level | None, str] = {
    None: "null",
    **{level: encode(level) for level in get_args(Level)},
}


class EncodedSnapshots:
    """The texts of snapshots: each version is encoded once for all watchers.

    The times of health checks are those of the version.

    Attributes:
        encoded: How many snapshots were encoded.
    """

    def __init__(self) -> None:
        self._texts: dict[str, tuple[int, bytes]] = {}
        self.encoded = 0

    def text(self, change: Snapshot | Removal) -> bytes:
        """Return a snapshot or a removal as a line of JSON."""
        version, text = self._texts.get(change.id, (-1, b""))
        if version != change.version:
            text = encode(change.to_json()).encode() + b"\n"
            self.encoded += 1
            if isinstance(change, Removal):
                self._texts.pop(change.id, None)  # ids of pods come and go without end
            else:
                self._texts[change.id] = change.version, text
        return text


class EncodedOnce(Generic[T]):
    """Lines of a stream: each is encoded once for all who follow it, as long as it is among the newest.

    Args:
        kept: How many lines are kept.
        to_json: The object of a line as plain data for JSON.
    """

    def __init__(self, kept: int, to_json: Callable[[T], Any]) -> None:
        self._kept = kept
        self._to_json = to_json
        self._lines: dict[float, bytes] = {}

    def line(self, key: float, thing: T) -> bytes:
        """Return a thing as a line of JSON.

        Args:
            key: Tells it from all others; rises from one to the next.
            thing: What is encoded, if it was not yet.
        """
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = encode(self._to_json(thing)).encode() + b"\n"
            if len(self._lines) > self._kept:
                del self._lines[next(iter(self._lines))]
        return line


class WatchLines:
    """The lines of the watch stream that all watchers get alike."""

    def __init__(self) -> None:
        self.causes: EncodedOnce[tuple[Cause, ...]] = EncodedOnce(
            1, lambda causes: {"kind": "causes", "causes": [asdict(cause) for cause in causes]}
        )
        self.events: EncodedOnce[ResourceEvent] = EncodedOnce(
            200, lambda event: {"kind": "event", "event": asdict(event)}
        )
        self.usage: EncodedOnce[UsageSample] = EncodedOnce(
            60, lambda sample: {"kind": "usage", "time": sample.time, "values": sample.values}
        )


def encode_records(portions: Iterable[Portion], cursor: Callable[[int], str]) -> list[str]:
    """Return log records as JSON objects.

    Args:
        portions: The records.
        cursor: Makes the cursor behind a position.
    """
    texts: list[str] = []
    for id, records in portions:
        start = f'{{"resource":{encode(id)},'
        texts += [start + _record(record, cursor) for record in records]
    return texts


def _record(record: LogLine | OpenLine | Gap, cursor: Callable[[int], str]) -> str:
    """The rest of a record's object; by hand, as this is most of what a line costs that is followed."""
    if isinstance(record, LogLine):
        number, time, stream, text, source, position = record
        return (
            f'"kind":"line","number":{number},"time":{time!r},"stream":"{stream}","source":{_text(source)},'
            f'"text":{encode(text)},"level":{_LEVELS[level_of(text, stream)]},"cursor":"{cursor(position)}"}}'
        )
    if isinstance(record, Gap):
        return f'"kind":"gap","lost":{record.lost},"cursor":"{cursor(record.position)}"}}'
    return (
        f'"kind":"open","time":{record.time!r},"stream":"{record.stream}","source":{_text(record.source)},'
        f'"text":{encode(record.text)}}}'
    )


def _text(text: str | None) -> str:
    return "null" if text is None else encode(text)
