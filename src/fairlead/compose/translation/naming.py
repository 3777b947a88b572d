"""Names: of resources, which a cluster has to take too, and of Python variables."""

from __future__ import annotations

import builtins
import keyword
import re

from fairlead.model.names import MAX_NAME, name_problem, normal_form

_TAKEN = frozenset({"app", "apphost", "ref", "AppBuilder", "Container", "ContainerFile", "Value", *dir(builtins)})


class Names:
    """Gives each resource a name that no other one has."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def has(self, name: str) -> bool:
        """Whether a resource has a name, or one that means the same."""
        return normal_form(name) in self._taken

    def resource(self, wanted: str, fallback: str) -> str:
        """The name of a resource, as it is wanted where it can be one.

        Args:
            wanted: What it is called in the compose file.
            fallback: What to begin with where that begins with no letter.
        """
        return self._free(resource_name(wanted, fallback), "-", MAX_NAME)

    def _free(self, name: str, separator: str, most: int) -> str:
        found, number = name, 1
        while normal_form(found) in self._taken:
            number += 1
            suffix = f"{separator}{number}"
            found = name[: most - len(suffix)].rstrip("-_") + suffix
        self._taken.add(normal_form(found))
        return found


class Variables:
    """The names of Python variables in one function."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def add(self, wanted: str) -> str:
        """A free name, from one in any form."""
        words = re.sub(r"[^A-Za-z0-9]+", "_", wanted).strip("_") or "it"
        found = base = f"_{words}" if words[0].isdigit() else words
        number = 1
        while found in self._taken or found in _TAKEN or keyword.iskeyword(found) or keyword.issoftkeyword(found):
            number += 1
            found = f"{base}_{number}" if number > 2 or base in self._taken else f"{base}_"
        self._taken.add(found)
        return found


def resource_name(wanted: str, fallback: str) -> str:
    """What is wanted where a resource can be called so, else what comes near it."""
    if name_problem(wanted) is None:
        return wanted
    words = re.sub(r"[^A-Za-z0-9]+", "-", wanted).strip("-")[:MAX_NAME].strip("-")
    if not words[:1].isalpha():
        words = f"{fallback}-{words}".strip("-")[:MAX_NAME].strip("-")
    return words


def python_name(wanted: str) -> str:
    """The name of a function for an app: letters, digits and single underscores, in lower case."""
    words = re.sub(r"[^a-z0-9]+", "_", wanted.lower()).strip("_")[:40].strip("_")
    if not words or not words[0].isalpha():
        words = f"app_{words}".strip("_")
    return f"{words}_app" if keyword.iskeyword(words) or words in ("apphost", "app", "ref") else words
