"""Messages in pieces: values set apart from the words around them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from fairlead.dashboard.telemetry.documents import MessagePart
from fairlead.dashboard.telemetry.queries.attributes import attribute_text
from fairlead.dashboard.telemetry.records import Attributes

_LONGEST = 4000  # characters of a message that are looked at
_MOST_ATTRIBUTES = 64
_LONGEST_VALUE = 200

# Quoted texts, ids, times and addresses, and numbers with what belongs to them: 84.90, 0x1f, 1.5ms, 50 %.
_VALUE = re.compile(
    r"""
    (?P<quoted>"[^"\n]{1,200}"|`[^`\n]{1,200}`|(?<!\w)'[^'\n]{1,200}'(?!\w))
    | (?<![\w.])(?:
        [0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}
        | \d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?
        | \d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?
        | \d\d:\d\d(?::\d\d(?:[.,]\d+)?)?
        | 0x[0-9a-fA-F]+
        | [+-]?\d+(?:[.,]\d+)*(?:e[+-]?\d+)?(?:\ ?%|(?:ns|us|µs|ms|s|min|h|B|kB|KB|MB|GB|KiB|MiB|GiB)\b)?
    )(?!\w)
    """,
    re.VERBOSE,
)


def message_parts(message: str, attributes: Attributes) -> tuple[MessagePart, ...]:
    """A message in pieces, which together are the message.

    Args:
        message: The message.
        attributes: Where one of their values stands in the message, the piece names the attribute.
    """
    values = _values(attributes)
    parts: list[MessagePart] = []
    for text, attribute in _split_at_values(message[:_LONGEST], values):
        if attribute is not None:
            parts.append(MessagePart(text, True, attribute))
        else:
            parts += _split(text)
    if len(message) > _LONGEST:
        parts.append(MessagePart(message[_LONGEST:], False, None))
    return tuple(_joined(parts))


def _values(attributes: Attributes) -> Mapping[str, str]:
    """The names of attributes by their values, as far as these can be told from words of the message."""
    values: dict[str, str] = {}
    for name, value in list(attributes.items())[:_MOST_ATTRIBUTES]:
        if isinstance(value, (str, int, float)) and not isinstance(value, bool) and not name.startswith("exception."):
            text = attribute_text(value)
            if text.strip() == text and 0 < len(text) <= _LONGEST_VALUE:
                values.setdefault(text, name)
    return values


def _split_at_values(message: str, values: Mapping[str, str]) -> Iterator[tuple[str, str | None]]:
    present = sorted((value for value in values if value in message), key=len, reverse=True)
    if not present:
        yield message, None
        return
    any_value = re.compile("|".join(rf"(?<!\w){re.escape(value)}(?!\w)" for value in present))
    end = 0
    for match in any_value.finditer(message):
        if match.start() > end:
            yield message[end : match.start()], None
        yield match[0], values[match[0]]
        end = match.end()
    if end < len(message):
        yield message[end:], None


def _split(text: str) -> Iterator[MessagePart]:
    end = 0
    for match in _VALUE.finditer(text):
        inner = 1 if match["quoted"] else 0  # the quotes stay with the words
        yield MessagePart(text[end : match.start() + inner], False, None)
        yield MessagePart(text[match.start() + inner : match.end() - inner], True, None)
        end = match.end() - inner
    yield MessagePart(text[end:], False, None)


def _joined(parts: list[MessagePart]) -> Iterator[MessagePart]:
    """The parts without empty ones, neighbours that are plain text in one."""
    plain = ""
    for part in parts:
        if not part.value:
            plain += part.text
            continue
        if plain:
            yield MessagePart(plain, False, None)
            plain = ""
        yield part
    if plain:
        yield MessagePart(plain, False, None)
