"""Records behave as frozen dataclasses do."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import pytest

from fairlead.records import aside, each, mutable_record, record, record_fields, replaced


@record
class Point:
    """A point."""

    kind: ClassVar[str] = "point"
    x: int
    y: int = 0

    @property
    def sum(self) -> int:
        return self.x + self.y


@record
class Named(Point):
    """A point with a name."""

    name: str = ""

    def __repr__(self) -> str:
        return self.name


@record
class Open:
    """One whose default has no hash."""

    size: int
    entries: Mapping[str, str] = MappingProxyType({})


def test_fields_and_defaults() -> None:
    """Fields must be given by position or name, those of the base first, and defaults must fill the rest."""
    assert (Point(1).y, Point(x=1, y=2).sum, Named(1, 2, "a").name) == (0, 3, "a")
    assert record_fields(Named) == ("x", "y", "name")
    assert str(inspect.signature(Point)) == "(x: 'int', y: 'int' = 0)"


@pytest.mark.parametrize(
    "make",
    [lambda: Point(), lambda: Point(1, 2, 3), lambda: Point(1, x=1), lambda: Point(1, z=1)],  # type: ignore[call-arg, misc]
)
def test_wrong_calls(make: Callable[[], Any]) -> None:
    """A missing, unknown or doubled field must be a TypeError."""
    with pytest.raises(TypeError, match="Point"):
        make()


def test_it_can_not_be_changed() -> None:
    """Neither setting nor deleting a field must work."""
    point: Any = Point(1)

    with pytest.raises(AttributeError, match="Point can't be changed"):
        point.x = 2
    with pytest.raises(AttributeError, match="x"):
        del point.x
    assert replaced(point, x=2) == Point(2) and point.x == 1


def test_equality_and_text() -> None:
    """Equal fields must make equal records of one class, with equal hashes; a class's own methods must stay."""
    assert Point(1) == Point(1, 0) and Point(1) != Point(2) and Point(1) != Named(1)
    assert len({Point(1), Point(1, 0), Point(2)}) == 2
    assert (repr(Point(1)), repr(Named(1, name="a"))) == ("Point(x=1, y=0)", "a")
    assert copy.deepcopy(Point(1)) == pickle.loads(pickle.dumps(Point(1))) == Point(1)


def test_dataclasses_take_it_for_one_of_theirs() -> None:
    """Their functions must work, since users, and the control API, call them for what was a dataclass."""
    assert [(field.name, field.type) for field in dataclasses.fields(Named)] == [
        ("x", "int"),
        ("y", "int"),
        ("name", "str"),
    ]
    assert dataclasses.replace(Open(1), size=2) == Open(2)
    assert dataclasses.replace(Point(1), y=2) == Point(1, 2)
    assert dataclasses.asdict(Named(1)) == {"x": 1, "y": 0, "name": ""}


@mutable_record
class Basket:
    """What can be changed."""

    owner: str
    items: list[str] = each(factory=list)


@record
class Marked:
    """A record with a field that makes no difference."""

    name: str
    last: str = aside()
    line: int = aside(default=0)


@record
class Counted:
    """A record that completes itself."""

    names: tuple[str, ...]

    def __post_init__(self) -> None:
        vars(self).update(names=tuple(sorted(self.names)))


def test_defaults_made_for_each() -> None:
    """Each object must have a default of its own, also for those who look at it as a dataclass."""
    mine, yours = Basket("me"), Basket("you")
    mine.items.append("pear")
    assert (mine.items, yours.items, Basket("me", ["pear"])) == (["pear"], [], mine)
    assert dataclasses.replace(mine, owner="you").items == ["pear"]
    assert dataclasses.fields(Basket)[1].default_factory is list
    assert str(inspect.signature(Basket)) == "(owner: 'str', items: 'list[str]' = [])"


def test_a_mutable_record_can_be_changed_and_has_no_hash() -> None:
    """Fields must be assignable, and equality must follow them."""
    basket = Basket("me")
    basket.owner = "you"
    assert basket == Basket("you")
    with pytest.raises(TypeError, match="unhashable"):
        hash(basket)


def test_fields_that_make_no_difference() -> None:
    """Equality and hash must leave them out; those without default must be given."""
    assert Marked("a", "x", 1) == Marked("a", "y", 2) != Marked("b", "x", 1)
    assert len({Marked("a", "x", 1), Marked("a", "y", 2)}) == 1
    assert Marked.line == 0
    assert replaced(Marked("a", "x", 1), name="b").line == 1
    with pytest.raises(TypeError, match="needs last"):
        Marked("a")  # type: ignore[call-arg]
    assert [field.compare for field in dataclasses.fields(Marked)] == [True, False, False]


def test_a_record_may_complete_itself() -> None:
    """__post_init__ must be called with all fields in place."""
    assert Counted(("b", "a")).names == ("a", "b")


@record
class Awkward:
    """One whose fields are called like what a constructor might use."""

    type: str
    values: list[int] = each(factory=list)
    cls: str = "c"

    def __post_init__(self) -> None:
        if not self.type:
            raise ValueError("no type")


class Derived(Awkward):
    """One that is no record by itself."""


def test_objects_are_alike_however_many_there_are() -> None:
    """Objects of a class that has many must be like the first ones, and made by the same calls."""
    first = Awkward("a"), Awkward("a", [1], cls="d"), Derived("a")
    for _ in range(300):
        Awkward("b")
        Derived("b")
        Named(1, 2, "a")

    assert (Awkward("a"), Awkward("a", [1], cls="d"), Derived("a")) == first
    assert Awkward("a").values is not Awkward("a").values
    assert (Named(x=1), Named(1, name="n").name) == (Named(1, 0, ""), "n")
    wrong_calls: list[Callable[[], Any]] = [
        lambda: Awkward(),  # type: ignore[call-arg]
        lambda: Awkward("a", [], "c", 1),  # type: ignore[call-arg]
        lambda: Awkward("a", z=1),  # type: ignore[call-arg]
    ]
    for wrong in wrong_calls:
        with pytest.raises(TypeError):
            wrong()
    with pytest.raises(ValueError, match="no type"):
        Awkward("")
    with pytest.raises(AttributeError, match="can't be changed"):
        Awkward("a").cls = "d"  # type: ignore[misc]
