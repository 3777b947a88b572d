"""What libraries and the event loop report during a run."""

from __future__ import annotations

import logging

from fairlead.cli.screens.lines import PlainScreen
from fairlead.cli.session import _Notices


class Board(PlainScreen):
    """A screen that keeps notices."""

    def __init__(self) -> None:
        self.notices: list[str] = []

    def notice(self, text: str) -> None:
        self.notices.append(text)


def test_what_repeats_is_shown_once() -> None:
    """A failure that comes back every second must be one line of the run, and another one be shown all the same."""
    board = Board()
    logger = logging.Logger("asyncio")
    logger.addHandler(_Notices(board))
    for number in range(5):
        for error in (OSError(24, "Too many open files"), OSError(12, "Cannot allocate memory")):
            logger.error("socket.accept() out of system resource", exc_info=error)
        logger.info("%d", number)
    assert board.notices == [
        "error: socket.accept() out of system resource (OSError: [Errno 24] Too many open files)",
        "error: socket.accept() out of system resource (OSError: [Errno 12] Cannot allocate memory)",
    ]
