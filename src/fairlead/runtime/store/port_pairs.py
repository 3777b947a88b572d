"""Ports on a container come in pairs: the port inside, and the port of this machine that it is published at.

A container publishes its pairs once, when it is created, and some spare ones with them. So an endpoint that is declared
while the container exists takes over a spare pair, and one that is declared no longer leaves its pair to the spare
ones. Of the pairs of one pool, those inside ports are chosen in rising order: the lower port is the older pair. As all
pairs that there are get published when the container is created, the oldest spare pair is the one that is published if
any is, and goes first.

Keys of ports inside are ``<resource>/<name>@<container>``, followed by ``:udp`` and ``:external`` where that holds; the
part in front of the ``@`` is the key of the port of this machine.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple


class Pair(NamedTuple):
    """The port inside a container, and the one of this machine."""

    inside: int
    outside: int


def pool_of(key: str) -> str:
    """The pool that a port inside a container belongs to: the part behind the ``@``; empty for one of this machine."""
    return key.partition("@")[2]


def scope_of(key: str) -> str:
    """The container that a port is in; empty for this machine."""
    return pool_of(key).partition(":")[0]


def outside_of(key: str) -> str:
    """The key of the port of this machine that a port inside a container is published at."""
    return key.partition("@")[0]


def hand_over(
    remembered: Mapping[str, int], needed: Iterable[str], spare: Iterable[str], fixed: Collection[str]
) -> dict[str, int]:
    """What is to be remembered once new endpoints have taken spare pairs, and former ones have left theirs.

    Args:
        remembered: The ports by key.
        needed: Keys of the ports inside containers that endpoints need.
        spare: Keys of the spare ones; pools without any are left as they are.
        fixed: Keys of ports of this machine that the definition gives: they are published as they are, or not at all.
    """
    ports = dict(remembered)
    needed, spare = sorted(needed), sorted(spare)
    for pool in sorted({pool_of(key) for key in spare}):
        users = [key for key in needed if pool_of(key) == pool]
        free = _release(ports, pool, users)
        takers = [key for key in users if outside_of(key) not in fixed and _pair(ports, key) is None]
        for key, pair in zip([*takers, *(key for key in spare if pool_of(key) == pool)], free, strict=False):
            ports[key], ports[outside_of(key)] = pair
    return ports


def _release(ports: dict[str, int], pool: str, users: Collection[str]) -> list[Pair]:
    """Forget the pairs of a pool that nobody uses (any more), and return them, the oldest first."""
    unused = [key for key in ports if pool_of(key) == pool and key not in users]
    pairs = [pair for key in unused if (pair := _pair(ports, key))]
    for key in unused:
        del ports[key]
        ports.pop(outside_of(key), None)
    return sorted(pairs)


def _pair(ports: Mapping[str, int], key: str) -> Pair | None:
    outside = ports.get(outside_of(key))
    return None if key not in ports or outside is None else Pair(ports[key], outside)
