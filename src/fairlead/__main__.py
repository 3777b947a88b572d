"""The command ``fairlead``, which is ``python -m fairlead`` too.

It imports nothing before Ctrl+C is seen to, as Python would print a traceback: see :mod:`fairlead.cli.interrupts`.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # as in the package itself: typing is not loaded yet

if TYPE_CHECKING:
    from types import TracebackType


def main() -> None:
    """Be the command line.

    Raises:
        SystemExit: With the exit code of the verb.
    """
    sys.excepthook = _hide_interrupt
    import signal

    is_pythons = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_pythons:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from fairlead.cli.overview import is_asked_for, print_overview

    if is_asked_for(sys.argv[1:]) and print_overview("fairlead"):
        return
    from fairlead.cli.main import main as command_line

    try:
        if is_pythons:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        command_line()
    finally:
        import gc

        gc.freeze()  # what is left goes with the process: Python need not look for cycles among all of it
        if is_pythons:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # nothing is left that could be stopped in order


def _hide_interrupt(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Leave out the traceback of Ctrl+C; the process then ends by the signal."""
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)


if __name__ == "__main__":
    main()
