"""The text of an environment file must be read as its writer meant it; a line that is none must stop nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.model.values.env_file import interpolate, looks_secret, names_from_outside, names_secret, parse_env_file


def read(text: str, **outside: str) -> dict[str, str | None]:
    return interpolate(parse_env_file(text.encode()).assignments, outside)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("\n  # a comment\n\n", {}),
        ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ("\ufeffA=1", {"A": "1"}),
        ("  export  A = 1  ", {"A": "1"}),
        ("A=", {"A": ""}),
        ("A=two words # c", {"A": "two words"}),
        ("A=a#b", {"A": "a#b"}),
        ("A='a #b' # c", {"A": "a #b"}),
        ('A="a \\"b\\" \\n"', {"A": 'a "b" \n'}),
        ("A='line 1\nline 2'\nB=2", {"A": "line 1\nline 2", "B": "2"}),
        ("A=1\nA=2", {"A": "2"}),
        ("A", {"A": None}),
        ("A=1\nB=${A}2", {"A": "1", "B": "12"}),
        ("B=${HOME}/x", {"B": "/home/me/x"}),
        ("HOME=/other\nB=${HOME}", {"HOME": "/other", "B": "/other"}),
        ("B=${NOWHERE}x", {"B": "x"}),
        ("B=${NOWHERE:-y}x", {"B": "yx"}),
        ("A=grüße", {"A": "grüße"}),
    ],
)
def test_a_file_means(text: str, expected: dict[str, str]) -> None:
    """Each form of a line must mean what python-dotenv takes it for."""
    assert read(text, HOME="/home/me") == expected


@pytest.mark.parametrize(
    ("content", "expected", "foreign"),
    [
        (b"A=1\nfoo bar\nB=2", {"A": "1", "B": "2"}, (2,)),
        (b"A=1\n\n\nfoo bar\n\nB=2\n=x", {"A": "1", "B": "2"}, (4, 7)),
        (b"A='1\nB=2", {"B": "2"}, (1,)),
        (b"A='1' x\nB=2", {"B": "2"}, (1,)),
        (b"A=1\nB=gr\xfc\xdfe\nC=3", {"A": "1", "C": "3"}, (2,)),
        (b"A=1\0\nB=2", {"B": "2"}, (1,)),
    ],
)
def test_a_foreign_line_is_told_and_skipped(content: bytes, expected: dict[str, str], foreign: tuple[int, ...]) -> None:
    """What can't be understood must be known by its line, and all else be read."""
    text = parse_env_file(content)

    assert interpolate(text.assignments, {}) == expected
    assert text.foreign_lines == foreign


@given(st.binary() | st.text().map(str.encode))
def test_no_content_breaks_it(content: bytes) -> None:
    """Any file at all must be read, and give only text that a program can be given."""
    for name, value in interpolate(parse_env_file(content).assignments, {}).items():
        assert "\0" not in f"{name}{value}"
        f"{name}{value}".encode()


def test_what_comes_from_outside_is_known() -> None:
    """A name that neither a line above nor a default gives must be found."""
    assignments = parse_env_file(b"A=${B}\nB=1\nC=${B}${D:-x}${E}${E}").assignments

    assert names_from_outside(assignments) == ["B", "E"]


@pytest.mark.parametrize(
    "variable",
    ["API_KEY=a", "TOKEN=a", "DB_PASSWORD=a", "githubToken=a", "X=sk_live_51H", "DATABASE_URL=postgres://u:p@h/d"],
)
def test_secrets_are_told_from_the_rest(variable: str) -> None:
    """A variable that may be a secret must look like one."""
    name, _, value = variable.partition("=")
    assert looks_secret(name, value)


@pytest.mark.parametrize(
    "variable",
    ["DEBUG=true", "PORT=8000", "LOG_LEVEL=info", "ENV=development", "API=http://localhost:4000/v1", "KEYCLOAK_URL="],
)
def test_what_is_plain_is_shown(variable: str) -> None:
    """A word, number or address must not look secret: its text would be masked in every log."""
    name, _, value = variable.partition("=")
    assert not looks_secret(name, value)
    assert not names_secret("STRIPE_PUBLIC_KEY", value)


def test_the_parser_is_loaded_late() -> None:
    """Neither a definition nor the command line may load python-dotenv before a file is parsed."""
    code = (
        "import sys, fairlead.cli.main, fairlead.publish.publisher, fairlead.runtime.host\n"
        "assert 'dotenv' not in sys.modules\n"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
