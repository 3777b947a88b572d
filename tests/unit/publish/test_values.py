"""Leaves: composing, encoding and resolving them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.publish.chart.leaves import (
    Builtin,
    ChartValue,
    Checksum,
    Joined,
    Text,
    When,
    WithDefault,
    canonical_json,
    chart_values,
    encode,
    is_secret,
    join,
    resolve,
)

PLAIN, SECRET = ChartValue(("parameters", "p")), ChartValue(("secrets", "s"))
VALUES: dict[tuple[str, ...], Any] = {
    PLAIN.path: "a b",
    SECRET.path: "ü/+",
    ("config", "x"): {"b": "<", "a": "1"},
    ("config", "none"): "",
}


def resolved(text: Text) -> str:
    return resolve(
        text, VALUES.__getitem__, {"release": "r", "namespace": "n", "manager": "m", "chart": "c", "version": "v"}
    )


def test_known_parts_become_one_text() -> None:
    """What is known must be joined at once, also through another composition."""
    inner = join(["a", PLAIN, "b"])

    assert join(["x", "y"]) == "xy"
    assert join([]) == ""
    assert join(["", PLAIN]) is PLAIN
    assert join(["c", inner, "d"]) == Joined(("ca", PLAIN, "bd"))


def test_leaves_are_equal_by_what_they_stand_for() -> None:
    """Two leaves of one kind with the same parts must be the same, those of two kinds never."""
    assert ChartValue(("a", "b")) == ChartValue(("a", "b"))
    assert len({Joined(("x", PLAIN)), Joined(("x", ChartValue(("parameters", "p"))))}) == 1
    assert Joined(("x",)) != Checksum(("x",))


@pytest.mark.parametrize(
    ("leaf", "text"),
    [
        (join(["<", PLAIN, ">"]), "<a b>"),
        (encode(SECRET, "uri"), "%C3%BC%2F%2B"),
        (encode(join(["$", PLAIN]), "dollars"), "$$a b"),
        (encode(SECRET, "base64"), "w7wvKw=="),
        (WithDefault(PLAIN, "d"), "a b"),
        (Builtin("release"), "r"),
        (WithDefault(ChartValue(("config", "none")), join(["/", Builtin("namespace")])), "/n"),
    ],
)
def test_resolving_gives_the_text(leaf: Text, text: str) -> None:
    """A leaf must resolve to what it stands for."""
    assert resolved(leaf) == text


def test_secrecy_is_that_of_the_parts() -> None:
    """A text must be secret as soon as one of the values in it is, however deep."""
    assert is_secret(join(["a", encode(join(["b", SECRET]), "uri")]))
    assert not is_secret(join(["a", PLAIN]))
    assert not is_secret("a")


def test_all_values_in_an_object_are_found() -> None:
    """Every value that an object depends on must be found, conditions too."""
    other = ChartValue(("x", "y"))
    content = {"a": [When((PLAIN,), {"b": encode(SECRET, "base64")})], "c": WithDefault(other, "")}

    assert set(chart_values(content)) == {PLAIN, SECRET, other}


@given(st.lists(st.text("$()aé\n", max_size=8), min_size=1, max_size=3))
def test_escaped_text_is_left_alone_by_kubernetes(parts: list[str]) -> None:
    """Texts must come out of the expansion of arguments as they were, also when they are put together."""
    assert expand("".join(str(encode(part, "dollars")) for part in parts)) == "".join(parts)


def expand(text: str) -> str:
    """What the kubelet makes of an argument; what it would take for a reference, or tear apart, is an error here."""

    def replaced(found: re.Match[str]) -> str:
        assert found.group(1) != "("
        assert found.group(1).isascii()
        return "$" if found.group(1) == "$" else found.group()

    return re.sub(r"\$(.)", replaced, text, flags=re.DOTALL)


def test_checksums_change_with_their_parts_only() -> None:
    """A checksum must depend on each part, whole sections included, and on nothing else."""
    section = ChartValue(("config", "x"), "object")

    assert resolved(Checksum(("f", section))) == resolved(Checksum(("f", section)))
    assert len({resolved(Checksum(parts)) for parts in [("f",), ("g",), ("f", PLAIN), ("f", section)]}) == 4


def test_checksums_are_taken_of_the_json_that_go_writes() -> None:
    """Keys must be sorted and the characters escaped that Go escapes, or renderers would disagree."""
    assert canonical_json({"b": "<&>\u2028", "a": [1]}) == '{"a":[1],"b":"\\u003c\\u0026\\u003e\\u2028"}'
    assert json.loads(canonical_json({"ü": "\n"})) == {"ü": "\n"}
