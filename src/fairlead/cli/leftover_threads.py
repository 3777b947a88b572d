"""The end of the process, also when threads of the definition would keep it alive."""

from __future__ import annotations

import atexit
import os
import sys
import threading
import time
from collections.abc import Collection

from fairlead.cli.terminal import say, style

#: Seconds that threads get to end by themselves after the verb.
GRACE_SECONDS = 2.0


def exit_process(code: int, own_threads: Collection[threading.Thread]) -> None:
    """End the process like ``sys.exit``, but without threads that go on after the verb, and say so.

    Python waits for every thread that is not a daemon: one that a definition starts would keep a host alive that has
    ended, and that no verb finds any more.

    Args:
        code: The exit code.
        own_threads: Threads of the program that called the command line; they are none of its business.

    Raises:
        SystemExit: Nothing holds the process up.
    """
    deadline = time.monotonic() + GRACE_SECONDS
    leftovers = [thread for thread in threading.enumerate() if _holds_up(thread) and thread not in own_threads]
    for thread in leftovers:
        thread.join(max(0.0, deadline - time.monotonic()))
    names = [repr(thread.name) for thread in leftovers if thread.is_alive()]
    if not names:
        sys.exit(code)
    count = "a thread" if len(names) == 1 else f"{len(names)} threads"
    say(
        f"{style('warning: ', fg='yellow', bold=True)}{count} of the definition had not ended: {', '.join(names)}. "
        "Start threads with daemon=True, or from a hook of the app that also ends them.",
        err=True,
    )
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _holds_up(thread: threading.Thread) -> bool:
    return not thread.daemon and thread is not threading.current_thread() and thread is not threading.main_thread()
