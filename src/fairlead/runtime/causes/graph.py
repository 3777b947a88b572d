"""Who is held up by whom: from troubles and the links between resources to causes and their effects. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence


class Links:
    """Links from what is held up to what holds it up."""

    def __init__(self) -> None:
        self._held_by: dict[str, dict[str, None]] = {}
        self._holds: dict[str, dict[str, None]] = {}

    def add(self, held: str, holder: str) -> None:
        """Note that one is held up by another; a link of one to itself is none."""
        if held != holder:
            self._held_by.setdefault(held, {})[holder] = None
            self._holds.setdefault(holder, {})[held] = None

    def held_by(self, node: str) -> Iterable[str]:
        """What holds one up, directly."""
        return self._held_by.get(node, ())

    def held_up(self, nodes: Iterable[str]) -> dict[str, None]:
        """All that some nodes hold up, directly or by way of one another, and these nodes first."""
        reached = dict.fromkeys(nodes)
        pending = deque(reached)
        while pending:
            for held in self._holds.get(pending.popleft(), ()):
                if held not in reached:
                    reached[held] = None
                    pending.append(held)
        return reached


def root_causes(troubled: Sequence[str], links: Links) -> list[str]:
    """Those that are in trouble by themselves, and not because something that holds them up is in trouble.

    In a circle of such as hold up one another, the first is taken for the cause.

    Args:
        troubled: All that are in trouble, in order.
        links: Who is held up by whom.
    """
    affected = links.held_up(troubled)
    causes = [node for node in troubled if not any(holder in affected for holder in links.held_by(node))]
    covered = links.held_up(causes)
    for node in troubled:
        if node not in covered:
            causes.append(node)
            covered |= links.held_up([node])
    return causes


def effects_of(cause: str, links: Links, counted: Collection[str] | Mapping[str, object]) -> list[str]:
    """What a cause holds up, of those that are counted as its effects."""
    return [node for node in links.held_up([cause]) if node != cause and node in counted]
