"""Conditions: what has to hold for an entry of an object, or for a whole object, to be there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from fairlead.publish.chart.leaves import ChartValue, Leaf, Part, look_up
from fairlead.publish.chart.sections import Path


class Switch(Leaf):
    """A truth value that the chart's user may set, and the one that holds otherwise."""

    __slots__ = ("default", "part")

    def __init__(self, part: Part, default: bool) -> None:
        self.part = part
        self.default = default

    def within(self) -> Iterable[Any]:
        """Its parts."""
        return (self.part,)


class OneOf(Leaf):
    """Whether a value of the chart is one of these texts."""

    __slots__ = ("texts", "value")

    def __init__(self, value: ChartValue, *texts: str) -> None:
        self.value = value
        self.texts = texts

    def within(self) -> Iterable[Any]:
        """Its parts."""
        return (self.value,)


class Not(Leaf):
    """Whether a condition doesn't hold."""

    __slots__ = ("condition",)

    def __init__(self, condition: Condition) -> None:
        self.condition = condition

    def within(self) -> Iterable[Any]:
        """Its parts."""
        return (self.condition,)


class AnyOf(Leaf):
    """Whether one of several conditions holds."""

    __slots__ = ("conditions",)

    def __init__(self, *conditions: Condition) -> None:
        self.conditions = conditions

    def within(self) -> Iterable[Any]:
        """Its parts."""
        return self.conditions


#: What may or may not hold; a value or a part of one does unless it is empty.
Condition: TypeAlias = ChartValue | Part | Switch | OneOf | Not | AnyOf


def holds(condition: Leaf, lookup: Callable[[Path], Any]) -> bool:
    """Whether a condition holds.

    Args:
        condition: The condition.
        lookup: Gives the value set under a path.
    """
    if isinstance(condition, Not):
        return not holds(condition.condition, lookup)
    if isinstance(condition, AnyOf):
        return any(holds(one, lookup) for one in condition.conditions)
    if isinstance(condition, OneOf):
        return lookup(condition.value.path) in condition.texts
    if isinstance(condition, Switch):
        found = look_up(condition.part, lookup)
        return condition.default if found is None else bool(found)
    assert isinstance(condition, (ChartValue, Part))
    return bool(look_up(condition, lookup))
