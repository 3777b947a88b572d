"""The public names of the package, which are loaded when they are asked for."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest

import fairlead
from fairlead.model.driving import driver, driver_context

PACKAGE = Path(fairlead.__file__)


def test_what_type_checkers_see_is_what_there_is() -> None:
    """The imports that type checkers read and the table that the names are loaded by must say the same."""
    guarded = next(node for node in ast.parse(PACKAGE.read_text()).body if isinstance(node, ast.If))
    seen = {
        alias.name: node.module for node in guarded.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    del seen["Any"]

    assert seen == fairlead._HOME


def test_every_public_name_can_be_loaded() -> None:
    """Each public name must lead to something, be listed, and come with a star import."""
    for name in fairlead._HOME:
        assert getattr(fairlead, name) is not None
        assert name in dir(fairlead)
    names: dict[str, object] = {}
    exec("from fairlead import *", names)
    assert set(fairlead._HOME) <= set(names)


def test_whatever_the_contract_of_drivers_names_is_public() -> None:
    """Each type of Fairlead in a signature of the contract, and in what those types consist of, must be exported."""
    named: dict[type, str] = {}
    pending: list[type] = [fairlead.Driver, fairlead.DriverContext, fairlead.RunGuard, fairlead.ObservedChild]
    pending += [fairlead.Resource, fairlead.NeededPort, fairlead.Contribution, fairlead.CommandResult]
    for owner in pending:
        for place, hint in annotations_of(owner):
            for each in types_in(hint):
                if each.__module__.startswith("fairlead") and each not in named:
                    named[each] = place
                    pending.append(each)

    assert len(named) > 30
    assert {each.__name__: place for each, place in named.items() if each.__name__ not in fairlead._HOME} == INTERNAL


INTERNAL = {"Declarable": "Output.__init__"}
"""What only Fairlead makes: an output comes from ``Resource.output``."""


def annotations_of(owner: type) -> Iterator[tuple[str, object]]:
    """The types of the public members of a class, with the names of the members."""
    names = {
        **vars(driver),
        **vars(driver_context),
        **vars(sys.modules[owner.__module__]),
        "Resource": fairlead.Resource,
    }
    members: dict[str, object] = {"": owner}
    members |= {name: member for name, member in vars(owner).items() if name == "__init__" or not name.startswith("_")}
    for name, member in members.items():
        annotated = getattr(member, "fget", None) or getattr(member, "__func__", None) or member
        if annotated is not owner and not inspect.isfunction(annotated):
            continue
        for field, hint in typing.get_type_hints(annotated, names).items():
            if not field.startswith("_"):
                yield f"{owner.__name__}.{name or field}", hint


def types_in(hint: object) -> Iterator[type]:
    origin = typing.get_origin(hint) or hint
    if isinstance(origin, type):
        yield origin
    for argument in typing.get_args(hint):
        for inner in argument if isinstance(argument, list) else [argument]:
            yield from types_in(inner)


def test_every_kind_is_public() -> None:
    """Whatever an add_… of the package returns must be exported, for annotations of one's own functions."""
    returned: set[type] = set()
    public = {name: getattr(fairlead, name) for name in fairlead._HOME}  # some are loaded by the methods that add one
    pending: list[type] = [fairlead.AppBuilder]
    while pending:
        owner = pending.pop()
        for name in dir(owner):
            if name.startswith(("add_", "with_registry")):
                kind = typing.get_type_hints(getattr(owner, name), localns=public)["return"]
                if isinstance(kind, type) and kind not in returned:
                    returned.add(kind)
                    pending.append(kind)

    assert len(returned) > 20
    assert [kind.__name__ for kind in returned if getattr(fairlead, kind.__name__, None) is not kind] == []
    assert {fairlead.K3sAgent, fairlead.K3sRegistry} <= {getattr(fairlead, name) for name in fairlead._HOME}


def test_unknown_name_is_an_attribute_error() -> None:
    """A name that is not there must be an AttributeError like that of any module."""
    with pytest.raises(AttributeError, match="no attribute 'Shop'"):
        fairlead.Shop  # noqa: B018


def test_a_definition_loads_no_verb() -> None:
    """`from fairlead import apphost` must load the model, and nothing of what runs, tests or publishes an app."""
    program = "import sys\nfrom fairlead import apphost\nprint(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()

    verbs = ("fairlead.cli", "fairlead.testing", "fairlead.runtime", "fairlead.publish", "fairlead.engines", "click")
    assert "fairlead.verbs" in loaded
    assert [name for name in loaded if name.startswith(verbs)] == []


def test_importing_the_package_loads_nothing() -> None:
    """`import fairlead` must not load the model: the command line, which does that too, has no use for it."""
    program = "import sys, fairlead; sys.exit('fairlead.model' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
