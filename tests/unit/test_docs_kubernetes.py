"""The page on publishing has every property, and names a test for each weakness that others have."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from fairlead.resources.kubernetes.properties import PROPERTIES, KubernetesProperties

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "reference" / "kubernetes.md"
ROW = re.compile(r"^\| W(?P<number>\d+) \| (?P<what>.+) \| (?P<shown>.+) \|$", re.MULTILINE)


def rows() -> dict[int, str]:
    return {int(row["number"]): row["shown"] for row in ROW.finditer(PAGE.read_text())}


def file_of(word: str) -> Path:
    return TESTS / word if "/" in word else TESTS / "charts" / word


def test_every_weakness_has_its_row() -> None:
    """The table must have all 55, each with a test or with the word that it is about deploying."""
    assert list(rows()) == list(range(1, 56))
    assert all("`test_" in shown or "/test_" in shown or shown == "deploying" for shown in rows().values())


def test_every_named_test_exists() -> None:
    """Each test that the table names must be in the file that it names."""
    for number, shown in rows().items():
        file = "test_published.py"
        for part in shown.split(";"):
            for word in re.findall(r"`([^`]+)`", part):
                if word.endswith(".py"):
                    file = word
                else:
                    assert f"def {word}(" in file_of(file).read_text(), f"W{number}: {file} has no {word}"
            file = "test_published.py"


def test_every_property_is_on_the_page_with_its_default() -> None:
    """The table of properties must have each of them, with the default that it has."""
    pattern = re.compile(r"^\| `(?P<name>\w+)` \| (?P<default>.+?) \| .+ \|$", re.MULTILINE)
    section = PAGE.read_text().partition("## The properties\n")[2].partition("\n## ")[0]
    defaults = {row["name"]: row["default"] for row in pattern.finditer(section)}

    assert list(defaults) == list(PROPERTIES)
    for field in fields(KubernetesProperties):
        if field.default is not None:
            assert defaults[field.name] == f"`{field.default}`"
