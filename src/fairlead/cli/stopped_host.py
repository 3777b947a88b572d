"""Notices that the host of an app is stopped by Ctrl+Z while a verb waits for its answer."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from fairlead.engines.process_state import is_stopped
from fairlead.errors import FairleadError
from fairlead.runtime.store.instance import RunRecord

_LOOK_SECONDS = 1.0


class HostStopped(FairleadError):
    """The host is stopped, so it answers no request."""

    def __init__(self, record: RunRecord) -> None:
        super().__init__(
            f"{record.name} is stopped, as by Ctrl+Z (process {record.pid}), so it does not answer",
            remedy=f"Continue it by `fg` in its terminal, or by `kill -CONT {record.pid}`.",
        )


class StoppedHostWatch:
    """Cuts a connection when the host at its other end is stopped, so that the verb does not wait for ever.

    The kernel accepts connections for a stopped process, and a timeout could not tell it from one that is at work.

    Args:
        record: The host.
        connection: What to cut.
    """

    def __init__(self, record: RunRecord, connection: socket.socket) -> None:
        self._record = record
        self._connection = connection
        self._over = threading.Event()
        self._found = False

    def __enter__(self) -> Self:
        threading.Thread(target=self._watch, name="host watch", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Watch no longer.

        Raises:
            HostStopped: It was cut, and that made the block fail.
        """
        self._over.set()
        if self._found and isinstance(error, Exception):
            raise HostStopped(self._record) from error

    def _watch(self) -> None:
        while not self._over.wait(_LOOK_SECONDS):
            if is_stopped(self._record.pid):
                self._found = True
                with suppress(OSError):  # it was closed just now
                    self._connection.shutdown(socket.SHUT_RDWR)
                return
