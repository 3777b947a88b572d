"""Removes what a run left in a container engine, when its host is gone.

Loaded by the watchdog at the end of the run, and like it on the standard library alone. Something may have been in
creation when the host died, and the engine may be slow, silent or broken for a while. So the sweep goes on until

- nothing of the run has been there for a while,
- each object that the engine had been asked for and had not answered about has turned up, or the engine has answered
  for ``PATIENCE`` seconds without it, and
- the clean-up commands in kept containers have succeeded, or their containers are gone.

Patience counts only while the engine answers; one that does not is asked again, for ``LIMIT`` seconds.

What belongs to the run is told by its labels, never by a name: another run of the app has objects of the same names.
Only objects with the label of this run and a session's lifetime are touched; persistent ones stay.
"""

# contextlib would add half a megabyte to a process that is small otherwise.
# ruff: noqa: SIM105
from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

RUN_LABEL = "dev.fairlead.run"
SESSION_LABEL = "dev.fairlead.lifetime=session"

KINDS = ("container", "network", "volume")
"""In the order of their removal: a network or volume can be removed when no container uses it any more."""
PAUSE = 0.3
"""Seconds between two rounds."""
LONGEST_PAUSE = 2.0
"""Seconds between two rounds when nothing has changed for a while."""
QUIET_TIME = 5.0
"""Seconds in which nothing may have turned up; three times what the engine takes for an answer if that is more."""
PATIENCE = 30.0
"""Seconds for which an engine has to answer before an object that does not turn up counts as never created."""
LIMIT = 600.0
"""Seconds since an engine's last answer, or since something last changed, after which what is left is left."""
LONGEST = 3600.0
"""Seconds after which an engine that fails again and again is left alone; the next run of the app removes the rest."""
CLEANUP_PATIENCE = 60.0
"""Seconds in which a clean-up command may fail before its objects are left to the next run."""
CLEANUP_PAUSE = 1.0
"""Seconds between two tries of a clean-up command."""
AT_ONCE = 8
"""Objects that are removed at the same time."""


class Engine(Protocol):
    """What the sweep needs of an engine; see ``bare_engine.py``."""

    def list_objects(self, kind: str, labels: list[str]) -> list[tuple[str, str]]:
        """Ids and names of the objects with all these labels."""

    def remove(self, kind: str, object_id: str) -> None:
        """Remove an object."""

    def run_inside(self, container: str, argv: list[str]) -> int | None:
        """Run a command in a container; its exit code, None if there is no such container."""


def sweep(
    engine: Engine,
    run_id: str,
    creating: list[tuple[str, str]],
    cleanups: list[tuple[str, list[str]]],
    is_orderly: bool,
    clock: Any = time,
) -> None:
    """Remove the session objects of a run.

    Args:
        engine: Where to look.
        run_id: The run.
        creating: What the engine was asked to create and has not answered about, as kind and name.
        cleanups: Commands to run inside containers that stay, as container id and command.
        is_orderly: The host ended on purpose: one round that finds nothing, or no engine, is enough.
        clock: Tells the time and sleeps.
    """
    rounds = Sweep(engine, run_id, creating, cleanups, clock)
    if rounds.run(is_orderly) and not is_orderly:
        # What the host had asked for last inside a container may have been created after the first clean-up.
        rounds.clean_up()
        for thread in rounds.cleaning or ():
            thread.join()


