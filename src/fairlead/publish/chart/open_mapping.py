"""Mappings of an object that the chart's user may change, such as the labels and the fields of a pod."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fairlead.publish.chart.leaves import ChartValue, Composite, Part, When


class SharedEntries(dict[str, Any]):
    """Entries that mappings of several objects have alike, unless the definition changes them in one.

    Args:
        entries: What is in it.
        name: What they are called in the chart: a word, or several with hyphens.
    """

    def __init__(self, entries: Mapping[str, Any], name: str) -> None:
        super().__init__(entries)
        self.name = name


class OpenMapping(dict[str, Any], Composite):
    """A mapping that the chart's user may change: a plain one for all that builds an object or looks at it.

    What the user has under a key takes the place of what is there. A mapping that turns out empty is left out.

    Args:
        entries: What is in it anyway.
        changes: The user's mappings; of several, a later one counts more.
        fields: Which of their keys count; all of them by default.
        added: Keys of sequences to which the user's are added.
        exclusive: Keys of which one alone can be there.
        fixed: Whether the user can't have any of the keys that are there.
        shared_as: What its entries are called, where other objects have the same ones.
    """

    def __init__(
        self,
        entries: Mapping[str, Any],
        *changes: ChartValue | Part,
        fields: tuple[str, ...] | None = None,
        added: tuple[str, ...] = (),
        exclusive: tuple[str, ...] = (),
        fixed: bool = False,
        shared_as: str | None = None,
    ) -> None:
        super().__init__(entries)
        self.shared_as = shared_as
        self.changes = changes
        self.fields = fields
        self.added = added
        self.exclusive = exclusive
        self.fixed = fixed

    def rebuilt(self, entries: Mapping[str, Any], changes: tuple[ChartValue | Part, ...] | None = None) -> OpenMapping:
        """The same with other entries, or other mappings of the user's."""
        return OpenMapping(
            entries,
            *(self.changes if changes is None else changes),
            fields=self.fields,
            added=self.added,
            exclusive=self.exclusive,
            fixed=self.fixed,
            shared_as=self.shared_as,
        )

    def opened(self, changes: ChartValue | Part) -> OpenMapping:
        """The same with one more mapping of the user's, which counts most."""
        return self.rebuilt(self, (*self.changes, changes))

    def over(self, changes: ChartValue | Part) -> OpenMapping:
        """The same with one more mapping of the user's, which counts least."""
        return self.rebuilt(self, (changes, *self.changes))

    def within(self) -> Iterable[Any]:
        """The values in it, and those that may change it."""
        return *self.changes, *self.values()

    def is_open(self, key: str) -> bool:
        """Whether the user may change the entry of a key otherwise than within it."""
        if self.fixed or (self.fields is not None and key not in self.fields):
            return False
        return not isinstance(content_of(self[key]), OpenMapping)

    def is_extended(self, key: str) -> bool:
        """Whether the user's entry for a key is added to what is there, not put in its place."""
        return key in self.added and isinstance(content_of(self.get(key)), list)

    def rivals(self, key: str) -> tuple[str, ...]:
        """The keys of the user's that take the place of an entry; none where nothing can."""
        if self.fixed or self._is_combined(key) or (self.fields is not None and key not in self.fields):
            return ()
        return self.exclusive if key in self.exclusive else (key,)

    def _is_combined(self, key: str) -> bool:
        """Whether an entry takes in what the user has under its key."""
        return self.is_extended(key) or isinstance(content_of(self.get(key)), OpenMapping)

    @property
    def is_common(self) -> bool:
        """Whether the user only adds to it, by one value, and all that is there is there in any case."""
        is_one = self.fixed and len(self.changes) == 1 and isinstance(self.changes[0], ChartValue)
        return is_one and not any(isinstance(entry, When) for entry in self.values())

    def is_plain(self, key: str) -> bool:
        """Whether an entry is plain data that only the user's own under the same keys takes the place of."""
        plain = isinstance(self[key], (str, int)) and self.rivals(key) == (key,)
        return plain and self.fields is None and len(self.changes) == 1 and isinstance(self.changes[0], Part)

    @property
    def picked(self) -> tuple[str, ...] | None:
        """The keys whose entries are the user's alone; None for all."""
        return None if self.fields is None else tuple(key for key in self.fields if not self._is_combined(key))


def content_of(entry: Any) -> Any:
    """An entry without the conditions on which it is there."""
    return entry.content if isinstance(entry, When) else entry


def with_entries(mapping: Mapping[str, Any], entries: dict[str, Any]) -> dict[str, Any]:
    """A mapping with other entries, which the chart's user may change as before."""
    return mapping.rebuilt(entries) if isinstance(mapping, OpenMapping) else entries
