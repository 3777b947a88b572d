"""A mapping of the compose file that is being translated: it knows which of its keys nobody has asked for.

So a key that the translation does not know can't get lost: it is left over, and reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.compose.reading.merging import as_list, as_mapping
from fairlead.compose.reading.tree import Entries, Items, Node, Place, Scalar, is_null
from fairlead.compose.translation.amounts import truth, whole
from fairlead.compose.translation.desk import Desk
from fairlead.model.names import nearest


class Section:
    """One mapping.

    Args:
        node: The mapping.
        path: Its keys, as in ``services.web.build``.
        desk: The report and the variables.
    """

    def __init__(self, node: Entries, path: str, desk: Desk) -> None:
        self.node = node
        self.path = path
        self.desk = desk
        self._taken: set[str] = set()
        self._known: set[str] = set()

    def at(self, key: str) -> str:
        """The path of a key."""
        return f"{self.path}.{key}" if self.path else key

    def place(self, key: str) -> Place:
        """The line of a key's value."""
        return self.node.entries[key].place

    def shared(self, key: str) -> str | None:
        """The anchor that a key comes from, if it comes from one."""
        return self.node.shared.get(key)

    def __contains__(self, key: str) -> bool:
        """Whether the key is there, and not null."""
        return key in self.node.entries and not is_null(self.node.entries[key])

    def take(self, key: str) -> Node | None:
        """What a key has; None where it is not there, or null."""
        self._known.add(key)
        self._taken.add(key)
        node = self.node.entries.get(key)
        return None if node is None or is_null(node) else node

    def scalar(self, key: str) -> Scalar | None:
        """A text, number or truth value; something else is a mistake."""
        node = self.take(key)
        if node is None or isinstance(node, Scalar):
            return node
        self.desk.mistakes.wrong_kind(self.at(key), node, "a text")
        return None

    def text(self, key: str) -> str | None:
        """A text with its variables filled in."""
        node = self.scalar(key)
        return None if node is None else self.desk.plain(node, self.at(key))

    def flag(self, key: str) -> bool | None:
        """A truth value; what is none is lost."""
        text = self.text(key)
        if text is None:
            return None
        found = truth(text)
        if found is None:
            self.lost(key, f"{text!r} is neither true nor false")
        return found

    def number(self, key: str) -> int | None:
        """A whole number; what is none is lost."""
        text = self.text(key)
        if text is None:
            return None
        found = whole(text)
        if found is None:
            self.lost(key, f"{text!r} is no whole number")
        return found

    def section(self, key: str) -> Section | None:
        """A mapping; something else is a mistake."""
        node = self.take(key)
        if node is None:
            return None
        if isinstance(node, Entries):
            return Section(node, self.at(key), self.desk)
        self.desk.mistakes.wrong_kind(self.at(key), node, "a mapping")
        return None

    def items(self, key: str) -> list[tuple[str, Node]]:
        """The entries of a list with their paths; something else is a mistake."""
        node = self.take(key)
        if node is None:
            return []
        if isinstance(node, Items):
            return [(f"{self.at(key)}[{number}]", item) for number, item in enumerate(node.items)]
        self.desk.mistakes.wrong_kind(self.at(key), node, "a list")
        return []

    def texts(self, key: str) -> list[tuple[str, Scalar]]:
        """The texts of a list, or one text, with their paths; something else is a mistake."""
        node = self.take(key)
        listed = None if node is None else as_list(node)
        if node is not None and listed is None:
            self.desk.mistakes.wrong_kind(self.at(key), node, "a text or a list of texts")
        found: list[tuple[str, Scalar]] = []
        for number, item in enumerate(listed.items if listed is not None else ()):
            path = f"{self.at(key)}[{number}]" if isinstance(node, Items) else self.at(key)
            if isinstance(item, Scalar):
                found.append((path, item))
            else:
                self.desk.mistakes.wrong_kind(path, item, "a text")
        return found

    def pairs(self, key: str, separators: str = "=") -> list[Pair]:
        """Names with their texts, from a mapping or a list of ``name=value``; something else is a mistake."""
        node = self.take(key)
        if node is None:
            return []
        found = as_mapping(node, separators)
        if found is None:
            self.desk.mistakes.wrong_kind(self.at(key), node, "a mapping, or a list of NAME=VALUE")
            return []
        return [pair for name, child in found.entries.items() if (pair := self._pair(key, found, name, child))]

    def _pair(self, key: str, found: Entries, name: str, child: Node) -> Pair | None:
        filled = self.desk.peek(Scalar(name, "text", child.place, child.scope)) if "$" in name else name
        path = f"{self.at(key)}.{filled}"
        if not isinstance(child, Scalar):
            self.desk.mistakes.wrong_kind(path, child, "a text")
            return None
        return Pair(filled, child, path, found.shared.get(name) or found.anchor)

    def lost(self, key: str, reason: str) -> None:
        """Report that a key has no counterpart."""
        self._known.add(key)
        self._taken.add(key)
        if key in self:
            self.desk.report.lost(self.at(key), self.place(key), reason)

    def unneeded(self, key: str, reason: str) -> None:
        """Report that a key's matter goes by itself."""
        self._known.add(key)
        self._taken.add(key)
        if key in self:
            self.desk.report.unneeded(self.at(key), self.place(key), reason)

    def left_over(self) -> Iterator[str]:
        """The keys that nobody has asked for, but for those of extensions, which mean nothing to Compose."""
        return (key for key in self.node.entries if key not in self._taken and not key.startswith("x-"))

    def close(self) -> None:
        """Report what is left over as unknown, with what was probably meant."""
        for key in self.left_over():
            guess = nearest(key, self._known)
            hint = f"; did you mean {guess!r}?" if guess else ""
            place = self.node.entries[key].place
            self.desk.report.lost(self.at(key), place, f"no key of this name is known here{hint}")


class Pair:
    """A name with its text.

    Args:
        name: The name.
        node: The text; null for a name without a value.
        path: Where it is.
        shared: The anchor that it comes from, if it comes from one.
    """

    __slots__ = ("name", "node", "path", "shared")

    def __init__(self, name: str, node: Scalar, path: str, shared: str | None) -> None:
        self.name = name
        self.node = node
        self.path = path
        self.shared = shared
