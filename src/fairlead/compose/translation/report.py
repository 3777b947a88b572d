"""What the calls of an app file do not say of the compose file: lost, changed, or not needed."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from fairlead.compose.reading.tree import Place

#: ``lost`` has no counterpart, ``changed`` is said in another way than in the file, ``unneeded`` goes by itself.
Fate: TypeAlias = Literal["lost", "changed", "unneeded"]


class Remark(NamedTuple):
    """One thing that the app file does not say as the compose file does.

    Args:
        fate: What became of it.
        path: Its keys, as in ``services.web.ports[0]``.
        place: Its line; None for what has none.
        reason: Why, and what to do, as a sentence.
    """

    fate: Fate
    path: str
    place: Place | None
    reason: str


class Report:
    """The remarks of one import."""

    def __init__(self) -> None:
        self._remarks: dict[tuple[str, str], Remark] = {}

    def add(self, fate: Fate, path: str, place: Place | None, reason: str) -> None:
        """Note something; the same is noted once."""
        self._remarks.setdefault((path, reason), Remark(fate, path, place, reason))

    def lost(self, path: str, place: Place | None, reason: str) -> None:
        """Note what has no counterpart."""
        self.add("lost", path, place, reason)

    def changed(self, path: str, place: Place | None, reason: str) -> None:
        """Note what is said in another way."""
        self.add("changed", path, place, reason)

    def unneeded(self, path: str, place: Place | None, reason: str) -> None:
        """Note what goes by itself."""
        self.add("unneeded", path, place, reason)

    @property
    def remarks(self) -> list[Remark]:
        """All of them, those of one fate together, the gravest first."""
        order = ("lost", "changed", "unneeded")
        return sorted(self._remarks.values(), key=lambda remark: order.index(remark.fate))
