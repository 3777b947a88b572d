from __future__ import annotations

import copy
import operator
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.definitions import mistakes, spell, the_mistake

from fairlead import AppBuilder, ModelError, Parameter, Value, ref
from fairlead.model.values.value import DeferredValueError, Output
from fairlead.resources.redis import Redis

KEY = Parameter("key", secret=True)
PLAIN = Parameter("plain")
PORT = Redis("cache").endpoint("tcp").port

MISUSES: dict[str, Callable[[Any], object]] = {
    "str": str,
    "f-string": lambda value: f"{value}",
    "format": lambda value: "{}".format(value),  # noqa: UP032 - it is the misuse
    "percent": lambda value: "%s" % value,  # noqa: UP031 - it is the misuse
    "plus": lambda value: value + "x",
    "plus from the left": lambda value: "x" + value,
    "int": int,
    "float": float,
    "equal": lambda value: value == "x",
    "equal from the left": lambda value: operator.eq("x", value),
    "unequal": lambda value: value != 1,
    "in a list": lambda value: value in ["x"],
    "a list": lambda value: value == [],
    "a mapping": lambda value: value == {},
}


@pytest.mark.parametrize("misuse", MISUSES.values(), ids=MISUSES)
@pytest.mark.parametrize(
    "value", [PLAIN, PORT, Redis("r").endpoint(), ref("{x}", x=KEY), Redis("r").output("o")], ids=repr
)
def test_using_a_value_as_text_raises(value: Value, misuse: Callable[[Any], object]) -> None:
    """Treating a value as text must raise a TypeError that shows the ref to write."""
    with pytest.raises(TypeError, match=r'write ref\("…\{x\}…", x=') as raised:
        misuse(value)

    assert isinstance(raised.value, DeferredValueError)
    assert raised.value.where.file == __file__


def test_the_ref_that_is_shown_can_be_written() -> None:
    """The message must show code where the value has a name in code, and a place for it otherwise."""
    for value, shown in ((PORT, "x=cache.endpoint('tcp').port)"), (PLAIN, "x=…)"), (ref("{x}", x=PORT), "x=…)")):
        with pytest.raises(DeferredValueError) as raised:
            str(value)
        assert shown in raised.value.message


def test_value_to_value_is_identity() -> None:
    """Comparing values with each other must be identity, never an exception."""
    assert PORT == PORT
    assert PORT != PLAIN
    assert PLAIN in [PORT, PLAIN]
    assert {PORT: 1}[PORT] == 1
    assert copy.copy(PORT) != PORT


def test_comparing_with_none_is_allowed() -> None:
    """A value must compare unequal with None, since that asks whether there is one."""
    assert (PORT == None) is False  # noqa: E711 - the operator is the point


@pytest.mark.parametrize(
    "value", [KEY, PORT, ref("a{x}b{y:uri}", x=KEY, y=PORT), Redis("r").endpoint(), Output(KEY, "o")]
)
def test_repr_always_works(value: Value) -> None:
    """A value's repr must never raise."""
    assert repr(value).startswith("<")


def test_repr_shows_no_secret() -> None:
    """The repr of a secret parameter and of what holds it must not show its default."""
    key = Parameter("key", "hunter2-hunter2", secret=True)

    assert "hunter2" not in repr(key) + repr(ref("{x}", x=key)) + repr(ref("{x:uri}", x=key).parts())


def test_ref_composes() -> None:
    """A ref must keep text and values in order, and turn plain data into text."""
    value = ref("redis://{h}:{p}/{n}?tls={t}{{}}", h="host", p=PORT, n=3, t=True)

    assert spell(value) == "redis://host:<cache.endpoint('tcp').port>/3?tls=true{}"


def test_a_hole_may_be_called_template() -> None:
    """Every name must be good for a hole, the parameter's own among them."""
    assert spell(ref("{template}{self}", template="a", self="b")) == "ab"


