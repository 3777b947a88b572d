"""Leaves of Kubernetes objects: texts that are complete only when somebody gives the chart its values.

A definition is translated once, into objects whose leaves are these. How a leaf is written down (a Helm expression, a
resolved text) is the business of a renderer, so nothing here knows a syntax. :func:`resolve` says what a leaf means.
"""

from __future__ import annotations

import json
import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

from fairlead.digests import hex_digest
from fairlead.model.values.value import percent_encode
from fairlead.publish.chart.sections import Path, Section

#: What Go's YAML writes without an escape and then refuses to read. So Helm takes it in no value (it writes values out
#: again before it looks at their schema), and Kustomize in no object, escaped or not.
_GO_YAML_REFUSES = "[\x7f-\x84\x86-\x9f\ufffe\uffff]"


def yaml_refuses(text: str) -> str | None:
    """The first character of a text that Go's YAML refuses; None where it takes them all."""
    if text.isprintable():  # as nearly all texts are, which is known sooner
        return None
    found = re.search(_GO_YAML_REFUSES, text)
    return found.group() if found else None


Kind = Literal["text", "integer", "boolean", "integer or text", "object"]
Encoding = Literal["uri", "dollars", "base64", "binary", "no slash", "host"]
BuiltinName = Literal["release", "namespace", "manager", "chart", "version"]


class Composite:
    """What may have values of the chart in it."""

    __slots__: tuple[str, ...] = ()

    def within(self) -> Iterable[Any]:
        """Its parts in which values may be."""
        return ()


class Leaf(Composite):
    """Anything in an object that is not plain data; equal to another of the same kind with the same parts."""

    __slots__: tuple[str, ...] = ("_hash",)

    _hash: int

    def __eq__(self, other: object) -> bool:
        return self is other or (type(other) is type(self) and self._parts() == other._parts())

    def __hash__(self) -> int:
        # Leaves are looked up more often than they are made, and never change.
        try:
            return self._hash
        except AttributeError:
            self._hash = hash((type(self), *self._parts()))
            return self._hash

    def __repr__(self) -> str:
        return f"{type(self).__name__}{self._parts()!r}"

    def _parts(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.__slots__)


Text: TypeAlias = str | Leaf


class ChartValue(Leaf):
    """What the chart's user may set under a path of ``values.yaml``.

    Args:
        path: The keys, outermost first, each verbatim.
        kind: What the value has to be.
    """

    __slots__ = ("kind", "path", "section")

    def __init__(self, path: Path, kind: Kind = "text") -> None:
        self.path = path
        self.kind = kind
        #: The section of values.yaml that it is in; None for a value of another chart.
        self.section = Section.of(path)

    def __eq__(self, other: object) -> bool:
        return self is other or (type(other) is ChartValue and self.path == other.path and self.kind == other.kind)

    # Where a class compares, Python takes away the hash that it inherits.
    __hash__ = Leaf.__hash__

    def _parts(self) -> tuple[Any, ...]:
        return self.path, self.kind

    @property
    def secret(self) -> bool:
        """Whether it may only appear in a Secret."""
        return self.section is Section.SECRETS


class Joined(Leaf):
    """Texts in a row; made by :func:`join`."""

    __slots__ = ("parts",)

    def __init__(self, parts: tuple[Text, ...]) -> None:
        self.parts = parts

    def within(self) -> Iterable[Any]:
        """Its parts."""
        return self.parts


class Encoded(Leaf):
    """A text in another spelling; made by :func:`encode`."""

    __slots__ = ("encoding", "text")

    def __init__(self, text: Leaf, encoding: Encoding) -> None:
        self.text = text
        self.encoding = encoding

    def within(self) -> Iterable[Any]:
        """Its parts."""
        return (self.text,)


class WithDefault(Leaf):
    """A value of the chart, or a text where that is empty."""

    __slots__ = ("default", "value")

    def __init__(self, value: ChartValue | Part, default: Text) -> None:
        self.value = value
        self.default = default

    def within(self) -> Iterable[Any]:
        """Its parts."""
        return self.value, self.default


class Conditional(Leaf):
    """One of two texts, by another text; made by :func:`conditional`.

    Args:
        condition: The text that decides.
        matches: What it has to be, in lower case, for the first text; upper and lower case make no difference.
        then: The first text.
        otherwise: The second.
    """

    __slots__ = ("condition", "matches", "otherwise", "then")

    def __init__(self, condition: Leaf, matches: tuple[str, ...], then: Text, otherwise: Text) -> None:
        self.condition = condition
        self.matches = matches
        self.then = then
        self.otherwise = otherwise

    def within(self) -> Iterable[Any]:
        """Its parts."""
        return self.condition, self.then, self.otherwise


