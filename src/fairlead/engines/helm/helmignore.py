"""What does not belong to a chart, as its ``.helmignore`` says (Helm documentation, ".helmignore file"). Pure.

Helm reads the file as well; it is read here so that what is left out is neither copied nor counted as a change. Rules
that begin with ``!`` mean something else to Helm than to git, and ``**`` is an error: with either, nothing is left out
here, and Helm decides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, Self


class _Rule(NamedTuple):
    pattern: re.Pattern[str]
    is_for_folders: bool
    is_for_names: bool


class HelmIgnore:
    """The rules of one chart.

    Args:
        rules: The rules in their order.
    """

    def __init__(self, rules: Sequence[_Rule]) -> None:
        self._rules = tuple(rules)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The rules of a ``.helmignore``, and the one that Helm adds itself."""
        lines = [line.strip() for line in text.splitlines()]
        rules = [line for line in lines if line and not line.startswith("#")]
        if any(rule.startswith("!") or "**" in rule for rule in rules):
            return cls([])
        try:
            return cls([_parse(rule) for rule in (*rules, "templates/.?*")])
        except re.error:
            return cls([])

    def leaves_out(self, path: str, *, is_folder: bool) -> bool:
        """Whether a file or folder of the chart is left out; what is in such a folder is too.

        Args:
            path: Its path from the chart's folder, with ``/``.
            is_folder: Whether it is a folder.
        """
        name = path.rpartition("/")[2]
        return any(
            (is_folder or not rule.is_for_folders) and rule.pattern.fullmatch(name if rule.is_for_names else path)
            for rule in self._rules
        )


def _parse(rule: str) -> _Rule:
    is_for_folders = rule.endswith("/")
    rule = rule.removesuffix("/")
    is_for_names = "/" not in rule
    return _Rule(re.compile(_expression(rule.removeprefix("/"))), is_for_folders, is_for_names)


def _expression(glob: str) -> str:
    """The regular expression of a pattern of Go's ``filepath.Match``: no part of it matches a ``/``."""
    expression, position = "", 0
    while position < len(glob):
        character = glob[position]
        position += 1
        if character == "*":
            expression += "[^/]*"
        elif character == "?":
            expression += "[^/]"
        elif character == "[" and (end := glob.find("]", position + 1)) > 0:
            expression += f"[{glob[position:end]}]"
            position = end + 1
        elif character == "\\" and position < len(glob):
            expression += re.escape(glob[position])
            position += 1
        else:
            expression += re.escape(character)
    return expression