@given(st.text())
def test_uri_percent_encodes(text: str) -> None:
    """The uri format must encode all but RFC 3986's unreserved characters."""
    assert spell(ref("{x:uri}", x=text)) == quote(text, safe="")


@given(st.text())
def test_doubled_braces_are_braces(text: str) -> None:
    """Any text must be writable in a template by doubling its braces."""
    assert spell(ref(text.replace("{", "{{").replace("}", "}}"))) == text


BAD_REFS: dict[str, tuple[Callable[[], Value], str]] = {
    "missing": (lambda: ref("{x}"), "without a value"),
    "unused": (lambda: ref("x", y=1), "no hole for 'y'"),
    "empty name": (lambda: ref("{}", x=1), "only plain names"),
    "number": (lambda: ref("{0}", x=1), "only plain names"),
    "attribute": (lambda: ref("{x.y}", x=PORT), "only plain names"),
    "item": (lambda: ref("{x[0]}", x=PORT), "only plain names"),
    "conversion": (lambda: ref("{x!r}", x=PORT), "only plain names"),
    "format": (lambda: ref("{x:>10}", x=PORT), "format ':>10'"),
    "open brace": (lambda: ref("{"), "malformed"),
    "closing brace": (lambda: ref("}"), "malformed"),
    "None": (lambda: ref("{x}", x=None), "got None"),  # type: ignore[arg-type]
    "a list": (lambda: ref("{x}", x=[1]), "got list"),  # type: ignore[arg-type]
    "no text": (lambda: ref(None), "not None"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize(("make", "message"), BAD_REFS.values(), ids=BAD_REFS)
def test_a_bad_ref_is_one_mistake(make: Callable[[], Value], message: str) -> None:
    """Each malformed ref must be exactly one mistake with place and remedy; outside a definition it must raise."""
    error = the_mistake(lambda app: make())

    assert message in error.message
    assert error.remedy and error.where and error.resource == "shop"
    with pytest.raises(ModelError, match="ref"):
        make()


@pytest.mark.parametrize(
    ("value", "secret"),
    [
        (KEY, True),
        (PLAIN, False),
        (PORT, False),
        (ref("{x}", x=KEY), True),
        (ref("{x:uri}", x=KEY), True),
        (ref("{x}", x=ref("{y:uri}", y=KEY)), True),
        (ref("{x}{y}", x=PLAIN, y=PORT), False),
        (Output(KEY, "o", secret=True), True),
        (ref("{x}", x=Output(KEY, "o")), False),
    ],
    ids=repr,
)
def test_secrecy_propagates(value: Value, secret: bool) -> None:
    """A composed value must be secret exactly when one of its parts is."""
    assert value.secret is secret


def test_leaves_look_through_everything() -> None:
    """The leaves of a nested value must be all its parameters, outputs and endpoint parts."""
    output = Output(KEY, "o")
    value = ref("{a}{b:uri}{c}", a=ref("{x}", x=KEY), b=PORT, c=output)

    assert [*map(id, value.leaves())] == [id(KEY), id(PORT), id(output)]


def test_a_misuse_in_a_definition_is_reported_with_the_rest() -> None:
    """A value used as text must end up among the mistakes, with its line, beside those made before it."""

    def define(app: AppBuilder) -> None:
        app.add_redis("a--b")
        cache = app.add_redis("cache")
        app.add_container("web", "nginx").with_args(f"{cache.endpoint().port}")

    first, second = mistakes(define)

    assert first.resource == "a--b"
    assert 'ref("…{x}…", x=cache.endpoint().port)' in second.message
    assert second.line == define.__code__.co_firstlineno + 3


def test_a_resource_as_a_value_shows_the_way() -> None:
    """Giving a resource where a value is wanted must point at its endpoint and connection string."""

    def define(app: AppBuilder) -> None:
        cache: Any = app.add_redis("cache")
        app.add_container("web", "nginx").with_environment("A", cache)

    error = the_mistake(define)

    assert "connection_string" in str(error.remedy)
