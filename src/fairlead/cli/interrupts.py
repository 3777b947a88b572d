"""Ctrl+C before there is anything to stop.

Python raises ``KeyboardInterrupt`` wherever it is, also in the midst of an import, and there it prints tracebacks:
of the import itself, and of what the interpreter calls while it fails. Until a verb is at work the signal therefore
ends the process as the system does it.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_interrupts() -> Iterator[None]:
    """Inside the block, Ctrl+C ends the process by the signal itself, without a word and without clean-up.

    Does nothing where the signal is ignored (``nohup``), where the program has a handler of its own, and in threads.
    """
    is_pythons = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if not is_pythons or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
