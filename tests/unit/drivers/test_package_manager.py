"""Which package manager a Node app's folder uses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fairlead import StartError
from fairlead.drivers.node import find_package_manager


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "web").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("lock", "name", "install"),
    [
        ("package-lock.json", "npm", "npm ci --no-audit --no-fund"),
        ("pnpm-lock.yaml", "pnpm", "pnpm install --frozen-lockfile"),
        ("yarn.lock", "yarn", "yarn install --frozen-lockfile"),
        ("bun.lock", "bun", "bun install --frozen-lockfile"),
        ("bun.lockb", "bun", "bun install --frozen-lockfile"),
    ],
)
@pytest.mark.parametrize("place", ["web", "."])
def test_the_lock_file_decides(repository: Path, lock: str, name: str, install: str, place: str) -> None:
    """The lock file, in the folder or above it in a workspace, must name the manager, which keeps to the lock."""
    (repository / place / lock).touch()
    found = find_package_manager(repository / "web")
    assert (found.name, " ".join(found.install)) == (name, install)
    assert found.separator == (("--",) if name == "npm" else ())


@pytest.mark.parametrize(
    ("named", "name"), [("pnpm@9.1.0", "pnpm"), ("yarn@4", "yarn"), ("npm@10", "npm"), ("", "npm")]
)
@pytest.mark.parametrize("place", ["web", "."])
def test_package_json_decides_without_a_lock(repository: Path, named: str, name: str, place: str) -> None:
    """Without a lock file ``packageManager`` must decide, and npm without that; npm then installs without a lock."""
    (repository / place / "package.json").write_text(json.dumps({"packageManager": named} if named else {}))
    found = find_package_manager(repository / "web")
    assert (found.name, found.install[1]) == (name, "install")


def test_a_lock_file_wins_over_package_json(repository: Path) -> None:
    """Where both speak, the lock file must win: it says what was used last."""
    (repository / "web" / "package.json").write_text('{"packageManager": "yarn@4"}')
    (repository / "web" / "pnpm-lock.yaml").touch()
    assert find_package_manager(repository / "web").name == "pnpm"


def test_a_package_json_that_can_not_be_read(repository: Path) -> None:
    """A broken package.json must be an error that says so."""
    (repository / "web" / "package.json").write_text("{")
    with pytest.raises(StartError, match=r"package\.json can't be read"):
        find_package_manager(repository / "web")
