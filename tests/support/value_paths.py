"""Which values a published chart declares, and which its templates use: they must be the same."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

Keys = tuple[str, ...]


def check_value_paths(chart: Path) -> None:
    """Hold a chart to it that every value is used and every use has a value."""
    others = {found.get("alias", found["name"]) for found in _dependencies(chart)}  # their values are theirs
    used = {path for path in _used(chart) if path[0] not in others}
    declared = {_whole(path, used) for path in _declared(chart) if path[0] not in others}
    assert used == declared, f"only used: {used - declared}; only declared: {declared - used}"


def _declared(chart: Path) -> set[Keys]:
    return set(_leaves(yaml.load((chart / "values.yaml").read_text(), yaml.CSafeLoader) or {}, ()))


def _leaves(content: Any, path: Keys) -> list[Keys]:
    if isinstance(content, dict) and content:
        return [found for key, entry in content.items() for found in _leaves(entry, (*path, key))]
    return [path] if path else []


def _whole(path: Keys, used: set[Keys]) -> Keys:
    """The path of the value that a path is in: one may be a mapping."""
    return next((path[:length] for length in range(1, len(path)) if path[:length] in used), path)


def _used(chart: Path) -> set[Keys]:
    """The paths in templates and conditions; a section, of which a checksum is taken, is no use of what is in it."""
    found = {
        tuple(json.loads(key) for key in re.findall('"[^"]*"', keys))
        for file in chart.rglob("templates/**/*")
        if file.is_file()
        for keys in re.findall(r'index \.Values((?: "[^"]*")+)', file.read_text())
    }
    found |= {tuple(other["condition"].split(".")) for other in _dependencies(chart)}
    return {path for path in found if not any(other[: len(path)] == path and other != path for other in found)}


def _dependencies(chart: Path) -> list[dict[str, Any]]:
    return list(yaml.load((chart / "Chart.yaml").read_text(), yaml.CSafeLoader).get("dependencies", ()))
