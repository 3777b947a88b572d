"""A ``.env`` file must be read as its writer meant it, and a mistake be told by its line, without showing values."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.errors import FairleadError, UsageError
from fairlead.runtime.values.dotenv import parse_dotenv, read_dotenv


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("\n  # a comment\n\n", {}),
        ("A=1", {"A": "1"}),
        ("A=1\nB=2\n", {"A": "1", "B": "2"}),
        ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ("  export  A = 1  ", {"A": "1"}),
        ("export=1", {"export": "1"}),
        ("A=", {"A": ""}),
        ("A=\nB=2", {"A": "", "B": "2"}),
        ("A=''\nB=\"\"", {"A": "", "B": ""}),
        ("A=two words", {"A": "two words"}),
        ("A=a#b", {"A": "a#b"}),
        ("A=a #b", {"A": "a"}),
        ("A=#b", {"A": "#b"}),
        ("A= #b", {"A": ""}),
        ("A='a #b' # c", {"A": "a #b"}),
        ('A="a \\"b\\" \\n \\\\ \\$ \\q"', {"A": 'a "b" \n \\ $ \\q'}),
        ("A='a \\n ${B}'", {"A": "a \\n ${B}"}),
        ("A=${B}$C", {"A": "${B}$C"}),
        ("A='line 1\nline 2'\nB=2", {"A": "line 1\nline 2", "B": "2"}),
        ('A="line 1\nline 2"', {"A": "line 1\nline 2"}),
        ("A=don't", {"A": "don't"}),
        ("A=x=y==", {"A": "x=y=="}),
        ("A=1\nA=2", {"A": "2"}),
        ("FAIRLEAD_PARAMETER_payment-key=x", {"FAIRLEAD_PARAMETER_payment-key": "x"}),
        ("A=grüße", {"A": "grüße"}),
    ],
)
def test_a_file_means(text: str, expected: dict[str, str]) -> None:
    """Each form of a line must have the meaning that the module's description gives it."""
    assert parse_dotenv(text) == expected


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("A=1\nhunter2", 2, "no '='"),
        ("A='1\nB=2'\n\nexport C", 4, "no '='"),
        ("A=1\n\nB='hunter2", 3, "quotes are not closed"),
        ("A='1' hunter2", 1, "something follows"),
        ("A= 'hunter2", 1, "quotes are not closed"),
        ('A="1\\"', 1, "quotes are not closed"),
        ("1A=hunter2", 1, "name"),
        ("A B=hunter2", 1, "name"),
        ("=hunter2", 1, "name"),
        ("A=hunter2\0", 1, "NUL"),
    ],
)
def test_a_mistake_names_its_line(text: str, line: int, words: str) -> None:
    """What can't be understood must be told with its line and a remedy, and not show what may be a secret."""
    with pytest.raises(UsageError) as caught:
        parse_dotenv(text, "x/.env")
    assert caught.value.message.startswith(f"x/.env:{line}: ")
    assert words in caught.value.message
    assert caught.value.remedy
    assert "hunter2" not in str(caught.value)


@given(st.dictionaries(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]*", fullmatch=True), st.text(st.characters(codec="utf-8"))))
def test_quoted_values_come_back(values: dict[str, str]) -> None:
    """Whatever is written in double quotes, escaped, must be read as it was."""
    clean = {name: value.replace("\0", "") for name, value in values.items()}
    escaped = {
        name: value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
        for name, value in clean.items()
    }
    assert parse_dotenv("".join(f'{name}="{value}"\n' for name, value in escaped.items())) == clean


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    """Any text at all must be read or be refused as a mistake, and never take long."""
    try:
        parse_dotenv(text)
    except FairleadError as error:
        assert isinstance(error, UsageError)


def test_files(tmp_path: Path) -> None:
    """A file must be read with or without a byte order mark; one that isn't there sets nothing."""
    path = tmp_path / ".env"
    assert read_dotenv(path) == {}
    path.write_bytes(b"\xef\xbb\xbfA=1\n")
    assert read_dotenv(path) == {"A": "1"}


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    """A file in another encoding must be refused with the line."""
    path = tmp_path / ".env"
    path.write_bytes(b"A=1\nB=gr\xfc\xdfe\n")
    with pytest.raises(UsageError) as caught:
        read_dotenv(path)
    assert caught.value.message.startswith(f"{path}:2: ")
