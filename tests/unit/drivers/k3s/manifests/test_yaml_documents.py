"""YAML is read as kubectl reads it: expected values are what ``kubectl create --dry-run=client -o json`` 1.36 made."""

from __future__ import annotations

from typing import Any

import pytest

from fairlead.drivers.k3s.manifests.yaml_documents import InvalidYaml, parse_documents


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("12:30", "12:30"),
        ("190:20:30", "190:20:30"),
        ("2001-01-01", "2001-01-01"),
        ("2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00"),
        ("y", True),
        ("Yes", True),
        ("off", False),
        ("1e3", 1000),
        ("1e+3", 1000),
        ("1.5", 1.5),
        ("1.", 1),
        (".5", 0.5),
        ("0o17", 15),
        ("017", 15),
        ("0x1F", 31),
        ("0b11", 3),
        ("1_000", 1000),
        ("+1", 1),
        ("-12", -12),
        ("0", 0),
        ("=", "="),
        ("~", None),
        ("null", None),
        ("1.22-bookworm", "1.22-bookworm"),
        ("10Gi", "10Gi"),
        ("'017'", "017"),
    ],
)
def test_a_scalar_is_what_kubectl_makes_of_it(written: str, expected: Any) -> None:
    """A value must not change its meaning because Fairlead and not kubectl reads it."""
    [document] = parse_documents(f"a: {written}\n")

    assert document.content == {"a": expected}
    assert type(document.content["a"]) is type(expected)


def test_keys_are_texts() -> None:
    """Keys must be texts, as an object's are, also where YAML takes them for something else."""
    [document] = parse_documents("8080: a\non: b\n1.5: c\nn: d\n")

    assert document.content == {"8080": "a", "true": "b", "1.5": "c", "false": "d"}


def test_mappings_are_merged() -> None:
    """Anchors and merge keys must work within a document."""
    [document] = parse_documents("base: &base {a: 1, b: 2}\nmore:\n  <<: *base\n  b: 3\n")

    assert document.content["more"] == {"a": 1, "b": 3}


def test_each_document_has_its_line() -> None:
    """A message about a document must be able to say where it begins; empty ones are none."""
    documents = parse_documents("# first\na: 1\n---\n---\n# nothing\n---\n\nb: &x [2]\nc: *x\n")

    assert [(document.content, document.line) for document in documents] == [({"a": 1}, 2), ({"b": [2], "c": [2]}, 8)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: [1\nc: 2\n", "line 3, column 2: .* that begins in line 2"),
        ("a: 1\n---\nb: 'x\n", "line 4, column 1: found unexpected end of stream"),
        ("\ta: 1", "line 1, column 1: found character that cannot start any token"),
        ("a: *x", "line 1, column 4: found undefined alias"),
        ("a: !secret x", "line 1, column 4: could not determine a constructor"),
        ("a: 1\n---\nb: .inf", "line 3: .* not finite"),
        ("a: !!binary aGk=", "line 1: .* type bytes"),
    ],
)
def test_what_is_no_yaml_is_told_with_its_line(text: str, message: str) -> None:
    """A mistake must be told with the line that it is in."""
    with pytest.raises(InvalidYaml, match=message):
        parse_documents(text)
