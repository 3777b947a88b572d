"""What the methods of a definition ask of their arguments, in one wording.

Type hints say the same, but a definition is often written without a type checker; so every public method checks what
it is given, and a wrong argument becomes one mistake with a place and a remedy, never an exception from the depths.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from fairlead.model.locations import Declarable, mistake
from fairlead.model.names import (
    NAME_REMEDY,
    is_label_key,
    is_subdomain,
    listing,
    name_problem,
    variable_name_problem,
)
from fairlead.model.user_functions import needs_more
from fairlead.model.values.value import Value, is_value_like

MAX_NUMBER = 2**31 - 1
"""The largest number that a field of Kubernetes takes."""
KEY_REMEDY = "Write it like 'example.com/part' or 'part': up to 63 letters, digits, '-', '_' and '.' after the slash."
#: How the keys of labels and annotations begin that publishing sets itself.
PUBLISHED_KEYS = ("app.kubernetes.io/", "helm.sh/", "checksum/")


def kind_of(value: object) -> str:
    """What a wrong argument is, in a message that must not show the argument itself."""
    if isinstance(value, Value):
        return "a value that is only known later"
    if isinstance(value, str) and not value.strip():
        return "a blank"
    if isinstance(value, str) and "\0" in value:
        return "text with a zero byte"
    return "None" if value is None else type(value).__name__


def _number_remedy(value: object, least: int, most: int | None) -> str:
    if most is not None:
        return f"Give a number from {least} to {most}."
    is_too_large = isinstance(value, int) and value > MAX_NUMBER
    return f"Give {MAX_NUMBER} or less." if is_too_large else f"Give {least} or more."


class ArgumentChecks(Declarable):
    """Something with a name whose methods check their arguments. Each check says whether all is well, or reports it."""

    #: The name as the definition wrote it.
    name: str
    # Whether the app that it belongs to is built, so that nothing about it may change any more.
    _frozen: bool = False

    def _declare(self, method: str) -> None:
        """Report a call that comes after the app was built."""
        if self._frozen:
            mistake(
                f"{method}() was called on an app that is built already",
                resource=self.name,
                remedy="Call it in the function that defines the app.",
            )

    def _text(self, method: str, what: str, value: object, *, optional: bool = False) -> bool:
        """Whether a value is text and not blank."""
        if isinstance(value, str) and value.strip() and "\0" not in value:
            return True
        if not (value is None and optional):
            mistake(
                f"{method}() needs text as {what}, not {kind_of(value)}",
                resource=self.name,
                remedy=f"Give the {what}{', or leave it out' if optional else ''}.",
            )
        return False

    def _optional_text(self, method: str, what: str, value: object) -> str | None:
        """The text, or None when there is none; a wrong one counts as none."""
        return value if self._text(method, what, value, optional=True) and isinstance(value, str) else None

    def _flag(self, method: str, what: str, value: object) -> bool:
        """The truth value; anything else is reported and counts as False."""
        if not isinstance(value, bool):
            mistake(
                f"{method}() needs True or False as {what}, not {kind_of(value)}",
                resource=self.name,
                remedy=f"Write {what}=True, or leave it out.",
            )
        return value is True

    def _number(self, method: str, what: str, value: object, least: int, most: int | None = None) -> bool:
        """Whether a value is a whole number between two bounds; without the upper one, that of Kubernetes holds."""
        if not isinstance(value, int) or isinstance(value, bool):
            found = kind_of(value)
        elif value < least or value > (MAX_NUMBER if most is None else most):
            found = str(value)
        else:
            return True
        mistake(
            f"{method}() needs a number as {what}, not {found}",
            resource=self.name,
            remedy=_number_remedy(value, least, most),
        )
        return False

    def _one_of(self, method: str, what: str, value: object, known: Collection[str]) -> bool:
        """Whether a value is one of the words that are known."""
        if isinstance(value, str) and value in known:
            return True
        mistake(
            f"{method}() got {repr(value) if isinstance(value, str) else kind_of(value)} as {what}",
            resource=self.name,
            remedy=f"Use one of {listing(known)}.",
        )
        return False

    def _name(self, method: str, value: object) -> bool:
        """Whether a value is a name by the rules for resources."""
        problem = name_problem(value)
        if problem:
            mistake(f"{method}(): {problem}", resource=self.name, remedy=NAME_REMEDY)
        return problem is None

    def _object_name(self, method: str, what: str, value: object) -> bool:
        """Whether a value can be the name of an object in a cluster."""
        if not self._text(method, what, value):
            return False
        good = isinstance(value, str) and is_subdomain(value)
        if not good:
            mistake(
                f"{method}() got {value!r} as {what}, which no object in a cluster can be called",
                resource=self.name,
                remedy="Use lower-case letters, digits, '-' and '.'; start and end with a letter or digit.",
            )
        return good

    def _annotation_key(self, method: str, key: object) -> bool:
        """Whether a value can be the key of an annotation in a cluster."""
        if not self._text(method, "key", key):
            return False
        good = isinstance(key, str) and is_label_key(key.lower())
        if not good:
            mistake(f"{method}() got the key {key!r}", resource=self.name, remedy=KEY_REMEDY)
        return good

    def _is_free_key(self, method: str, key: str) -> bool:
        """Whether a label or annotation is none that publishing sets itself."""
        if not key.startswith(PUBLISHED_KEYS):
            return True
        mistake(
            f"{method}() got {key!r}, which publishing sets itself",
            resource=self.name,
            remedy=f"Use a key that doesn't begin with {listing(PUBLISHED_KEYS)}.",
        )
        return False

    def _annotation(self, method: str, key: object, value: object) -> bool:
        """Whether a key and a value, which may be deferred, can be an annotation in a cluster."""
        if not self._annotation_key(method, key):
            return False
        return isinstance(value, Value) or self._text(method, f"the annotation {key}", value)

    def _annotations(self, method: str, given: object) -> bool:
        """Whether something is a mapping of annotations, or None for none."""
        if given is None:
            return True
        if isinstance(given, Mapping):
            return all([self._annotation(method, key, value) for key, value in given.items()])
        mistake(
            f"{method}() needs a mapping as annotations, not {kind_of(given)}",
            resource=self.name,
            remedy="Write {'key': 'value'}.",
        )
        return False

    def _variable(self, method: str, value: object) -> bool:
        """Whether a value can be the name of an environment variable."""
        problem = variable_name_problem(value)
        if problem:
            mistake(f"{method}(): {problem}", resource=self.name, remedy="Give the variable's name.")
        return problem is None

    def _value(self, method: str, what: str, value: object) -> bool:
        """Whether something can be the value of a variable or argument."""
        if isinstance(value, str) and "\0" in value:
            mistake(
                f"{method}() got a zero byte in {what}",
                resource=self.name,
                remedy="Take it out; no program can be given one.",
            )
            return False
        if is_value_like(value):
            return True
        other = (
            f" Of {value.name!r} that is endpoint(…).url or connection_string."
            if isinstance(value, ArgumentChecks)
            else ""
        )
        mistake(
            f"{method}() got {kind_of(value)} as {what}",
            resource=self.name,
            remedy=f"Give text, a number, a deferred value, or a function that returns one.{other}",
        )
        return False

    def _callable(self, method: str, function: object) -> bool:
        """Whether something can be called, with a context or without."""
        if callable(function):
            return self._arity(method, function)
        mistake(
            f"{method}() needs a function, not {kind_of(function)}",
            resource=self.name,
            remedy="Pass the function itself, without calling it.",
        )
        return False

    def _arity(self, method: str, function: Callable[..., object]) -> bool:
        """Whether a function needs no argument, or only the context."""
        if not needs_more(function):
            return True
        mistake(
            f"{method}() got a function that needs more arguments than the context",
            resource=self.name,
            remedy="Let it take the context, or nothing; give what else it needs a default.",
        )
        return False

    def _path(self, method: str, what: str, value: object) -> bool:
        """Whether a value is a path that starts with a slash."""
        if isinstance(value, str) and value.startswith("/") and "\0" not in value:
            return True
        mistake(
            f"{method}() got {repr(value) if isinstance(value, str) else kind_of(value)} as {what}",
            resource=self.name,
            remedy=f"Give a {what} that starts with '/'.",
        )
        return False
