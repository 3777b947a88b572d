"""Whatever a program writes, what is shown must be safe for a terminal, and free of secrets."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.runtime.logs.text import Mask, printable

UNSAFE = re.compile("[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f]")
SGR = re.compile("\x1b\\[[0-9;:]*m")


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"plain", "plain"),
        ("grüße →".encode(), "grüße →"),
        (b"a\tb", "a\tb"),
        (b"\x1b[1;31mred\x1b[0m", "\x1b[1;31mred\x1b[0m"),
        (b"\x1b[38:2::1:2:3mtrue\x1b[m", "\x1b[38:2::1:2:3mtrue\x1b[m"),
        (b"a\x1b[2J\x1b[10;5Hb\x1b[?25lc", "abc"),
        (b"\x1b]0;title\x07text", "text"),
        (b"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        (b"\x1bPdevice\x1b\\text", "text"),
        (b"\x1b(Ba\x1b=b\x1bMc", "abc"),
        (b"\x1b]not closed", "not closed"),
        (b"end\x1b", "end"),
        (b"\x1b\x1b[2Jx", "x"),
        (b"\x07a\x08b\x00c\x7f", "abc"),
        (b"\x1b\x00[2Jx", "[2Jx"),
        (b"a\xff\xfeb", "a\ufffd\ufffdb"),
        (b"a\xe2\x82", "a\ufffd"),
        (b"\xc2\x9b2J\xc2\xa3", "2J£"),
        (b"\xc2\x00\x9bx", "x"),
        (b"windows\r", "windows"),
        (b"\rstart", "start"),
        (b"10%\r20%\r\r30%", "30%"),
        (b"10%\r\x1b[K20%", "20%"),
        (b"10%\r20%\r", "20%"),
        (b"\r\r", ""),
    ],
)
def test_a_line_is_shown(raw: bytes, shown: str) -> None:
    """Text, tabs and colours must stay; other escapes and controls must go; a carriage return must replace a line."""
    assert printable([raw]) == shown


@given(st.lists(st.binary().map(lambda raw: raw.replace(b"\n", b""))))
def test_nothing_unsafe_comes_out(lines: list[bytes]) -> None:
    """Any bytes must become text without control characters but tab and colours, in as many lines as came."""
    text = printable(lines)
    assert not UNSAFE.search(text)
    assert "\x1b" not in SGR.sub("", text)
    assert text.count("\n") == max(0, len(lines) - 1)
    text.encode()


@given(
    st.lists(st.sampled_from([b"\x1b", b"[", b"]", b"0", b";", b"m", b"J", b"\x07", b"\\", b"\x9b", b"\xc2", b"\r"]))
)
def test_no_escape_is_put_together(pieces: list[bytes]) -> None:
    """What is left of mangled escape sequences must not make up a new one."""
    text = printable([b"".join(pieces)])
    assert not UNSAFE.search(text)
    assert "\x1b" not in SGR.sub("", text)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"])))
def test_text_stays_as_it_is(text: str) -> None:
    """Text without control characters must come out unchanged."""
    assert printable([text.encode()]) == text


@pytest.mark.parametrize(
    "unit", [b"\r", b"\x1b", b"\x1b[", b"\x1b]", b"\x1b[0;", b"\x1b]a", b"0\r", b"\xc2\x9b", b"\xff"]
)
def test_hostile_lines_are_cheap(unit: bytes) -> None:
    """Whatever is hardest must be dealt with: a step that is quadratic would take minutes, which no test is given."""
    assert printable([unit * (300_000 // len(unit))]).isascii() or b"\xff" in unit
    assert "\x1b[" not in printable([b"\x1b[" + unit * (300_000 // len(unit))])


def test_returns_replace_their_own_line_only() -> None:
    """In a batch, a carriage return must touch no line but its own."""
    assert printable([b"a", b"10%\r20%", b"b\r", b"\r", b"\rc"]) == "a\n20%\nb\n\nc"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("key: hunt", "key: ***"),
        ("key: hunter", "key: ***"),
        ("key: hunter2", "key: ***"),
        ("key: hunter2 h", "key: *** h"),
        ("key: hun", "key: hun"),
        ("hunt for it", "hunt for it"),
    ],
)
def test_the_beginning_of_a_secret_is_masked_in_an_open_line(text: str, shown: str) -> None:
    """A secret that has not been written to its end must not be seen either."""
    mask = Mask()
    mask.add("hunter2")
    assert mask.apply_open(text) == shown


def masked(text: str, *secrets: str) -> str:
    mask = Mask()
    for secret in secrets:
        mask.add(secret)
    return mask.apply(text)


def test_secrets_are_masked() -> None:
    """Every occurrence of every secret must be replaced, in all lines of a batch."""
    assert masked("a hunter2 b\nhunter2hunter2 s3cret", "hunter2", "s3cret") == "a *** b\n****** ***"


@pytest.mark.parametrize("order", [("hunter", "hunter2000"), ("hunter2000", "hunter")])
def test_the_longest_goes_first(order: tuple[str, str]) -> None:
    """A secret that begins with another one must be masked as a whole, in whichever order they are added."""
    assert masked("x hunter2000 hunter y", *order) == "x *** *** y"


@pytest.mark.parametrize(
    ("secret", "expected"),
    [
        ("", "PIN=42 142 4-2 a.b ***"),
        (" ", "PIN=42 142 4-2 a.b ***"),
        ("*", "PIN=42 142 4-2 a.b ***"),
        ("42", "PIN=*** 142 4-2 a.b ***"),
        ("4-2", "PIN=42 142 *** a.b ***"),
        ("a.b", "PIN=42 142 4-2 *** ***"),
        ("a", "PIN=42 142 4-2 ***.b ***"),
    ],
)
def test_short_secrets_are_masked_as_whole_words(secret: str, expected: str) -> None:
    """A secret under four characters must be masked where it stands by itself, and never inside a word."""
    assert masked("PIN=42 142 4-2 a.b ***", secret) == expected


@pytest.mark.parametrize("secret", ["p@ss/w:rd", 'quo"te\\d', "grüße-ß", "100%sure", "tab\tbed"])
def test_other_spellings_are_masked(secret: str) -> None:
    """A secret must also be masked as it is written in a URL and in JSON."""
    spellings = (secret, quote(secret, safe=""), json.dumps(secret), json.dumps(secret, ensure_ascii=False))
    assert masked("\n".join(spellings), secret) == '***\n***\n"***"\n"***"'


def test_secrets_of_several_lines() -> None:
    """A secret of several lines must be masked at once and line by line, without changing the number of lines."""
    key = "-----BEGIN KEY-----\nMIIEabcdefgh\nabc\n-----END KEY-----\n"
    assert masked(f"key: {key}end", key) == "key: ***\n\n\n\nend"
    assert masked("MIIEabcdefgh\nother\nabc", key) == "***\nother\nabc"


def test_secrets_with_control_characters() -> None:
    """A secret must be found as it looks after the log has been cleaned."""
    mask = Mask()
    mask.add("hun\x00ter2")
    assert mask.apply(printable([b"x hun\x00ter2"])) == "x ***"


@given(st.lists(st.text(min_size=4, max_size=8), max_size=5), st.lists(st.integers(0, 4)))
def test_no_secret_survives(secrets: list[str], order: list[int]) -> None:
    """After masking, no secret may be in the text, however secrets overlap, and the number of lines must hold."""
    plain = [secret for secret in secrets if secret.isalnum()]
    text = "\n".join(plain[index] for index in order if index < len(plain))
    shown = masked(text, *plain)
    assert not any(secret in shown for secret in plain)
    assert shown.count("\n") == text.count("\n")
