"""A text that a value switches: which of two it is, is decided when the value is known."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.model.locations import mistake
from fairlead.model.values.plain_value import to_text
from fairlead.model.values.value import Value, ValueLike, is_value_like

#: The texts, in lower case, by which a value is on where ``when`` names none.
ON = ("true", "yes", "on", "1")


class Conditional(Value):
    """One of two texts, by the text of a third value; made by :func:`when`.

    Args:
        condition: The value that decides.
        matches: The texts of it, in lower case, that choose the first text.
        then: The first text.
        otherwise: The second.
    """

    def __init__(self, condition: Value, matches: tuple[str, ...], then: str | Value, otherwise: str | Value) -> None:
        self.condition = condition
        self.matches = matches
        self.then = then
        self.otherwise = otherwise

    def chosen(self, condition: str) -> str | Value:
        """The text that a text of the condition chooses; upper and lower case make no difference."""
        return self.then if condition.lower() in self.matches else self.otherwise

    def _values(self) -> Iterator[Value]:
        yield self.condition
        for text in (self.then, self.otherwise):
            if isinstance(text, Value):
                yield text

    @property
    def secret(self) -> bool:
        """Whether the condition or one of the texts is."""
        return any(value.secret for value in self._values())

    def leaves(self) -> Iterator[Value]:
        """The leaves of the condition and of both texts."""
        for value in self._values():
            yield from value.leaves()

    def describe(self) -> str:
        """What decides, without the texts."""
        return f"when({self.condition.describe()}, …)"


def when(condition: Value, then: ValueLike, otherwise: ValueLike = "", *, equals: str | None = None) -> Conditional:
    """Choose a text by a parameter: in a run when it is resolved, in a cluster when the chart is installed.

    Both texts have to be known in any case: give a parameter in the text that is not chosen a default.

    Args:
        condition: A parameter, or another value.
        then: The text where the condition is ``true``, ``yes``, ``on`` or ``1``, in upper or lower case.
        otherwise: The text for anything else; empty by default.
        equals: What the condition has to be instead; upper and lower case make no difference.

    Raises:
        ModelError: Outside a definition, for a condition or text that can't be one.
    """
    if not isinstance(condition, Value):
        kind = "None" if condition is None else type(condition).__name__
        mistake(
            f"when() needs a parameter as its condition, not {kind}",
            remedy="Give what add_parameter() returned; what is known now is decided by a plain if.",
        )
        condition = _Nothing()
    if equals is not None and not isinstance(equals, str):
        mistake(f"when() needs text as equals, not {type(equals).__name__}", remedy="Write it in quotes.")
        equals = None
    matches = ON if equals is None else (equals.lower(),)
    return Conditional(condition, matches, _text("then", then), _text("otherwise", otherwise))


def _text(what: str, value: ValueLike) -> str | Value:
    if is_value_like(value):
        return value if isinstance(value, Value) else to_text(value)
    kind = "None" if value is None else type(value).__name__
    mistake(f"when() got {kind} as {what}", remedy="Give text, a number or a deferred value.")
    return ""


class _Nothing(Value):
    """The condition of a ``when`` that got none; it was reported."""

    def parts(self) -> tuple[str | Value, ...]:
        """No text."""
        return ()