class Sweep:
    """The removal of one run's objects from one engine; see :func:`sweep`."""

    def __init__(
        self,
        engine: Engine,
        run_id: str,
        creating: list[tuple[str, str]],
        cleanups: list[tuple[str, list[str]]],
        clock: Any = time,
    ) -> None:
        self.engine = engine
        self.labels = [f"{RUN_LABEL}={run_id}", SESSION_LABEL]
        self.awaited = set(creating)
        self.cleanups = cleanups
        self.cleaning: list[threading.Thread] | None = None
        self.clock = clock
        self.remaining: set[tuple[str, str]] = set()
        self.changed_at = clock.monotonic()
        self.answers_since: float | None = None
        self.quiet_since: float | None = None
        self.slowest = 0.0

    def run(self, is_orderly: bool) -> bool:
        """Go on, round by round, until nothing is left; False when there is no hope of that any more."""
        first = self.clock.monotonic()
        while True:
            begin = self.clock.monotonic()
            try:
                self.remove_all()
            except OSError as error:
                self.answers_since = self.quiet_since = None
                if is_orderly and self.expects_nothing() and isinstance(error, ConnectionRefusedError):
                    return False
            else:
                self.note_round(begin)
                if self.is_over(is_orderly):
                    return True
            now = self.clock.monotonic()
            idle = now - self.changed_at
            if idle >= LIMIT or now - first >= LONGEST:
                return False
            self.clock.sleep(min(max(PAUSE, idle / 20), LONGEST_PAUSE))

    def expects_nothing(self) -> bool:
        """Whether nothing is known to be left, so that an engine that is gone need not be waited for."""
        return not self.awaited and not self.remaining and self.cleaning is None

    def remove_all(self) -> None:
        """Remove what is there now, and note what that was.

        Raises:
            OSError: The engine does not say what is there.
        """
        for kind in KINDS:
            objects = self.engine.list_objects(kind, self.labels)
            self.note_objects(kind, objects)
            each(self.engine.remove, kind, [object_id for object_id, _ in objects])
        if self.cleaning is None:
            ending = {object_id for kind, object_id in self.remaining if kind == "container"}
            self.cleanups = [cleanup for cleanup in self.cleanups if cleanup[0] not in ending]
            self.clean_up()

    def note_objects(self, kind: str, objects: list[tuple[str, str]]) -> None:
        """Note what there is of a kind, by ids and names."""
        self.awaited -= {(kind, name) for _, name in objects}
        remaining = {(kind, object_id) for object_id, _ in objects}
        if remaining != {one for one in self.remaining if one[0] == kind}:
            self.remaining = {one for one in self.remaining if one[0] != kind} | remaining
            self.changed_at = self.clock.monotonic()

    def note_round(self, begin: float) -> None:
        """Note that the engine has answered all of a round."""
        now = self.clock.monotonic()
        if self.answers_since is None:
            self.answers_since = begin
        if self.remaining:
            self.quiet_since = None
            return
        self.changed_at = now
        self.slowest = max(self.slowest, now - begin)
        if self.quiet_since is None:
            self.quiet_since = begin

    def is_over(self, is_orderly: bool) -> bool:
        """Whether nothing is left, and nothing more is to be expected."""
        now = self.clock.monotonic()
        if self.answers_since is not None and now - self.answers_since >= PATIENCE:
            self.awaited.clear()
        if self.quiet_since is None or self.awaited:
            return False
        if any(thread.is_alive() for thread in self.cleaning or ()):
            return False
        return is_orderly or now - self.quiet_since >= max(QUIET_TIME, 3 * self.slowest)

    def clean_up(self) -> None:
        """Start each clean-up command in a thread of its own: it may take long, and the rounds have to go on."""
        self.cleaning = []
        for container, argv in self.cleanups:
            arguments = (self.engine, container, argv, self.clock)
            self.cleaning.append(threading.Thread(target=clean_up, args=arguments, daemon=True))
            self.cleaning[-1].start()


def clean_up(engine: Engine, container: str, argv: list[str], clock: Any = time) -> bool:
    """Run a command in a container until it succeeds; False if that can't be hoped for any more."""
    answered_at = clock.monotonic()
    fails_since: float | None = None
    while clock.monotonic() - answered_at < LIMIT:
        try:
            code = engine.run_inside(container, argv)
        except OSError:
            fails_since = None
        else:
            if not code:  # None: the container is gone, and with it what was inside
                return True
            answered_at = clock.monotonic()
            fails_since = answered_at if fails_since is None else fails_since
            if answered_at - fails_since >= CLEANUP_PATIENCE:
                return False
        clock.sleep(CLEANUP_PAUSE)
    return False


def each(remove: Callable[[str, str], None], kind: str, object_ids: list[str]) -> None:
    """Remove several objects, a few at a time; what can't be removed turns up again in the next round."""

    def work() -> None:
        while object_ids:
            try:
                remove(kind, object_ids.pop())
            except (IndexError, OSError):  # an IndexError: another worker has taken the last
                pass

    workers = [threading.Thread(target=work, daemon=True) for _ in range(min(AT_ONCE, len(object_ids)))]
    for worker in workers:
        try:
            worker.start()
        except RuntimeError:  # the system has no thread to spare
            work()
    for worker in workers:
        if worker.ident is not None:
            worker.join()
