"""The sources of a parameter must be told in the order in which they win."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairlead.errors import UsageError
from fairlead.model.parameter import Generate, Parameter
from fairlead.runtime.store.secrets import SecretStore
from fairlead.runtime.values.parameters import ParameterSources

VARIABLE = "FAIRLEAD_PARAMETER_KEY"


def sources_with(
    folder: Path, given: str | None = None, environ: str | None = None, project: str | None = None
) -> ParameterSources:
    return ParameterSources(
        {} if given is None else {"KEY": given},
        {} if environ is None else {VARIABLE: environ},
        SecretStore(folder / "secrets.json"),
        {} if project is None else {"key": project},
    )


def test_all_sources_are_told(tmp_path: Path) -> None:
    """Each source must be listed with what it gives, the default last, and the first value must be the one found."""
    sources = sources_with(tmp_path, given="a", environ="b", project="d")
    key = Parameter("key", "e")
    assert sources.store is not None
    sources.store.set("key", "c")
    assert [(answer.source, answer.value) for answer in sources.answers(key)] == [
        ("set in this run", None),
        ("command line", "a"),
        ("environment", "b"),
        ("stored", "c"),
        ("pyproject.toml", "d"),
        ("default", "e"),
    ]
    assert (sources.find(key).value, sources.find(key).source) == ("a", "command line")


@pytest.mark.parametrize("stores", [True, False])
def test_a_value_that_was_made_up(tmp_path: Path, stores: bool) -> None:
    """It must be told as generated in the run that made it up, and as stored in later ones."""
    sources = sources_with(tmp_path) if stores else ParameterSources({}, {}, None, {})
    key = Parameter("key", Generate(), secret=True)
    assert sources.answers(key)[-1].source == "generated" and sources.answers(key)[-1].value is None
    made = sources.find(key)
    assert made.source == sources.find(key).source == "generated" and sources.find(key).value == made.value
    assert [answer.source for answer in sources.answers(key) if answer.value] == ["generated"]
    if stores:
        assert sources_with(tmp_path).find(key).source == "stored"


def test_when_a_value_has_changed(tmp_path: Path) -> None:
    """Only another value must count as a change."""
    sources = sources_with(tmp_path, given="a")
    key = Parameter("key")
    assert sources.changed_at(key) is None
    sources.give(key, "a", store=False)
    assert sources.changed_at(key) is None and sources.find(key).source == "set in this run"
    sources.give(key, "b", store=False)
    assert sources.changed_at(key) is not None


def test_a_stored_value_is_forgotten(tmp_path: Path) -> None:
    """It must be gone for later runs, and stay for this one; what is not stored can't be forgotten."""
    key = Parameter("key", Generate())
    value = sources_with(tmp_path).find(key).value
    sources = sources_with(tmp_path)
    sources.forget(key)
    assert sources.find(key).value == value
    assert sources_with(tmp_path).look(key) is None
    with pytest.raises(UsageError, match="no value of it is stored"):
        sources.forget(key)
    with pytest.raises(UsageError, match="no value of it is stored"):
        ParameterSources({}, {}, None, {}).forget(key)


def test_a_value_that_hides_a_stored_one(tmp_path: Path) -> None:
    """Forgetting must not bring the stored value before one that wins over it."""
    key = Parameter("key")
    sources = sources_with(tmp_path, environ="b")
    assert sources.store is not None
    sources.store.set("key", "c")
    sources.forget(key)
    assert (sources.find(key).value, sources.find(key).source) == ("b", "environment")
