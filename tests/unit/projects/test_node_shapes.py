"""Shapes of real Node projects: which package manager runs an app in each, and what is installed first, where."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.support.projects import project_folder

from fairlead import StartError
from fairlead.projects.folder import ProjectFolder
from fairlead.projects.node import choose_node_manager, manager_missing, required_script

NEEDS = json.dumps({"dependencies": {"vite": "^6"}})
ROOT = json.dumps({"workspaces": ["web"]})
NPM_INSTALL = "npm install --no-audit --no-fund"
NPM_CI = "npm ci --no-audit --no-fund"


def named(manager: str) -> str:
    return json.dumps({"packageManager": manager, "dependencies": {"vite": "^6"}})


# (paths of /repo/web, its package.json, paths of /repo, its package.json, manager, what is installed first)
SHAPES = {
    "no packages": ("", "{}", "", "", "npm", ""),
    "a lock file but no packages": ("package-lock.json", "{}", "", "", "npm", ""),
    "npm": ("package-lock.json", NEEDS, "", "", "npm", f"{NPM_CI} in /repo/web"),
    "npm with a shrinkwrap": ("npm-shrinkwrap.json", NEEDS, "", "", "npm", f"{NPM_CI} in /repo/web"),
    "npm without a lock file": ("", NEEDS, "", "", "npm", f"{NPM_INSTALL} in /repo/web"),
    "pnpm": ("pnpm-lock.yaml", NEEDS, "", "", "pnpm", "pnpm install --frozen-lockfile in /repo/web"),
    "yarn 1": ("yarn.lock", NEEDS, "", "", "yarn", "yarn install --frozen-lockfile in /repo/web"),
    "yarn 4": ("yarn.lock", named("yarn@4.5.0"), "", "", "yarn", "yarn install --immutable in /repo/web"),
    "bun": ("bun.lock", NEEDS, "", "", "bun", "bun install --frozen-lockfile in /repo/web"),
    "bun, binary": ("bun.lockb", NEEDS, "", "", "bun", "bun install --frozen-lockfile in /repo/web"),
    "an npm workspace": ("", NEEDS, "package-lock.json", ROOT, "npm", f"{NPM_CI} in /repo"),
    "a pnpm workspace": ("", NEEDS, "pnpm-lock.yaml", "{}", "pnpm", "pnpm install --frozen-lockfile in /repo"),
    "a yarn workspace": ("", NEEDS, "yarn.lock", ROOT, "yarn", "yarn install --frozen-lockfile in /repo"),
    "a member without packages": ("", "{}", "package-lock.json", ROOT, "npm", f"{NPM_CI} in /repo"),
    "its own lock file before the repository's": (
        *("yarn.lock", NEEDS, "package-lock.json", NEEDS),
        *("yarn", "yarn install --frozen-lockfile in /repo/web"),
    ),
    "two lock files": (
        *("yarn.lock package-lock.json", NEEDS, "", ""),
        *("yarn", "yarn install --frozen-lockfile in /repo/web"),
    ),
    "two lock files, one of them named": (
        *("yarn.lock package-lock.json", named("npm@10.1.0"), "", ""),
        *("npm", f"{NPM_CI} in /repo/web"),
    ),
    "a lock file before packageManager": (
        *("pnpm-lock.yaml", named("yarn@4.0.0"), "", ""),
        *("pnpm", "pnpm install --frozen-lockfile in /repo/web"),
    ),
    "packageManager without a lock file": ("", named("pnpm@9.1.0"), "", "", "pnpm", "pnpm install in /repo/web"),
    "packageManager of the repository": ("", NEEDS, "", named("yarn@1.22.0"), "yarn", "yarn install in /repo/web"),
    "packageManager of the folder first": (
        "",
        named("npm@10.0.0"),
        "",
        named("yarn@1.22.0"),
        "npm",
        f"{NPM_INSTALL} in /repo/web",
    ),
}


def read(web: str, package: str, repository: str, root_package: str) -> list[ProjectFolder]:
    return [
        project_folder("/repo/web", *web.split(), texts={"package.json": package}),
        project_folder("/repo", *repository.split(), texts={"package.json": root_package} if root_package else {}),
    ]


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_shapes(shape: tuple[str, str, str, str, str, str]) -> None:
    """Each shape of project must get its manager and its installation, which keeps to the lock file."""
    *folders, manager, first = shape
    choice = choose_node_manager(read(*folders))
    installation = choice.installation
    assert choice.manager.name == manager
    assert choice.manager.separator == (("--",) if manager == "npm" else ())
    assert (f"{' '.join(installation.command)} in {installation.folder}" if installation else "") == first
    if installation is not None:
        assert installation.environment == installation.folder / "node_modules" or choice.manager.runs_node


@pytest.mark.parametrize(
    ("settings", "plays"),
    [("", True), ("nodeLinker: pnp\n", True), ("nodeLinker: node-modules\n", False), ('nodeLinker: "pnpm"\n', False)],
)
def test_yarn_without_node_modules(settings: str, plays: bool) -> None:
    """Where yarn keeps packages out of node_modules it must run Node, and no file of ours be left beside them."""
    folder = project_folder("/repo", "yarn.lock", texts={"package.json": NEEDS, ".yarnrc.yml": settings})
    choice = choose_node_manager([folder])
    assert choice.manager.runs_node == plays
    assert choice.installation is not None
    assert choice.installation.keeps_stamp != plays
    assert choice.installation.command == ("yarn", "install", "--immutable")
    assert choice.installation.environment == Path("/repo", ".pnp.cjs" if plays else "node_modules")


def test_yarn_is_known_by_its_lock_file() -> None:
    """A lock file of a later yarn must be told from one of yarn 1, also where nothing else tells them apart."""
    texts = {"package.json": NEEDS, "yarn.lock": "# generated\n\n__metadata:\n  version: 8\n"}
    assert choose_node_manager([project_folder("/repo", texts=texts)]).manager.runs_node


def test_without_a_lock_file_any_packages_will_do() -> None:
    """Without a lock file the packages of the repository must be taken as they are."""
    web = project_folder("/repo/web", texts={"package.json": NEEDS})
    installation = choose_node_manager([web, project_folder("/repo", "node_modules")]).installation
    assert installation is not None and not installation.locked
    assert (installation.environment, installation.lock) == (
        Path("/repo/node_modules"),
        Path("/repo/web/package.json"),
    )


def test_a_package_json_that_can_not_be_read() -> None:
    """A broken package.json must be an error that says so."""
    with pytest.raises(StartError, match=r"package\.json can't be read.*Correct /repo/package\.json"):
        choose_node_manager([project_folder("/repo", texts={"package.json": "{"})])


@pytest.mark.parametrize(
    ("scripts", "message", "remedy"),
    [
        ({"start": "x", "build": "y"}, "no script 'strat'; it has 'start', 'build'", "Write run='start'."),
        ({"build": "y"}, "no script 'strat'; it has 'build'", "Correct run=, or add 'strat' to its scripts."),
        (None, "no script 'strat'; it has none", "Correct run=, or add 'strat' to its scripts."),
    ],
)
def test_a_script_that_is_not_there(scripts: object, message: str, remedy: str) -> None:
    """A script that package.json lacks must be an error that says what there is, and suggests the nearest."""
    with pytest.raises(StartError) as raised:
        required_script("strat", {"scripts": scripts}, Path("/repo"))
    assert raised.value.message == f"package.json in /repo has {message}"
    assert raised.value.remedy == remedy


def test_a_manager_that_is_not_installed() -> None:
    """The error must name the lock file that asks for the manager, and how to install that."""
    folder = project_folder("/repo", "pnpm-lock.yaml", texts={"package.json": NEEDS})
    error = manager_missing(choose_node_manager([folder]))
    assert str(error) == (
        "/repo/pnpm-lock.yaml asks for pnpm, which is not installed. Install pnpm (npm install -g pnpm)."
    )
