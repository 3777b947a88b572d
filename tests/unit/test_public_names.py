"""The public names of the package, which are loaded when they are asked for."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import fairlead

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
