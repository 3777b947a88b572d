"""The table of values on the page about publishing is what the charts of apps have."""

from __future__ import annotations

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import pytest

from fairlead import Apphost
from fairlead.publish.chart.sections import Section
from fairlead.publish.publisher import render

REPOSITORY = Path(__file__).parents[2]
EXAMPLES = sorted(folder.name for folder in (REPOSITORY / "examples").iterdir() if (folder / "apphost.py").exists())


def load(file: Path) -> Any:
    """A Python file as a module."""
    loader = SourceFileLoader(f"{file.parent.name}_{file.stem}", str(file))
    spec = spec_from_loader(loader.name, loader)
    assert spec
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def script() -> Any:
    """The script that writes the table."""
    return load(REPOSITORY / "scripts" / "values_reference")


def test_the_table_is_what_the_script_writes(script: Any) -> None:
    """Keys, types and defaults on the page must be those of charts, and each key must be described."""
    page = (REPOSITORY / "docs" / "reference" / "kubernetes.md").read_text()

    assert f"{script.BEGIN}\n{script.table()}\n{script.END}" in page
    assert {row.pattern[0] for row in script.rows()} >= {section.key for section in Section.all()}


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_value_of_an_example_is_in_the_table(script: Any, example: str) -> None:
    """Each key of an example's chart must have the form of a row."""
    definitions = vars(load(REPOSITORY / "examples" / example / "apphost.py")).values()
    (apphost,) = (found for found in definitions if isinstance(found, Apphost))

    forms = [row.pattern for row in script.rows()]

    for chart in render(apphost.build("publish")).charts.values():
        for key in chart.values:
            paths = [(*key.value.path, field) for field in key.schema.get("properties", ())] or [key.value.path]
            without = [path for path in paths if not any(fits(path, form) for form in forms)]
            assert not without, f"no row for {without}"


def fits(path: tuple[str, ...], form: tuple[str, ...]) -> bool:
    """Whether a path has the form of a row, in which words in angle brackets stand for names."""
    return len(path) == len(form) and all(
        word == key or word.startswith("<") for key, word in zip(path, form, strict=True)
    )


def test_a_key_that_is_not_described_stops_the_script(script: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new value of the chart must not get onto the page without words, nor words stay without a value."""
    monkeypatch.delitem(script.DESCRIPTIONS, "services.<workload>.type")
    monkeypatch.setitem(script.DESCRIPTIONS, "services.<workload>.kind", "…")
    with pytest.raises(SystemExit, match=r"without description: services\.<workload>\.type"):
        script.table()
