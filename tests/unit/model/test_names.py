from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.definitions import build, mistakes, the_mistake

from fairlead import Generate, Resource
from fairlead.model.names import derived_name, name_problem, normal_form, variable_form

WORD = st.text("abcXYZ019", min_size=1, max_size=6)
GOOD = st.builds(
    lambda first, words: "-".join([first, *words]),
    st.text("abcXYZ", min_size=1, max_size=6),
    st.lists(WORD, max_size=4),
)


@given(GOOD)
def test_good_names_are_accepted(name: str) -> None:
    """A name of letters, digits and single separators that starts with a letter must be accepted."""
    assert name_problem(name) is None


@given(st.text(max_size=70))
def test_the_rule_holds_for_any_text(name: str) -> None:
    """A name must be accepted exactly when it keeps every clause of the rule."""
    keeps_the_rule = (
        1 <= len(name) <= 64
        and all(letter.isascii() and (letter.isalnum() or letter in "-_") for letter in name)
        and name[0].isalpha()
        and name[-1].isalnum()
        and not re.search(r"[-_]{2}", name)
    )

    assert (name_problem(name) is None) == keeps_the_rule


@pytest.mark.parametrize("name", ["a" * 65, "1a", "-a", "a-", "a--b", "a_-b", "a b", "ä", "a.b", "a\n", "", "  "])
def test_bad_names_are_told(name: str) -> None:
    """A bad name must be one mistake, with the rule as the remedy."""
    error = the_mistake(lambda app: app.add_redis(name))

    assert "start with a letter" in str(error.remedy)
    assert error.resource


@pytest.mark.parametrize("other", ["api", "API", "Api"])
def test_names_are_unique_regardless_of_case(other: str) -> None:
    """Two resources whose names differ in case only must be a mistake that names the first one's line."""
    error = the_mistake(lambda app: (app.add_redis("api"), app.add_container(other, "nginx")))

    assert error.resource == other
    assert "Redis at" in error.message and __file__ in error.message


def test_names_of_one_normal_form_clash() -> None:
    """Names that differ in the separator only must clash, since both would be the same host name."""
    assert "same name" in the_mistake(lambda app: (app.add_redis("a_b"), app.add_redis("a-b"))).message


def test_children_take_part_in_uniqueness() -> None:
    """A child must not have the name of another resource."""
    error = the_mistake(lambda app: (app.add_postgres("pg").add_database("x"), app.add_redis("X")))

    assert error.resource == "X"


def test_a_bad_name_twice_is_no_duplicate() -> None:
    """A name that is reported as bad must not be reported as a duplicate too."""
    assert len(mistakes(lambda app: (app.add_redis(""), app.add_redis("")))) == 2


@given(GOOD)
def test_normal_form_is_a_host_name(name: str) -> None:
    """The normal form must be what DNS takes."""
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", normal_form(name))


@given(st.text(min_size=1, max_size=20))
def test_variable_form_is_an_identifier(name: str) -> None:
    """The variable form of any text must be a plain name of an environment variable."""
    assert re.fullmatch(r"[A-Z_][A-Z0-9_]*", variable_form(name))


@pytest.mark.parametrize(
    ("name", "form"), [("my-api", "MY_API"), ("1st", "_1ST"), ("a.b", "A_B"), ("api_v2", "API_V2")]
)
def test_variable_form(name: str, form: str) -> None:
    """Non-alphanumerics must become underscores, and a leading digit must get one."""
    assert variable_form(name) == form


@given(GOOD, st.sampled_from(["password", "connection-string"]))
def test_what_comes_along_has_a_good_name(name: str, suffix: str) -> None:
    """The name of what a kind brings along must be good for every good name, and readable for a short one."""
    long = (name + "x" * 64)[:64]

    assert name_problem(derived_name(name[:64], suffix)) is None
    assert name_problem(derived_name(long, suffix)) is None
    assert derived_name("pg", suffix) == f"pg-{suffix}"


def test_the_longest_name_is_good_for_every_kind() -> None:
    """A name of 64 characters must be good also where a kind derives names from it."""
    app = build(lambda app: (app.add_postgres("p" * 64), app.add_connection_string("c" * 64)))

    assert len({resource.name for resource in app}) == 4


def test_outside_a_definition_a_mistake_raises() -> None:
    """Outside a definition a bad name must raise at once, at the line that made it."""
    with pytest.raises(Exception, match=r"test_names\.py:\d+: <Resource>: a name can't be blank"):
        Resource("")


def test_generate_is_checked() -> None:
    """A generated value of under 8 characters, or of no number, must be a mistake."""
    assert "8 or more" in str(the_mistake(lambda app: app.add_parameter("p", Generate(4))).remedy)
    assert "number" in the_mistake(lambda app: app.add_parameter("p", Generate("x"))).message  # type: ignore[arg-type]