class Checksum(Leaf):
    """A short text that changes when one of the parts does.

    Args:
        parts: What it is taken of.
        length: How many of its 64 digits are kept.
    """

    __slots__ = ("length", "parts")

    def __init__(self, parts: tuple[Text, ...], length: int = 64) -> None:
        self.parts = parts
        self.length = length

    def within(self) -> Iterable[Any]:
        """Its parts."""
        return self.parts


class Named(Leaf):
    """A text that stands in several places and has a name, by which a renderer may refer to it."""

    __slots__ = ("name", "text")

    def __init__(self, name: str, text: Text) -> None:
        self.name = name
        self.text = text

    def within(self) -> Iterable[Any]:
        """Its parts."""
        return (self.text,)


class Builtin(Leaf):
    """What the installing tool knows: the release and its namespace, itself, and the chart's name and version."""

    __slots__ = ("name",)

    def __init__(self, name: BuiltinName) -> None:
        self.name = name


class Part(Leaf):
    """What a mapping of the chart's user has under some keys, where any of them may be absent.

    Args:
        value: The mapping.
        keys: The keys in it, outermost first.
    """

    __slots__ = ("keys", "value")

    def __init__(self, value: ChartValue, *keys: str) -> None:
        self.value = value
        self.keys = keys

    def within(self) -> Iterable[Any]:
        """Its parts."""
        return (self.value,)


class Concatenated(Leaf):
    """Sequences of the chart's user, in a row."""

    __slots__ = ("values",)

    def __init__(self, *values: ChartValue) -> None:
        self.values = values

    def within(self) -> Iterable[Any]:
        """Its parts."""
        return self.values


class Mirrored(Leaf):
    """The name of an image, in another registry where the chart's user names one."""

    __slots__ = ("image", "registry")

    def __init__(self, image: Text, registry: ChartValue) -> None:
        self.image = image
        self.registry = registry

    def within(self) -> Iterable[Any]:
        """Its parts."""
        return self.registry, self.image


class When(NamedTuple):
    """An entry of a mapping or sequence that is only there when all the conditions hold."""

    conditions: tuple[Leaf, ...]
    content: Any


def join(parts: Iterable[Text]) -> Text:
    """Texts in a row, as plain text where all of them are known."""
    flat: list[Text] = []
    for part in parts:
        for piece in part.parts if isinstance(part, Joined) else (part,):
            if isinstance(piece, str) and flat and isinstance(flat[-1], str):
                flat[-1] += piece
            elif piece != "":
                flat.append(piece)
    if not flat:
        return ""
    return flat[0] if len(flat) == 1 else Joined(tuple(flat))


def conditional(condition: Text, matches: tuple[str, ...], then: Text, otherwise: Text) -> Text:
    """One of two texts by another, as plain text where that is known: see :class:`Conditional`."""
    if isinstance(condition, Leaf):
        return Conditional(condition, matches, then, otherwise)
    return then if condition.lower() in matches else otherwise


# A dollar that Kubernetes would read as the start of a reference. One before a non-ASCII character is among them,
# because the expansion in the kubelet goes byte by byte and would tear that character apart.
_DOLLAR = r"\$(?=[$(]|[^\x00-\x7f]|\Z)"
_ENCODERS: dict[Encoding, Callable[[str], str]] = {
    "uri": percent_encode,
    "dollars": lambda text: text.replace("$", "$$"),
    "base64": lambda text: b2a_base64(text.encode(), newline=False).decode(),
    "binary": lambda text: a2b_base64(text).decode("utf-8", "surrogateescape"),
    "no slash": lambda text: text.removesuffix("/"),
    "host": lambda text: text.partition("://")[2].partition("/")[0],
}


def encode(text: Text, encoding: Encoding) -> Text:
    """Encode a text: now if it is a ``str``, otherwise when the leaf is resolved.

    Args:
        text: What to encode.
        encoding: ``uri`` percent-encodes, ``dollars`` keeps Kubernetes from reading references, ``base64`` is Secrets',
            ``binary`` stands for the bytes whose base64 the text is, ``no slash`` leaves out one at the end of a URL,
            and ``host`` is the host of a URL, with its port.
    """
    if encoding == "base64" and isinstance(text, Encoded) and text.encoding == "binary":
        return text.text
    if isinstance(text, Leaf):
        return Encoded(text, encoding)
    return re.sub(_DOLLAR, "$$", text) if encoding == "dollars" else _ENCODERS[encoding](text)


def chart_values(content: Any) -> Iterator[ChartValue]:
    """All the values of the chart that an object, or a part of one, depends on."""
    if isinstance(content, ChartValue):
        yield content
    else:
        for part in parts_of(content):
            yield from chart_values(part)


