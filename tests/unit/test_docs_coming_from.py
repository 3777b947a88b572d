"""The pages for those who come from elsewhere name calls, properties and verbs that there are."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.compose_schema import specification_keys

import fairlead.resources
from fairlead.app import AppBuilder
from fairlead.cli.overview import VERBS
from fairlead.resources.kubernetes import KubernetesProperties

DOCS = Path(__file__).parents[2] / "docs"
ROW = re.compile(r"^\| (?P<theirs>[^|]+) \| (?P<ours>[^|]+) \|", re.MULTILINE)


def known_calls() -> set[str]:
    """Everything that can be called on an app or on one of its resources, and the properties of an environment."""
    names = {*dir(AppBuilder), *KubernetesProperties.__dataclass_fields__}
    for module in pkgutil.walk_packages(fairlead.resources.__path__, "fairlead.resources."):
        for _, kind in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            names.update(dir(kind))
    return names


def spans(page: str) -> Iterator[str]:
    """What stands in code on our side of the tables."""
    for row in ROW.finditer((DOCS / page).read_text()):
        yield from re.findall(r"`([^`]+)`", row["ours"])


@pytest.mark.parametrize("page", ["coming-from-aspire.md", "coming-from-compose.md"])
def test_calls_and_verbs_are_there(page: str) -> None:
    known = known_calls()
    verbs = {name for names in VERBS.values() for name in names}
    for span in spans(page):
        call = re.match(r"(?:app\.)?(\w+)(?:\(|$)", span)
        verb = re.match(r"fairlead (\w+)", span)
        if verb:
            assert verb[1] in verbs, span
        elif call and "_" in call[1]:
            assert call[1] in known, span


def test_every_key_of_the_compose_specification_is_there() -> None:
    """Each key of the specification's schema must stand on the left of the tables, and nothing else that is dotted."""
    page = (DOCS / "coming-from-compose.md").read_text()
    ours = {span for row in ROW.finditer(page) for span in re.findall(r"`([^`]+)`", row["theirs"])}
    whole = {span.removesuffix(".*") for span in ours if span.endswith(".*")}
    theirs = {key for key in specification_keys() if key.partition(".")[0] not in whole or "." not in key}

    assert theirs - ours == set()
    dotted = {span for span in ours if re.fullmatch(r"[a-z_]+\.[a-z_0-9]+", span)}
    assert dotted - theirs == set()
