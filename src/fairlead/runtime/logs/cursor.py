"""The text by which a reader of logs goes on later where it has stopped."""

from __future__ import annotations

import re

from fairlead.errors import UsageError

_CURSOR = re.compile(r"([0-9a-f]{8})-([0-9]{1,18})")


def cursor(epoch: str, position: int) -> str:
    """Return the cursor behind a line.

    Args:
        epoch: Tells the logs of one run from those of another; eight hexadecimal digits.
        position: The line's place in the order of all lines of that run.
    """
    return f"{epoch}-{position}"


def position_of(text: str, epoch: str) -> int | None:
    """Return the position that a cursor stands for; None for a cursor of another run.

    Raises:
        UsageError: The text is no cursor.
    """
    match = _CURSOR.fullmatch(text)
    if match is None:
        raise UsageError(
            f"{text!r} is not a cursor", remedy="Give the cursor of a record that a log has answered with."
        )
    return int(match[2]) if match[1] == epoch else None
