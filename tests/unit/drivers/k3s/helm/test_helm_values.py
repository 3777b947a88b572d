"""The values of a release: files read as Helm reads them, warnings, and keys as they were written."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairlead import AppBuilder, Apphost
from fairlead.drivers.k3s.helm.values import key_text, misleading_texts, read_values_file
from fairlead.errors import StartError
from fairlead.resources.k3s.helm_keys import parse_helm_key
from fairlead.resources.k3s.helm_release import HelmRelease


def release(**values: object) -> HelmRelease:
    """A release with values that were given one by one."""

    def define(app: AppBuilder) -> None:
        web = app.add_k3s_cluster("k8s").add_helm_release("web", "./web")
        for key, value in values.items():
            web.with_helm_value(key, value)  # type: ignore[arg-type]

    found = Apphost(define, "boat").build()["web"]
    assert isinstance(found, HelmRelease)
    return found


def test_a_file_is_read_as_helm_reads_it(tmp_path: Path) -> None:
    """Dates and times are texts to Helm, and 1e3 is a number; anchors are followed, and an empty file has no values."""
    text = "\ufeffa: &x {day: 2024-01-02, at: 12:30, m: 1e3, yes: on}\nb: {<<: *x, m: '1'}\n"
    (tmp_path / "values.yaml").write_text(text, encoding="utf-8")
    # as helm template shows it, also the key that YAML 1.1 takes for a truth value
    a = {"day": "2024-01-02", "at": "12:30", "m": 1000, "true": True}
    assert read_values_file(tmp_path, "values.yaml") == {"a": a, "b": {**a, "m": "1"}}
    (tmp_path / "values.yaml").write_text("# nothing\n")
    assert read_values_file(tmp_path, "values.yaml") == {}


def test_files_that_can_t_be_read(tmp_path: Path) -> None:
    """Bytes that are no text, and a second document, which Helm would leave out without a word, must be errors."""
    (tmp_path / "values.yaml").write_bytes(b"a: \xff\n")
    with pytest.raises(StartError, match=r"values\.yaml is no text in UTF-8"):
        read_values_file(tmp_path, "values.yaml")
    (tmp_path / "values.yaml").write_text("a: 1\n---\nb: 2\n")
    with pytest.raises(StartError, match="has a second document in line 3"):
        read_values_file(tmp_path, "values.yaml")


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("true", "the truth value True"),
        ("no", "the truth value False"),
        ("1.10", "the number 1.1"),
        ("8080", "the number 8080"),
        ("null", "null"),
        ("~", "null"),
        ("v1.10", ""),
        ("", ""),
        ("a: b", ""),
        ("[", ""),
        (True, ""),
        (8080, ""),
    ],
)
def test_texts_that_look_like_something_else(value: object, meant: str) -> None:
    """A text that ``--set`` would have taken for a truth value, a number or null must be warned of, with its line."""
    warnings = list(misleading_texts(release(key=value)))
    assert len(warnings) == bool(meant)
    for warning in warnings:
        assert warning.startswith(f"Warning: with_helm_value('key', {value!r}) ({__file__}:")
        assert f"gives the chart a text, not {meant};" in warning


@pytest.mark.parametrize("key", ["a", "a.b", r"a.kubernetes\.io/role", "a[0].b[1][2]", r"a\\b.c"])
def test_keys_are_shown_as_they_were_written(key: str) -> None:
    """A key in a message must be what the definition has."""
    parts = parse_helm_key(key)
    assert parts is not None
    assert key_text(parts) == key
