"""The emitter, judged by PyYAML's reader."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fairlead.publish.formats.yaml import Commented, Emitter, Enclosed, Raw

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
WORDS = st.sampled_from(
    [
        "yes",
        "No",
        "ON",
        "y",
        "null",
        "~",
        "017",
        "0x1f",
        "1_000",
        "12:30:45",
        ".5",
        "1e3",
        ".inf",
        "2020-01-01",
        "=",
        "<<",
    ]
) | st.sampled_from(
    ["{", "[]", "!t", "&a", "*a", "%", "@", "`", "|", ">", "?", "---", "...", "a:", ":a", "- a", "a: b", "# c", "a #b"]
)
LINES = st.lists(st.one_of(st.text(" \tab#:", max_size=6), TEXT), max_size=6).map("\n".join)
SCALAR = st.one_of(TEXT, WORDS, LINES, st.integers(-(2**63), 2**63), st.booleans(), st.none())
KEY = st.one_of(TEXT, WORDS)
CONTENT = st.recursive(
    SCALAR, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEY, inner, max_size=4)), max_leaves=20
)


@given(st.dictionaries(KEY, CONTENT, max_size=5))
def test_what_is_written_is_read_again(content: dict[str, Any]) -> None:
    """Whatever is written must be read as it was, by a reader of YAML 1.1."""
    written = Emitter().document(content)

    assert yaml.load(written, yaml.CSafeLoader) == content
    assert written.endswith("\n")


@given(st.dictionaries(KEY, CONTENT, max_size=5))
def test_lines_before_and_after_an_entry_change_nothing(content: dict[str, Any]) -> None:
    """Conditions and comments around entries must leave the entries as they were."""
    enclosed = {
        key: Enclosed("# if", Commented("why\n\nwhy not", value), "# end")
        if number % 2
        else [Enclosed("# if", value, "# end"), {"first": Commented("c", value), "second": value}]
        for number, (key, value) in enumerate(content.items())
    }
    expected = {
        key: value if number % 2 else [value, {"first": value, "second": value}]
        for number, (key, value) in enumerate(content.items())
    }

    assert yaml.load(Emitter().document(enclosed), yaml.CSafeLoader) == expected


def test_it_looks_like_something_a_person_wrote() -> None:
    """Plain words must be plain, lines must be lines, and the order must be the one given."""
    content = {
        "name": "api",
        "image": "nginx:1.22-bookworm",
        "count": 2,
        "script": "one\n  two\n",
        "items": [{"a": 1, "b": []}, "x", {}],
        "expression": Raw("{{ .Values.x }}"),
    }

    assert Emitter().document(content) == (
        "name: api\n"
        "image: nginx:1.22-bookworm\n"
        "count: 2\n"
        "script: |\n"
        "  one\n"
        "    two\n"
        "items:\n"
        "  - a: 1\n"
        "    b: []\n"
        "  - x\n"
        "  - {}\n"
        "expression: {{ .Values.x }}\n"
    )


def test_what_it_does_not_know_is_refused() -> None:
    """A type without a spelling must raise, and not be written somehow."""
    with pytest.raises(TypeError, match="object can't be written"):
        Emitter().document({"a": object()})
