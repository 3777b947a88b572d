"""Workspaces: a folder that locks the packages of others below it (uv, npm, yarn, pnpm)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import PurePath

from fairlead.projects.folder import ProjectFolder, package_json, pyproject_table, texts_of


def is_workspace_of(root: ProjectFolder, path: PurePath) -> bool:
    """Whether a folder is the root of a workspace that a folder below it is a member of.

    Args:
        root: The folder above.
        path: The folder below, or one inside a member.

    Raises:
        StartError: The package.json of the root can't be read.
    """
    try:
        steps = path.relative_to(root.path).parts
    except ValueError:
        return False
    return any(_has_member(patterns, excluded, steps) for patterns, excluded in _workspaces(root))


def _workspaces(root: ProjectFolder) -> list[tuple[Sequence[str], Sequence[str]]]:
    """The patterns of members and of what is excluded again, for each kind of workspace."""
    uv = pyproject_table(root, "tool", "uv", "workspace") or {}
    node = package_json(root).get("workspaces")
    # Yarn 1 also takes {"packages": [...], "nohoist": [...]}.
    packages = texts_of(node.get("packages") if isinstance(node, Mapping) else node)
    return [
        (texts_of(uv.get("members")), texts_of(uv.get("exclude"))),
        _split_excluded(packages),
        _split_excluded(_pnpm_packages(root)),
    ]


def _split_excluded(patterns: Sequence[str]) -> tuple[list[str], list[str]]:
    return [item for item in patterns if item[:1] != "!"], [item[1:] for item in patterns if item[:1] == "!"]


def _pnpm_packages(root: ProjectFolder) -> Sequence[str]:
    text = root.texts.get("pnpm-workspace.yaml")
    if text is None:
        return []
    import yaml  # only here: few folders have such a file, and loading the library takes a while

    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError:
        return []
    return texts_of(document.get("packages")) if isinstance(document, dict) else []


def _has_member(patterns: Sequence[str], excluded: Sequence[str], steps: tuple[str, ...]) -> bool:
    """Whether the path, or a folder on the way to it, matches."""
    for length in range(1, len(steps) + 1):
        member = steps[:length]
        if any(_matches(pattern, member) for pattern in patterns):
            return not any(_matches(pattern, member) for pattern in excluded)
    return False


def _matches(pattern: str, steps: tuple[str, ...]) -> bool:
    return _match(PurePath(pattern.removeprefix("./").rstrip("/")).parts, steps)


def _match(pattern: tuple[str, ...], steps: tuple[str, ...]) -> bool:
    if not pattern:
        return not steps
    if pattern[0] == "**":
        return any(_match(pattern[1:], steps[skipped:]) for skipped in range(len(steps) + 1))
    return bool(steps) and fnmatchcase(steps[0], pattern[0]) and _match(pattern[1:], steps[1:])
