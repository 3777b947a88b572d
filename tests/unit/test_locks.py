"""The locked tools: complete, with hashes, and from wherever the reader's registry is."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
LOCKS = ("dev.txt", "node.txt", "uv.txt")


@pytest.mark.parametrize("name", LOCKS)
def test_lock_names_no_index(name: str) -> None:
    """A lock must hold no address and no index option, so that a mirror serves as well as the public registry."""
    text = (REPOSITORY / "requirements" / name).read_text()

    assert not re.search(r"://|^\s*-(-index|-extra-index|-find-links|i\b|f\b)", text, re.MULTILINE)


@pytest.mark.parametrize("name", LOCKS)
def test_lock_pins_everything_by_hash(name: str) -> None:
    """Each entry of a lock must be one exact version with at least one hash."""
    for entry in entries(name):
        assert re.match(r"[a-z0-9-]+==\S+ ", entry), entry
        assert "--hash=sha256:" in entry, entry


def test_lock_holds_all_direct_dependencies() -> None:
    """What pyproject.toml asks for must be in a lock: when this fails, run `make lock`."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    groups = [project["project"]["dependencies"], *project["dependency-groups"].values()]
    wanted = {normal(requirement) for group in groups for requirement in group}

    assert wanted <= {normal(entry) for name in LOCKS for entry in entries(name)}


def test_bootstrap_uv_is_the_locked_uv() -> None:
    """The uv that a new machine fetches first must be the one that the lock installs afterwards."""
    (bootstrap,) = entries("uv.txt")

    assert bootstrap in entries("dev.txt")


def entries(name: str) -> list[str]:
    lines = (REPOSITORY / "requirements" / name).read_text().splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    return [re.sub(r"\s*\\\n\s*", " ", entry) for entry in re.findall(r"^\S(?:.*\\\n)*.*$", text, re.MULTILINE)]


def normal(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert match, requirement
    return re.sub(r"[-_.]+", "-", match.group()).lower()
