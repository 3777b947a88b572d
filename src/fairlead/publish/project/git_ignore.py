"""The ``.gitignore`` files of a project: what they name is the machine's, so nothing that is published may hold it.

Only these files count. What a user has Git ignore elsewhere (``.git/info/exclude``, ``core.excludesFile``), and whether
a file is tracked all the same, differs from machine to machine, and Git itself may not be installed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from fairlead.records import record

_FILE = ".gitignore"


@record
class _Rule:
    """One line of a file."""

    pattern: re.Pattern[str]
    by_name: bool
    folders_only: bool
    ignores: bool


class GitIgnore:
    """The ``.gitignore`` files that hold for a folder, each read when it is first needed.

    Args:
        folder: A folder of the project. The outermost file that counts is that of its repository; of a project without
            one, that of the folder itself.
    """

    def __init__(self, folder: Path) -> None:
        self._root = next((place for place in (folder, *folder.parents) if (place / ".git").exists()), folder)
        self._rules: dict[Path, list[_Rule]] = {}

    def ignores(self, path: Path, *, is_folder: bool = False) -> bool:
        """Whether Git ignores a path. Of an ignored folder it ignores all, whatever a rule inside says.

        Args:
            path: An absolute path, without ``..``; one outside the repository is never ignored.
            is_folder: Whether it is a folder, which rules that end in a slash are for.
        """
        if not path.is_relative_to(self._root):
            return False
        above = [place for place in reversed(path.parents) if place != self._root and place.is_relative_to(self._root)]
        return any(self._is_named(folder, is_folder=True) for folder in above) or self._is_named(path, is_folder)

    def _is_named(self, path: Path, is_folder: bool) -> bool:
        """Whether the last rule that names the path itself, in the nearest file that has one, ignores it."""
        for folder in path.parents:
            relative = path.relative_to(folder).as_posix()
            verdict = verdict_of(self._rules_in(folder), relative, is_folder=is_folder)
            if verdict is not None:
                return verdict
            if folder == self._root:
                break
        return path.name == ".git"

    def _rules_in(self, folder: Path) -> list[_Rule]:
        if folder not in self._rules:
            try:
                content = (folder / _FILE).read_bytes()
            except OSError:
                content = b""
            self._rules[folder] = parse_rules(content.decode("utf-8-sig", "surrogateescape"))
        return self._rules[folder]


def verdict_of(rules: Sequence[_Rule], path: str, *, is_folder: bool) -> bool | None:
    """Whether the last rule that names a path itself ignores it; None where no rule names it.

    Args:
        rules: The rules of one file.
        path: The path, relative to the folder of that file, with slashes.
        is_folder: Whether it is a folder.
    """
    name = path.rpartition("/")[2]
    for rule in reversed(rules):
        if rule.pattern.fullmatch(name if rule.by_name else path) and (is_folder or not rule.folders_only):
            return rule.ignores
    return None


def parse_rules(text: str) -> list[_Rule]:
    """The rules in the text of a ``.gitignore`` file, in order."""
    rules = (_rule(line.removesuffix("\r")) for line in text.split("\n"))
    return [rule for rule in rules if rule is not None]


def _rule(line: str) -> _Rule | None:
    """The rule of one line; None for a comment, a blank line, or a pattern that can match nothing."""
    if line.startswith("#"):
        return None
    line = re.sub(r"(?<!\\)((?:\\\\)*) +$", r"\1", line)
    ignores = not line.startswith("!")
    line = line if ignores else line[1:]
    pattern = line.removesuffix("/")
    if not pattern:
        return None
    by_name = "/" not in pattern
    try:
        compiled = re.compile(_regex(pattern.removeprefix("/")), re.DOTALL)
    except (re.error, ValueError):
        return None
    return _Rule(compiled, by_name, line.endswith("/"), ignores)


# Patterns as texts: publishing loads this module, and not every project has rules.
#: The parts of a pattern: ``**`` where it stands for folders, ``*``, ``?``, an escaped character, a set of characters.
_PART = (
    r"(?s)(?P<folders>(?:^|(?<=/))\*\*/)|(?P<rest>(?<=/)\*\*$)|(?P<any>\*+)|(?P<one>\?)|\\(?P<escaped>.)"
    r"|\[(?P<not>[!^]?)(?P<set>\]?(?:\[:[a-z]+:\]|\\.|[^\]\\])*)\]|(?P<broken>\[|\\$)"
)
_FIXED = {"folders": "(?:.*/)?", "rest": ".+", "any": "[^/]*", "one": "[^/]"}
_CLASSES = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": " \\t",
    "cntrl": "\\x00-\\x1f\\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": "!-/:-@\\[-`{-~",
    "space": "\\s",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}
_SET_PART = r"(?s)\[:(?P<kind>[a-z]+):\]|\\(?P<escaped>.)|(?P<range>(?<=.)-(?=.))|(?P<plain>.)"


def _regex(pattern: str) -> str:
    """A regular expression for a pattern.

    Raises:
        ValueError: A set has no end, or names a kind of characters that there is not; it matches nothing then.
    """
    written, position = "", 0
    for part in re.finditer(_PART, pattern):
        written += re.escape(pattern[position : part.start()]) + _written(part)
        position = part.end()
    return written + re.escape(pattern[position:])


def _written(part: re.Match[str]) -> str:
    kind = part.lastgroup
    if kind in _FIXED:
        return _FIXED[kind]
    if kind == "escaped":
        return re.escape(part["escaped"])
    if kind == "broken":
        raise ValueError(part.string)
    inside = "".join(_member(member) for member in re.finditer(_SET_PART, part["set"]))
    return f"(?!/)[{'^' if part['not'] else ''}{inside}]"


def _member(member: re.Match[str]) -> str:
    if member["kind"]:
        if member["kind"] not in _CLASSES:
            raise ValueError(member.string)
        return _CLASSES[member["kind"]]
    return "-" if member["range"] else re.escape(member["escaped"] or member["plain"])
