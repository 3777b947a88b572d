"""How much is taken of what a program sends, so that no program can fill the host's memory.

What goes beyond a limit is cut or left out, and where that is a whole record, refused: OTLP calls the answer a partial
success. The numbers are far above what instrumentations send.
"""

from __future__ import annotations

from typing import Final

MESSAGE_BYTES: Final = 4 * 1024 * 1024
"""Bytes of one request at most, before and after it is inflated."""
RECORD_BYTES: Final = 1024 * 1024
"""Bytes of one span, log entry or metric point at most, as protobuf has it; a larger one is refused."""
WAITING_BYTES: Final = 32 * 1024 * 1024
"""Bytes of all requests at most that have not been answered yet; another is told to come back."""
CONNECTIONS: Final = 256
"""Connections at most; further ones are closed at once."""
STREAMS: Final = 64
"""Requests at most that are under way on one gRPC connection."""
BODY_SECONDS: Final = 20.0
"""Seconds that a request may take to arrive."""

ATTRIBUTES: Final = 128
"""Attributes of a record at most, as the SDKs have it by default."""
EVENTS: Final = 128
"""Events of a span at most, and links of a span at most."""
EXEMPLARS: Final = 16
"""Exemplars of a metric point at most."""
BUCKETS: Final = 512
"""Buckets of a histogram at most; a point with more is refused."""
ELEMENTS: Final = 1024
"""Elements at most of a list or a map that is the value of an attribute."""
DEPTH: Final = 8
"""Levels at most of lists and maps in each other."""
NAME_CHARACTERS: Final = 1024
"""Characters at most of a name, such as that of an attribute, a span or an instrument."""
VALUE_CHARACTERS: Final = 32 * 1024
"""Characters at most of a text that is the value of an attribute, and bytes at most of one that is bytes."""
BODY_CHARACTERS: Final = 128 * 1024
"""Characters at most of the message of a log entry."""

CUT: Final = "…"
"""Stands where a text was cut, or an element left out."""


def cut(text: str, limit: int) -> str:
    """A text of a limited number of characters; one that was cut ends with ``…``."""
    return text if len(text) <= limit else text[: limit - 1] + CUT
