"""What a user gets: the wheel, in an environment that holds nothing else than what the wheel asks for."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).parents[2]
UV = Path(sys.executable).with_name("uv")
APPHOST = """\
from fairlead import AppBuilder, apphost


@apphost
def harbour(app: AppBuilder) -> None:
    app.add_executable("light", "sh", ".", "-c", "while true; do echo blink; sleep 1; done").with_image("busybox:1.35")


if __name__ == "__main__":
    harbour.main()
"""

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(
        UV,
        "build",
        "--quiet",
        "--wheel",
        "--no-build-isolation",
        "--python",
        sys.executable,
        "--out-dir",
        folder,
        REPOSITORY,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new virtual environment with the wheel and, by the lock's hashes, what it requires."""
    venv = tmp_path_factory.mktemp("installed")
    requirements = venv.with_name("runtime.txt")
    requirements.write_text("".join(locked_entries(runtime_closure())))
    run(UV, "venv", "--quiet", "--no-project", "--python", sys.executable, venv)
    install: list[str | Path] = [UV, "pip", "install", "--quiet", "--python", venv / "bin" / "python"]
    run(*install, "--require-hashes", "--no-deps", "-r", requirements)
    run(*install, "--no-deps", wheel)
    return venv


@dataclass(frozen=True)
class Harbour:
    """An app of one process in a folder of its own, and the installed command to handle it."""

    folder: Path
    command: Path
    environment: dict[str, str]

    def fairlead(self, *arguments: str) -> str:
        return run(self.command, *arguments, cwd=self.folder, env=self.environment)


@pytest.fixture
def harbour(installed: Path, tmp_path: Path) -> Iterator[Harbour]:
    (tmp_path / "apphost.py").write_text(APPHOST)
    inherited = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    home = {
        "HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
    }
    app = Harbour(tmp_path, installed / "bin" / "fairlead", inherited | home)
    yield app
    subprocess.run([app.command, "stop"], cwd=app.folder, env=app.environment, capture_output=True, timeout=120)


def test_wheel_says_that_it_is_typed(wheel: Path) -> None:
    """The wheel must hold `py.typed`, or no user's type checker sees the API."""
    assert "fairlead/py.typed" in zipfile.ZipFile(wheel).namelist()


def test_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    """The wheel must put nothing beside `fairlead` into the user's environment, except its licence and metadata."""
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}

    assert tops == {"fairlead", wheel.name.removesuffix("-py3-none-any.whl") + ".dist-info"}


def test_wheel_holds_the_page(wheel: Path) -> None:
    """Users have no Node: the page must be in the wheel as it is sent, and everything that it loads."""
    with zipfile.ZipFile(wheel) as archive:
        files = {name.removeprefix("fairlead/dashboard/page/"): archive.read(name) for name in archive.namelist()}
    index = files["index.html"].decode()
    loaded = re.findall(r'(?:src|href)="/([^"]+)"', index)

    assert any(name.endswith(".js") for name in loaded)
    assert any(name.endswith(".css") for name in loaded)
    assert set(loaded) <= files.keys()


def test_requirements_are_met(installed: Path) -> None:
    """What the wheel declares must be all that it needs, and every module must import with that."""
    program = (
        "import importlib, pkgutil, fairlead\n"
        "for module in pkgutil.walk_packages(fairlead.__path__, 'fairlead.'):\n"
        "    if not module.name.endswith('__main__') and '.testing' not in module.name:\n"
        "        importlib.import_module(module.name)"
    )
    run(UV, "pip", "check", "--quiet", "--python", installed / "bin" / "python")
    run(installed / "bin" / "python", "-I", "-c", program)


def test_command_tells_its_version(harbour: Harbour) -> None:
    """`fairlead --version` must tell the version of the wheel."""
    version = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["version"]

    assert version in harbour.fairlead("--version")


def test_app_runs(harbour: Harbour) -> None:
    """The installed command must start an app, tell when it runs, and stop it."""
    json.loads(harbour.fairlead("run", "--detach", "--json"))
    harbour.fairlead("wait", "light", "--for", "running", "--timeout", "120")
    (light,) = json.loads(harbour.fairlead("resources", "--json"))["resources"]
    harbour.fairlead("stop")

    assert (light["name"], light["state"]) == ("light", "Running")


def test_app_publishes(harbour: Harbour) -> None:
    """The installed command must publish the same app as a chart."""
    harbour.fairlead("publish", "-o", "out")

    written = {str(path.relative_to(harbour.folder / "out")) for path in (harbour.folder / "out").rglob("*")}
    assert {"Chart.yaml", "values.yaml", "templates/light/deployment.yaml"} <= written


def run(*command: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    ended = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=600)
    if ended.returncode:
        pytest.fail(f"{' '.join(map(str, command))} ended with {ended.returncode}:\n{ended.stdout}{ended.stderr}")
    return ended.stdout


def runtime_closure() -> set[str]:
    """Names of what the wheel requires, directly or not, on this machine."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    found: set[str] = set()
    open_ = list(project["dependencies"])
    while open_:
        requirement = Requirement(open_.pop())
        name = canonicalize_name(requirement.name)
        if name not in found and (requirement.marker is None or requirement.marker.evaluate()):
            found.add(name)
            open_ += requires(name) or []
    return found


def locked_entries(names: set[str]) -> list[str]:
    lock = (REPOSITORY / "requirements" / "dev.txt").read_text()
    entries = re.findall(r"^[a-z0-9].*\n(?:[ ].*\n)*", lock, re.MULTILINE)
    chosen = [entry for entry in entries if entry.partition("==")[0] in names]
    assert len(chosen) == len(names), f"the lock lacks some of {sorted(names)}: run `make lock`"
    return chosen