def values_in_text(content: Any) -> Iterator[ChartValue]:
    """The values of the chart whose text is in an object: not those that only a checksum is taken of."""
    if isinstance(content, ChartValue):
        yield content
    elif not isinstance(content, Checksum):
        for part in parts_of(content):
            yield from values_in_text(part)


def conditions_in(content: Any) -> Iterator[Leaf]:
    """What decides between texts in an object: not where only a checksum is taken of them, or one text is it itself."""
    if isinstance(content, Conditional) and content.condition not in (content.then, content.otherwise):
        yield content.condition
    if not isinstance(content, Checksum):
        for part in parts_of(content):
            yield from conditions_in(part)


def checksum_parts(content: Any) -> Iterator[Leaf]:
    """The leaves that a checksum covers: each chart value, and each value with a leaf as its default, as one leaf."""
    if isinstance(content, (ChartValue, Part)) or (
        isinstance(content, WithDefault) and isinstance(content.default, Leaf)
    ):
        yield content
    else:
        for part in parts_of(content):
            yield from checksum_parts(part)


def uses_builtin(content: Any, name: BuiltinName) -> bool:
    """Whether an object, or a part of one, depends on something that only the installing tool knows."""
    if isinstance(content, Builtin):
        return content.name == name
    return any(uses_builtin(part, name) for part in parts_of(content))


def parts_of(content: Any) -> Iterable[Any]:
    """The parts of an object or of a leaf in which values may be."""
    if isinstance(content, Composite):
        return content.within()
    if isinstance(content, dict):
        return content.values()
    if isinstance(content, When):
        return *content.conditions, content.content
    return content if isinstance(content, (list, tuple)) else ()


def is_plain(content: Any) -> bool:
    """Whether an object is the same for everybody, with no leaf that a renderer would have to write."""
    if isinstance(content, When):
        return False
    if isinstance(content, dict):
        return all(is_plain(entry) for entry in content.values())
    if isinstance(content, list):
        return all(is_plain(entry) for entry in content)
    return content is None or isinstance(content, (str, bool, int, float))


def is_secret(text: Text) -> bool:
    """Whether a text may only appear in a Secret."""
    if isinstance(text, ChartValue):
        return text.secret
    return isinstance(text, Leaf) and any(value.secret for value in chart_values(text))


def resolve(text: Text, lookup: Callable[[Path], Any], builtins: dict[BuiltinName, str]) -> str:
    """The text that a leaf stands for.

    Args:
        text: A text, or a leaf that is one.
        lookup: Gives the value set under a path.
        builtins: What the installing tool knows.
    """
    if isinstance(text, str):
        return text
    if isinstance(text, ChartValue):
        return str(lookup(text.path))
    if isinstance(text, Joined):
        return "".join(resolve(part, lookup, builtins) for part in text.parts)
    if isinstance(text, Named):
        return resolve(text.text, lookup, builtins)
    if isinstance(text, Encoded):
        return _ENCODERS[text.encoding](resolve(text.text, lookup, builtins))
    if isinstance(text, WithDefault):
        return str(look_up(text.value, lookup) or resolve(text.default, lookup, builtins))
    if isinstance(text, Mirrored):
        return mirrored(resolve(text.image, lookup, builtins), str(lookup(text.registry.path) or ""))
    if isinstance(text, Conditional):
        condition = resolve(text.condition, lookup, builtins)
        return resolve(conditional(condition, text.matches, text.then, text.otherwise), lookup, builtins)
    if isinstance(text, Checksum):
        known = [
            look_up(part, lookup) if isinstance(part, (ChartValue, Part)) else resolve(part, lookup, builtins)
            for part in text.parts
        ]
        return hex_digest(canonical_json(known).encode())[: text.length]
    assert isinstance(text, Builtin)
    return builtins[text.name]


def look_up(value: ChartValue | Part, lookup: Callable[[Path], Any]) -> Any:
    """What is set for a value, or for a part of one; None for a part that is not there."""
    found = lookup(value.path if isinstance(value, ChartValue) else value.value.path)
    for key in value.keys if isinstance(value, Part) else ():
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


#: The registry at the beginning of an image's name: the part before the first slash, where it looks like a host.
IMAGE_REGISTRY = r"^([^/]*[.:][^/]*|localhost)/"


def mirrored(image: str, registry: str) -> str:
    """The name of an image in a registry, which takes the place of its own; as it is where none is named."""
    return f"{registry}/{re.sub(IMAGE_REGISTRY, '', image)}" if registry else image


_HTML = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"})


def canonical_json(content: Any) -> str:
    """JSON with sorted keys and no blanks, escaped as Go does it, so that every renderer takes the same checksum."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).translate(_HTML)
