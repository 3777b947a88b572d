"""What is read of environments: their packages and modules, and whether they are those of a lock file."""

from __future__ import annotations

from pathlib import Path

from tests.support.projects import write_program

from fairlead.drivers.installed import installed_modules, installed_packages, read_installed
from fairlead.projects.installation import Installation


def environment_with(path: Path, *packages: str, settings: str = "home = /usr\n") -> Path:
    site_packages = path / "lib" / "python3.11" / "site-packages"
    for name in packages:
        (site_packages / name).mkdir(parents=True)
    site_packages.mkdir(parents=True, exist_ok=True)
    write_program(path / "bin" / "python")
    (path / "pyvenv.cfg").write_text(settings)
    return path


def test_packages_of_an_environment(tmp_path: Path) -> None:
    """Packages must be known by their normal names, whatever installed them."""
    environment = environment_with(
        tmp_path / "a", "Flask-3.0.dist-info", "zope_event-5.0.dist-info", "old.name-1.0-py3.11.egg-info", "flask"
    )
    assert installed_packages(environment) == {"flask", "zope-event", "old-name"}
    assert installed_packages(tmp_path / "gone") is None
    shared = environment_with(tmp_path / "b", settings="include-system-site-packages = true\n")
    assert installed_packages(shared) is None, "those of the system count too"


def test_packages_of_fairlead() -> None:
    """The packages of the interpreter that Fairlead runs in must be known."""
    assert {"fairlead", "click", "pytest-asyncio"} <= (installed_packages(None) or set())


def test_modules_of_an_environment(tmp_path: Path) -> None:
    """A module that is installed, also as an editable one, must be known; another folder's must not."""
    environment = environment_with(tmp_path / "env", "flask")
    src = tmp_path / "src"
    (src / "shop").mkdir(parents=True)
    (src / "shop" / "api.py").touch()
    assert installed_modules(environment, src) == {"flask"}
    (environment / "lib/python3.11/site-packages/_shop.pth").write_text(f"{src}\n")
    assert installed_modules(environment, src) == {"flask", "shop"}
    assert installed_modules(None, src) == set()


def test_an_environment_without_packages_is_not_installed(tmp_path: Path) -> None:
    """A virtual environment that was only just made must not count as newer than the lock file."""
    lock = tmp_path / "uv.lock"
    lock.touch()
    environment = environment_with(tmp_path / ".venv", "pip-24.0.dist-info", "setuptools-65.dist-info")
    installation = Installation("uv", ("uv", "sync"), tmp_path, lock, environment=environment)
    assert read_installed(installation, environment, None).environment_time is None
    site_packages = environment / "lib/python3.11/site-packages"
    (site_packages / "flask-3.0.dist-info").mkdir()
    installed = read_installed(installation, environment, None)
    assert installed.environment_time == site_packages.stat().st_mtime
    assert installed.lock_time == lock.stat().st_mtime


def test_node_modules_without_a_trace_of_the_manager(tmp_path: Path) -> None:
    """A folder that holds only a tool's cache, or was filled by another manager, must not count as installed."""
    lock = tmp_path / "yarn.lock"
    lock.touch()
    environment = tmp_path / "node_modules"
    (environment / ".vite").mkdir(parents=True)
    installation = Installation("yarn", ("yarn", "install"), tmp_path, lock, environment=environment)
    assert read_installed(installation, environment, None).environment_time is None
    (environment / ".yarn-integrity").touch()
    assert read_installed(installation, environment, None).environment_time is not None
