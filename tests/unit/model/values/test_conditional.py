"""A text that a parameter switches, and plain data of other types: what the definition may give."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from tests.support.definitions import the_mistake

from fairlead import AppBuilder, Parameter, ref, when
from fairlead.model.values.value import to_text

FLAG = Parameter("flag", False)


@pytest.mark.parametrize("text", ["true", "True", "YES", "on", "1"])
def test_what_is_on(text: str) -> None:
    """The usual words must switch a text on, in upper and lower case."""
    assert when(FLAG, "a", "b").chosen(text) == "a"


@pytest.mark.parametrize("text", ["false", "no", "off", "0", "", "maybe"])
def test_what_is_off(text: str) -> None:
    """Anything else must switch it off."""
    assert when(FLAG, "a", "b").chosen(text) == "b"
    assert when(FLAG, "a").chosen(text) == ""


def test_a_word_of_ones_own_switches() -> None:
    """A definition must be able to name the text that counts."""
    tier = when(Parameter("tier", "small"), 3, 1, equals="Premium")
    assert (tier.chosen("premium"), tier.chosen("true")) == ("3", "1")


def test_secrecy_is_that_of_all_parts() -> None:
    """A switched text must be as secret as what decides and both texts, and name all that it needs."""
    key = Parameter("key", secret=True)
    assert not when(FLAG, "a", "b").secret
    assert all(value.secret for value in (when(key, "a"), when(FLAG, key), when(FLAG, "a", ref("k={k}", k=key))))
    assert list(when(FLAG, ref("k={k}", k=key), FLAG).leaves()) == [FLAG, key, FLAG]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: when("true", "a"), "when() needs a parameter as its condition, not str"),  # type: ignore[arg-type]
        (lambda: when(FLAG, None), "when() got None as then"),  # type: ignore[arg-type]
        (lambda: when(FLAG, "a", ["b"]), "when() got list as otherwise"),  # type: ignore[arg-type]
        (lambda: when(FLAG, "a", "b", equals=1), "when() needs text as equals, not int"),  # type: ignore[arg-type]
    ],
)
def test_wrong_arguments_are_mistakes(wrong: Any, message: str) -> None:
    """What can't be switched must be a mistake with a place, not an exception from the depths."""

    def define(app: AppBuilder) -> None:
        app.add(FLAG)
        app.add_container("api", "api:1", env={"A": wrong()})

    mistake = the_mistake(define)
    assert (mistake.message, bool(mistake.remedy), mistake.file) == (message, True, __file__)


def test_a_switch_of_a_foreign_parameter_is_a_mistake() -> None:
    """What a switched text needs must be part of the app, like any other value."""
    other = Parameter("other", "x")
    mistake = the_mistake(lambda app: app.add_container("api", "api:1", env={"A": when(other, "a")}))
    assert "'other', which is not part of this app" in mistake.message


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime(2026, 11, 26, 16, 30, tzinfo=UTC), "2026-11-26T16:30:00+00:00"),
        (date(2026, 11, 26), "2026-11-26"),
        (timedelta(minutes=1, seconds=30), "90"),
        (timedelta(milliseconds=250), "0.25"),
        (timedelta(seconds=-1, microseconds=-500), "-1.0005"),
        (timedelta(days=400), "34560000"),
        (timedelta(), "0"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.10"), "0.10"),
        (Path("data") / "x", "data/x"),
        (PurePosixPath("/srv"), "/srv"),
        (True, "true"),
    ],
)
def test_plain_data_has_one_text(value: Any, text: str) -> None:
    """Plain data of each type must have a text that a program can read, also within a ``ref``, as a default."""
    assert to_text(value) == text
    assert ref("{v}", v=value).parts() == (text,)
    assert Parameter("p", value).default == text
