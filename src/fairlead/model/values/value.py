"""Values that exist only later: an endpoint's port, a connection string, a parameter.

A value is an object in the definition. It becomes text for one consumer (a host process, a container, a pod) in one
mode (run or publish), and it carries its secrecy with it. Turning one into text too early is always a bug in the
definition, so it raises, with the :func:`ref` to write instead.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from typing import NoReturn, TypeAlias, TypeGuard
from urllib.parse import quote

from fairlead.model.locations import Declarable, Location, mistake, user_location
from fairlead.model.names import listing
from fairlead.model.values.plain_value import PlainValue, is_plain_value
from fairlead.model.values.plain_value import to_text as to_text


class DeferredValueError(TypeError):
    """A deferred value was used as if it were text already.

    Args:
        message: What was tried, and what to write instead.
        where: The user's line.
    """

    def __init__(self, message: str, where: Location) -> None:
        super().__init__(message)
        self.message = message
        self.where = where


#: A description that is the code for it: ``api.endpoint('http').url``. (A ``ref`` is described without its values.)
_CODE = r"(?!ref\()[A-Za-z_][\w.]*(\([^()]*\)[\w.]*)*"


class Value(Declarable):
    """A text that is only known later. Subclasses are leaves, or compose others through :meth:`parts`."""

    @property
    def secret(self) -> bool:
        """Whether the text must never be shown. A composed value is secret when one of its parts is."""
        return any(part.secret for part in self.parts() if part is not self and isinstance(part, Value))

    def parts(self) -> tuple[str | Value, ...]:
        """The texts and values that make up this one, in order; a leaf returns itself."""
        return (self,)

    def describe(self) -> str:
        """How the definition spells this value, for messages; holds no secret."""
        return type(self).__name__

    def leaves(self) -> Iterator[Value]:
        """All the leaves below this value."""
        for part in self.parts():
            if part is self:
                yield self
            elif isinstance(part, Value):
                yield from part.leaves()

    def _refuse(self, tried: str) -> NoReturn:
        described = self.describe()
        raise DeferredValueError(
            f"{described} is only known later, so {tried} can't be used on it; "
            f'write ref("…{{x}}…", x={described if re.fullmatch(_CODE, described) else "…"}) instead.',
            user_location(),
        )

    def __str__(self) -> str:
        self._refuse("str()")

    def __format__(self, spec: str) -> str:
        self._refuse("an f-string or format()")

    def __add__(self, other: object) -> NoReturn:
        self._refuse("+")

    def __radd__(self, other: object) -> NoReturn:
        self._refuse("+")

    def __mod__(self, other: object) -> NoReturn:
        self._refuse("%")

    def __int__(self) -> int:
        self._refuse("int()")

    def __float__(self) -> float:
        self._refuse("float()")

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (str, bytes, int, float, list, tuple, dict, set, frozenset)):
            self._refuse(f"== {type(other).__name__}")
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return f"<{self.describe()}>"


ValueLike: TypeAlias = PlainValue | Value
"""What a ``with_*`` takes where a value is wanted: text, a number, a truth value (``true``/``false``), a date, a time
span (in seconds), a path, or a value."""


def is_value_like(value: object) -> TypeGuard[ValueLike]:
    """Whether something can be the value of an environment variable, an argument or a hole of :func:`ref`."""
    return isinstance(value, Value) or is_plain_value(value)


class Encoded(Value):
    """A value whose text is percent-encoded, as a part of a URL needs it."""

    def __init__(self, value: Value) -> None:
        self.value = value

    @property
    def secret(self) -> bool:
        """As secret as the value inside."""
        return self.value.secret

    def leaves(self) -> Iterator[Value]:
        """The leaves of the value inside."""
        yield from self.value.leaves()

    def describe(self) -> str:
        """The value inside, with the format that encodes it."""
        return f"{self.value.describe()}:uri"


class Expression(Value):
    """Text and values in a row; made by :func:`ref`."""

    def __init__(self, template: str, parts: tuple[str | Value, ...]) -> None:
        self.template = template
        self._parts = parts

    def parts(self) -> tuple[str | Value, ...]:
        """The texts and values in order."""
        return self._parts

    def describe(self) -> str:
        """The ``ref`` that made it."""
        return f"ref({self.template!r})"


def ref(template: str, /, **values: ValueLike) -> Expression:
    """Compose a value from text and other values.

    The template has the syntax of ``str.format`` with names only: ``{{`` and ``}}`` are braces, ``{x:uri}``
    percent-encodes what goes in.

    Args:
        template: Text with ``{name}`` holes.
        **values: What goes into the holes; plain data or values.

    Returns:
        A value that is secret when one of its parts is.

    Raises:
        ModelError: Outside a definition, for a hole without a value, a value without a hole, or a malformed template.
    """
    pieces = _pieces(template)
    if pieces is None:
        return Expression(template if isinstance(template, str) else "", ())
    parts: list[str | Value] = []
    for text, name, spec in pieces:
        parts += [text] if text else []
        if name is None:
            continue
        if name not in values:
            mistake(
                f"ref({template!r}) has a hole {{{name}}} without a value",
                remedy=f"Give it: ref({template!r}, {name}=…). Write '{{{{' for a plain brace.",
            )
        elif (part := _part(template, name, spec, values[name])) is not None:
            parts.append(part)
    unused = values.keys() - {name for _, name, _ in pieces}
    if unused:
        mistake(
            f"ref({template!r}) has no hole for {listing(sorted(unused))}",
            remedy=f"Put {{{min(unused)}}} where its text belongs, or leave it out.",
        )
    return Expression(template, tuple(parts))


def _part(template: str, name: str, spec: str, value: object) -> str | Value | None:
    if isinstance(value, Value):
        return Encoded(value) if spec == "uri" else value
    if is_plain_value(value):
        return percent_encode(to_text(value)) if spec == "uri" else to_text(value)
    kind = "None" if value is None else type(value).__name__
    mistake(f"ref({template!r}) got {kind} for {{{name}}}", remedy="Give text, a number or a deferred value.")
    return None


def percent_encode(text: str) -> str:
    """Text as it may stand in any part of a URL (RFC 3986: all but the unreserved characters is encoded)."""
    return quote(text, safe="")


def _pieces(template: object) -> list[tuple[str, str | None, str]] | None:
    """A template as (text before, name of the hole or None, format); None, reported, for one that makes no sense."""
    if not isinstance(template, str):
        kind = "None" if template is None else type(template).__name__
        mistake(f"ref() needs a text with holes, not {kind}", remedy='Write ref("…{x}…", x=…).')
        return None
    try:
        pieces = list(string.Formatter().parse(template))
    except ValueError as error:
        mistake(f"ref({template!r}) is malformed: {error}", remedy="Write '{{' and '}}' for plain braces.")
        return None
    for _, name, spec, conversion in pieces:
        if name is not None and (not name.isidentifier() or conversion):
            mistake(
                f"ref({template!r}) has the hole {{{name}{f'!{conversion}' if conversion else ''}}}, "
                "and only plain names can stand in one",
                remedy="Give the value by a name of its own: ref('…{x}…', x=…).",
            )
            return None
        if spec not in (None, "", "uri"):
            mistake(f"ref({template!r}) has the format ':{spec}' in {{{name}}}", remedy="The only format is ':uri'.")
            return None
    return [(text, name, spec or "") for text, name, spec, _ in pieces]


class Output(Value):
    """A text that a resource's driver makes known while it starts, such as a kubeconfig or a generated address.

    A consumer of an output is not started before the output is there, and is shown as waiting for it.

    Args:
        resource: The name-bearing resource whose driver gives the text.
        name: Name of the output, unique on its resource.
        secret: Whether the text must never be shown.
    """

    def __init__(self, resource: Declarable, name: str, *, secret: bool = False) -> None:
        self.resource = resource
        self.name = name
        self._secret = secret

    @property
    def secret(self) -> bool:
        """Whether the text must never be shown."""
        return self._secret

    def describe(self) -> str:
        """Resource and output, dotted."""
        return f"{getattr(self.resource, 'name', '?')}.{self.name}"
