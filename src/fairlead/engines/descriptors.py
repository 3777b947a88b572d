"""How many files this process may have open, and what it keeps back for the day on which that isn't enough.

A host needs a few descriptors for each process and connection, and many systems begin with a limit of 1024 or, on
macOS, 256. ``raise_limit`` takes what the system grants and leaves a part of it unused: stopping takes descriptors as
well (a look into ``/proc``, a connection to the engine), and has to work when all others are gone.

The limit is inherited, and some programs close every descriptor up to it, or take it for what they may use. So the
processes of an app are started with the limit that this one began with.
"""

from __future__ import annotations

import contextlib
import os
import resource
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MOST: Final = 65_536
"""The limit that is asked for; more only costs those who go through all of them."""
FALLBACK: Final = 10_240
"""The limit that is asked for where the system names no upper one and yet refuses ``MOST`` (macOS)."""
RESERVED: Final = 64
"""Descriptors that are kept back. Stopping a process takes two at a time, and an engine a connection or two."""
ROOM: Final = 16
"""Descriptors below the first limit that must be free to start a child under it; it takes up to eight."""


@dataclass(slots=True)
class _Limits:
    """The soft limits of this process: the one it began with, and the raised one; None while it is not raised."""

    first: int | None = None
    raised: int | None = None


_limits = _Limits()


def raise_limit() -> None:
    """Raise the soft limit of this process as far as is useful; called once, by a host that has its own process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for most in (MOST, FALLBACK):
        wanted = max(soft, most) if hard == resource.RLIM_INFINITY else min(max(soft, most), hard - RESERVED)
        if wanted > RESERVED and _set_soft(wanted):
            _limits.first, _limits.raised = soft, wanted
            return


def release_reserve() -> None:
    """Let this process use what it has kept back from now on, as it is about to end; nothing where it kept nothing."""
    if _limits.raised is not None:
        _set_soft(_limits.raised + RESERVED)


@contextlib.contextmanager
def spare_descriptors() -> Iterator[None]:
    """Let this process use what is kept back for a while, to be entered when the others are gone."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    _set_soft(soft + RESERVED)
    try:
        yield
    finally:
        _set_soft(soft)


@contextlib.contextmanager
def first_limit() -> Iterator[None]:
    """Start a child with the limit that this process began with.

    Where too many descriptors are open to start anything below that limit, the child gets the raised one.
    """
    raised = _limits.raised
    if raised is None or _limits.first is None or not _has_room(_limits.first):
        yield
        return
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    _set_soft(_limits.first)
    try:
        yield
    finally:
        _set_soft(soft)


def _has_room(limit: int) -> bool:
    """Whether descriptors below a limit are free."""
    taken: list[int] = []
    try:
        taken.append(os.open(os.devnull, os.O_RDONLY))
        taken += [os.dup(taken[0]) for _ in range(ROOM)]
    except OSError:
        return False
    finally:
        for descriptor in taken:
            os.close(descriptor)
    return max(taken) < limit


def _set_soft(wanted: int) -> bool:
    """Set the soft limit, to the hard one at most; return whether the system took it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
        return True
    return False
