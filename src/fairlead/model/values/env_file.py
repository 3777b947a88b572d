"""Environment files: what the text of one says. Files are read elsewhere.

The text has the syntax of python-dotenv, which is loaded when the first file is parsed. A line that it doesn't
understand is skipped and told by its number, never by its text, which may hold a secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from typing import Literal, TypeAlias

from fairlead.model.locations import Location
from fairlead.model.names import variable_name_problem
from fairlead.model.values.value import Value
from fairlead.records import record

#: What is published of a file: the names of its variables, whose values are then required, or the values too.
PublishedPart: TypeAlias = Literal["names", "values"]
#: Names and values in the order of the file; None where a name stands without a value.
Assignments: TypeAlias = tuple[tuple[str, str | None], ...]

# Patterns as texts: every definition loads this module, and few have a file to judge.
_SECRET_NAME = (
    "(?i)password|passwd|passphrase|secret|token|credential|apikey|(?<![a-z])(key|pass|pwd|auth|dsn|salt|pat)(?![a-z])"
)
_PUBLIC_NAME = "(?i)(?<![a-z])(public|publishable)(?![a-z])"
_WITH_PASSWORD = r"://[^/\s:@]*:[^/\s@]+@"
#: Values that give nothing away: short words and numbers, addresses without a user, paths.
_HARMLESS = r"(?a)[A-Za-z]{0,15}|[0-9.]{0,15}|[a-z]+://[\w.-]+(:\d+)?(/[\w./-]*)?|\.{0,2}/[\w./-]*"


@record
class EnvFile:
    """One ``with_env_file``; ``path`` is relative to the app file's folder."""

    path: str
    publish: PublishedPart
    where: Location


@record
class EnvFileText:
    """What the text of a file says.

    Args:
        assignments: Its variables. The last of several with one name counts.
        foreign_lines: The numbers of the lines that are neither an assignment, a name, a comment nor blank.
    """

    assignments: Assignments
    foreign_lines: tuple[int, ...]


class EnvFileValue(Value):
    """A secret that stands in an environment file.

    Args:
        name: The variable.
        text: Its value.
    """

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self._text = text

    @property
    def secret(self) -> bool:
        """Always."""
        return True

    def parts(self) -> tuple[str | Value, ...]:
        """The text."""
        return (self._text,)

    def describe(self) -> str:
        """The variable."""
        return f"the variable {self.name} of an environment file"


def parse_env_file(content: bytes) -> EnvFileText:
    """What a file says. ``${…}`` in values stays as it is; see :func:`interpolate`."""
    from dotenv.parser import parse_stream

    assignments: list[tuple[str, str | None]] = []
    foreign: list[int] = []
    for binding in parse_stream(StringIO(content.decode("utf-8-sig", "surrogateescape"))):
        if binding.error or not _is_sound(binding.key, binding.value):
            text = binding.original.string
            blank = text[: len(text) - len(text.lstrip())]
            foreign.append(binding.original.line + len(re.findall(r"\r\n|\r|\n", blank)))
        elif binding.key is not None:
            assignments.append((binding.key, binding.value))
    return EnvFileText(tuple(assignments), tuple(foreign))


def _is_sound(name: str | None, value: str | None) -> bool:
    """Whether a program can be given a variable, and its text is UTF-8."""
    if name is not None and variable_name_problem(name) is not None:
        return False
    text = f"{name}{value}"
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def interpolate(assignments: Assignments, outside: Mapping[str, str]) -> dict[str, str | None]:
    """The variables with every ``${NAME}`` and ``${NAME:-default}`` filled in.

    Args:
        assignments: The assignments.
        outside: Variables that are known beside those above in the file, which win. What is unknown is empty.
    """
    from dotenv.variables import parse_variables

    known: dict[str, str | None] = {}
    for name, value in assignments:
        seen = {**outside, **{above: text for above, text in known.items() if text is not None}}
        known[name] = value if value is None else "".join(atom.resolve(seen) for atom in parse_variables(value))
    return known


def names_from_outside(assignments: Assignments) -> list[str]:
    """The names that values need and that neither the lines above them nor a default gives."""
    from dotenv.variables import Variable, parse_variables

    def needed() -> Iterator[str]:
        known: set[str] = set()
        for name, value in assignments:
            atoms: Iterable[object] = parse_variables(value or "")
            yield from (
                atom.name
                for atom in atoms
                if isinstance(atom, Variable) and atom.default is None and atom.name not in known
            )
            known.add(name)

    return list(dict.fromkeys(needed()))


def names_secret(name: str, value: str) -> bool:
    """Whether the name of a variable says that it is a secret, or its value is an address with a password."""
    is_named = re.search(_SECRET_NAME, name) is not None and re.search(_PUBLIC_NAME, name) is None
    return is_named or re.search(_WITH_PASSWORD, value) is not None


def looks_secret(name: str, value: str) -> bool:
    """Whether a variable may be a secret: by its name, or as its value is more than a word, number, address or path."""
    return names_secret(name, value) or re.fullmatch(_HARMLESS, value) is None
