"""Apps in projects of package managers: which Python and packages they get, and that installing is done once."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from tests.support.projects import write_program
from tests.support.stage import Stage, stage

from fairlead import AppBuilder, State
from fairlead.runtime.store.folders import runtime_folder

FAKE = """#!{python}
import fcntl, json, os, pathlib, sys, time
place = pathlib.Path({log!r})
with place.open("a") as log:
    fcntl.flock(log, fcntl.LOCK_EX)
    watched = ("VIRTUAL_ENV", "CONDA_PREFIX", "SECRET", "NODE_ENV", "COREPACK_ENABLE_DOWNLOAD_PROMPT")
    env = {{name: os.environ[name] for name in watched if name in os.environ}}
    log.write(json.dumps({{"argv": [{name!r}, *sys.argv[1:]], "cwd": os.getcwd(), "env": env}}) + "\\n")
words = sys.argv[1:]
{behaviour}
if "run" in words:
    rest = words[words.index("run") + 1:]
    while rest[0].startswith("-"):
        rest = rest[2:] if rest[0] in ("-n", "--project") else rest[1:]
    rest = [{python!r}, *rest[1:]] if rest[0] == "python" else rest
    os.execvp(rest[0], rest)
"""
HELLO = "import os; print('VIRTUAL_ENV', os.environ.get('VIRTUAL_ENV'))"


class Managers:
    """Package managers on PATH that write down how they were called."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder
        self._log = folder.parent / "calls.jsonl"

    def add(self, name: str, behaviour: str = "") -> None:
        """Add one.

        Args:
            name: Its name.
            behaviour: What it does besides, as Python that knows its arguments as ``words``.
        """
        text = FAKE.format(python=sys.executable, log=str(self._log), name=name, behaviour=behaviour)
        write_program(self.bin / name, text)

    @property
    def calls(self) -> list[dict[str, Any]]:
        """The calls, the first first."""
        return [json.loads(line) for line in self._log.read_text().splitlines()] if self._log.exists() else []

    @property
    def commands(self) -> list[str]:
        """The commands of all calls."""
        return [" ".join(call["argv"]) for call in self.calls]


@pytest.fixture
def managers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Managers:
    (tmp_path / "tools").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'tools'}{os.pathsep}{os.environ['PATH']}")
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX", "CONDA_DEFAULT_ENV", "UV_PROJECT_ENVIRONMENT"):
        monkeypatch.delenv(name, raising=False)
    return Managers(tmp_path / "tools")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder ``shop`` with a program, outside of any repository."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "main.py").write_text(HELLO)
    return folder


@pytest.fixture
def uv(managers: Managers, monkeypatch: pytest.MonkeyPatch) -> str:
    """The real uv on PATH, kept from asking an index."""
    program = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert program is not None, "uv is one of the development tools"
    (managers.bin / "uv").symlink_to(program)
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_PYTHON", sys.executable)
    return program


def add_worker(app: AppBuilder) -> None:
    app.add_python_app("worker", ".", script="main.py")


async def finish(shown: Stage, name: str = "worker") -> str:
    """Wait until a resource has ended well, and return its log."""
    ended = await shown.reach(name, State.FINISHED)
    assert ended.exit_code == 0, shown.text(name)
    return shown.text(name)


# Python


@pytest.mark.parametrize(
    ("manager", "lock", "sync", "run"),
    [
        ("poetry", "poetry.lock", "poetry install --no-interaction", "poetry run python main.py"),
        ("pdm", "pdm.lock", "pdm sync", "pdm run python main.py"),
        ("pipenv", "Pipfile.lock", "pipenv sync --dev", "pipenv run python main.py"),
        ("pixi", "pixi.lock", "pixi install", "pixi run python main.py"),
    ],
)
async def test_a_manager_installs_and_runs(
    managers: Managers, project: Path, monkeypatch: pytest.MonkeyPatch, manager: str, lock: str, sync: str, run: str
) -> None:
    """The manager of the lock file must install first, shown as Building, and run the program, knowing no other
    environment; while the lock file stays as it is, it must not install again."""
    (project / lock).write_text("one")
    environment = project.parent / "env"
    write_program(environment / "bin" / "python")
    monkeypatch.setenv("VIRTUAL_ENV", str(environment))
    locate = f"if words[:1] in (['env'], ['info'], ['--venv']): print({str(environment)!r})\n"
    package = environment / "lib/python3.11/site-packages/x-1.dist-info"
    install = f"""if words[0] in ('install', 'sync'):
    print('installing')
    history = pathlib.Path({str(project / ".pixi/envs/default/conda-meta/history")!r})
    history.parent.mkdir(parents=True, exist_ok=True); history.touch()
    pathlib.Path({str(package)!r}).mkdir(parents=True, exist_ok=True)
    pathlib.Path({str(environment / "pyvenv.cfg")!r}).touch()
"""
    managers.add(manager, locate + install)

    def define(app: AppBuilder) -> None:
        app.add_python_app("worker", ".", script="main.py").with_environment("SECRET", "not for installers")

    async with stage(define, folder=project) as shown:
        text = await finish(shown)
        assert "Building" in shown.states("worker") and "installing" in text
        assert f"Python by {manager}, for {project / lock}" in text and "VIRTUAL_ENV None" in text
        assert managers.commands[0] == sync and managers.commands[-1] == run
        assert managers.calls[0]["cwd"] == str(project)
        assert managers.calls[0]["env"] == {}, "neither the active environment nor what is the app's"
        await shown.command("worker", "start")
        await shown.until("worker", lambda snapshot: snapshot.starts == 2 and snapshot.state is State.FINISHED)
        assert managers.commands.count(sync) == 1
    (project / lock).write_text("two")
    async with stage(define, folder=project) as shown:
        await finish(shown)
        assert managers.commands.count(sync) == 2
    async with stage(define, folder=project) as shown:
        await finish(shown)
        assert managers.commands.count(sync) == 2, "it is remembered from run to run"
    left = {path.name for path in project.iterdir()} - {".pixi"}
    assert left == {"main.py", lock}, "nothing of ours is in the repository"


async def test_conda_runs_the_environment_of_its_file(managers: Managers, project: Path) -> None:
    """An environment.yml must have conda run the program in the environment that it names."""
    (project / "environment.yml").write_text("name: ml\n")
    managers.add("conda")
    async with stage(add_worker, folder=project) as shown:
        await finish(shown)
    assert managers.commands == ["conda run --no-capture-output -n ml python main.py"]


async def test_a_venv_is_brought_up_to_date(managers: Managers, project: Path) -> None:
    """A .venv must be synchronized by the manager of the lock file beside it when that has changed."""
    (project / "poetry.lock").write_text("one")
    python = write_program(project / ".venv" / "bin" / "python", f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    package = python.parents[1] / "lib/python3.11/site-packages/x-1.dist-info"
    managers.add("poetry", f"pathlib.Path({str(package)!r}).mkdir(parents=True, exist_ok=True)")
    (python.parents[1] / "pyvenv.cfg").touch()
    for content, count in (("one", 1), ("one", 1), ("two", 2)):
        (project / "poetry.lock").write_text(content)
        async with stage(add_worker, folder=project) as shown:
            assert f"VIRTUAL_ENV {project}/.venv" in await finish(shown)
        assert managers.commands == ["poetry install --no-interaction"] * count


async def test_a_manager_that_is_missing_is_a_warning_where_something_is_installed(
    managers: Managers, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A .venv must be used although its manager is not there to look after it, with what to run in the log."""
    (project / "uv.lock").touch()
    write_program(project / ".venv" / "bin" / "python", f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (project / ".venv" / "pyvenv.cfg").touch()
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    async with stage(add_worker, folder=project) as shown:
        text = await finish(shown)
    assert f"Warning: what {project}/uv.lock names is not installed, and uv is not there to install it" in text
    assert f"Run in {project}: uv sync" in text


async def test_an_installation_that_fails_is_told_to_those_who_waited(managers: Managers, project: Path) -> None:
    """Apps that wait for an installation must fail with it, without trying again; a later start must try."""
    (project / "poetry.lock").touch()
    gate = project.parent / "gate"
    managers.add("poetry", f"while not os.path.exists({str(gate)!r}): time.sleep(0.01)\nsys.exit('no such version')")

    def define(app: AppBuilder) -> None:
        for name in ("a", "b", "c"):
            app.add_python_app(name, ".", script="main.py")

    async with stage(define, folder=project) as shown:
        for name in ("a", "b", "c"):
            await shown.reach(name, State.BUILDING)
        gate.touch()
        for name in ("a", "b", "c"):
            failed = await shown.reach(name, State.FAILED_TO_START)
            assert f"'poetry install --no-interaction' in {project} ended with exit code 1" in failed.reason
        assert len(managers.calls) == 1
        assert sum("no such version" in shown.text(name) for name in ("a", "b", "c")) == 1
        await shown.command("b", "start")
        await shown.until("b", lambda snapshot: snapshot.starts == 2 and snapshot.state is State.FAILED_TO_START)
        assert len(managers.calls) == 2


async def test_a_stopped_installation_is_done_by_the_next(managers: Managers, project: Path) -> None:
    """Stopping the app that installs must end the manager, and leave the installation to one that waits."""
    (project / "poetry.lock").touch()
    first = project.parent / "first"
    managers.add(
        "poetry",
        f"""if words[0] == 'install' and not os.path.exists({str(first)!r}):
    pathlib.Path({str(first)!r}).touch(); print('busy', flush=True); time.sleep(600)""",
    )

    def define(app: AppBuilder) -> None:
        for name in ("a", "b"):
            app.add_python_app(name, ".", script="main.py")

    async with stage(define, folder=project) as shown:
        for name in ("a", "b"):
            await shown.reach(name, State.BUILDING)
        busy = await shown_first(shown, "busy", ("a", "b"))
        await shown.command(busy, "stop")
        await finish(shown, "b" if busy == "a" else "a")
    assert managers.commands.count("poetry install --no-interaction") == 2


async def shown_first(shown: Stage, text: str, names: tuple[str, ...]) -> str:
    """The first of some resources to log a text."""
    async with asyncio.timeout(40):
        while True:
            for name in names:
                if text in shown.text(name):
                    return name
            await asyncio.sleep(0.01)


async def test_two_hosts_install_one_after_the_other(managers: Managers, project: Path) -> None:
    """While the host of another app installs for the same lock file, this one must wait, and say so."""
    (project / "poetry.lock").touch()
    managers.add("poetry")
    before = set(locks())
    async with stage(add_worker, folder=project) as shown:
        await finish(shown)
    (lock,) = set(locks()) - before
    with lock.open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        async with stage(add_worker, folder=project) as shown:
            await shown.reach("worker", State.BUILDING)
            assert f"Another app installs what {project}/poetry.lock names" in shown.text("worker")
            fcntl.flock(other, fcntl.LOCK_UN)
            await finish(shown)


def locks() -> list[Path]:
    folder = runtime_folder() / "installs"
    return list(folder.iterdir()) if folder.is_dir() else []


async def test_a_command_of_the_environment(managers: Managers, project: Path) -> None:
    """A command must be the program of the environment, be there only after the installation, and be run by a
    manager where that is used."""
    (project / "poetry.lock").touch()
    tool = project / ".venv" / "bin" / "arq"
    write_program(project / ".venv" / "bin" / "python")
    (project / ".venv" / "pyvenv.cfg").touch()
    managers.add(
        "poetry",
        f"""tool = pathlib.Path({str(tool)!r})
if words[0] == 'install' and '{project.name}' == 'shop':
    tool.write_text('#!/bin/sh\\necho arq "$@"\\n'); tool.chmod(0o755)""",
    )

    def define(app: AppBuilder) -> None:
        app.add_python_app("worker", ".", command="arq", args=["worker.Settings", "--burst"])

    async with stage(define, folder=project) as shown:
        assert "arq worker.Settings --burst" in await finish(shown)
    shutil.rmtree(project / ".venv")
    managers.add("poetry")
    managers.add("arq")
    async with stage(define, folder=project) as shown:
        await finish(shown)
    assert managers.commands[-2:] == ["poetry run arq worker.Settings --burst", "arq worker.Settings --burst"]


async def test_a_command_that_is_not_installed(managers: Managers, project: Path) -> None:
    """A command that the environment lacks must be an error that says where it was looked for, and what to run."""
    write_program(project / ".venv" / "bin" / "python")
    (project / "requirements.txt").write_text("arq\n")

    def define(app: AppBuilder) -> None:
        app.add_python_app("worker", ".", command="arq")

    async with stage(define, folder=project) as shown:
        failed = await shown.reach("worker", State.FAILED_TO_START)
    assert f"its command arq is not in {project}/.venv/bin" in failed.reason
    assert f"{project}/.venv/bin/python -m pip install -r requirements.txt" in failed.reason


async def test_packages_that_nothing_provides(managers: Managers, project: Path) -> None:
    """A dependency file whose packages are nowhere must be a warning in the log; one that is satisfied must not."""
    (project / "requirements.txt").write_text("click\nno-such-package\n")
    async with stage(add_worker, folder=project) as shown:
        text = await finish(shown)
    warning = f"Warning: {project}/requirements.txt asks for no-such-package, not found in Python by the interpreter"
    assert warning in text
    assert "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt" in text
    (project / "requirements.txt").write_text("click\n")
    async with stage(add_worker, folder=project) as shown:
        assert "Warning" not in await finish(shown)


async def test_packages_that_the_lock_file_above_does_not_name(uv: str, project: Path) -> None:
    """A service with packages of its own below a project that is locked must be warned of, when that is installed."""
    lock_with_uv(uv, project, add_wheel(project, "1.0"))
    (project / "api").mkdir()
    (project / "api" / "main.py").write_text("import own")
    (project / "api" / "requirements.txt").write_text("own\nno-such-package\n")
    async with stage(lambda app: app.add_python_app("worker", "api", script="main.py"), folder=project) as shown:
        text = await finish(shown)
    assert f"api/requirements.txt asks for no-such-package, not found in Python by uv, for {project}/uv.lock" in text


async def test_modules_in_src(managers: Managers, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module in ``src`` must be importable by a module, a script and a command, before what PYTHONPATH had."""
    monkeypatch.setenv("PYTHONPATH", "/mine")
    package = project / "src" / "warehouse"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("NAME = 'warehouse'")
    (package / "__main__.py").write_text("import os, warehouse; print(warehouse.NAME, os.environ['PYTHONPATH'])")
    (project / "main.py").write_text("import warehouse.__main__")

    def define(app: AppBuilder) -> None:
        app.add_python_app("module", ".", module="warehouse")
        app.add_python_app("script", ".", script="main.py")

    async with stage(define, folder=project) as shown:
        for name in ("module", "script"):
            assert f"warehouse {project}/src:/mine" in await finish(shown, name)


# uv, the real one


def add_wheel(folder: Path, version: str) -> str:
    """A wheel of a package ``own``; its name."""
    name = f"own-{version}-py3-none-any.whl"
    with zipfile.ZipFile(folder / name, "w") as wheel:
        wheel.writestr("own.py", f"print('own {version}')\ndef main(): pass\n")
        wheel.writestr(f"own-{version}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: own\nVersion: {version}\n")
        wheel.writestr(
            f"own-{version}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"own-{version}.dist-info/entry_points.txt", "[console_scripts]\nown-tool = own:main\n")
        wheel.writestr(f"own-{version}.dist-info/RECORD", "")
    return name


def lock_with_uv(uv: str, folder: Path, wheel: str, more: str = "") -> None:
    (folder / "pyproject.toml").write_text(
        f'[project]\nname = "{folder.name}"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["own"]\n'
        f'[tool.uv.sources]\nown = {{ path = "{wheel}" }}\n{more}'
    )
    run_uv_lock(uv, folder)


def run_uv_lock(uv: str, folder: Path) -> None:
    subprocess.run([uv, "lock"], cwd=folder, check=True, capture_output=True)


async def test_uv_installs_what_the_lock_file_says(uv: str, project: Path) -> None:
    """uv must make the environment for the first start and update it when the lock file has changed, and then only."""
    (project / "main.py").write_text("import own, sys; print(sys.prefix)")
    lock_with_uv(uv, project, add_wheel(project, "1.0"))

    def define(app: AppBuilder) -> None:
        app.add_python_app("worker", ".", script="main.py")
        app.add_python_app("tool", ".", command="own-tool")

    async with stage(define, folder=project) as shown:
        text = await finish(shown)
        both = text + await finish(shown, "tool")
        assert "own 1.0" in text and f"{project}/.venv" in text
        assert both.count("Running uv sync") == 1
    async with stage(define, folder=project) as shown:
        assert "Running uv sync" not in await finish(shown)
        assert f"Python by the virtual environment {project}/.venv" in shown.text("worker")
        await finish(shown, "tool")
    # Of another length: byte code counts as current where the source has the same size and time, to the second.
    lock_with_uv(uv, project, add_wheel(project, "2.0.1"))
    async with stage(add_worker, folder=project) as shown:
        text = await finish(shown)
        assert "Running uv sync" in text and "own 2.0.1" in text


async def test_a_uv_workspace_without_a_repository(uv: str, project: Path) -> None:
    """Members of a workspace must get its environment, with the packages of all of them, outside of a repository."""
    for member in ("api", "worker"):
        (project / member).mkdir()
        (project / member / "main.py").write_text("import sys, own; print(sys.prefix)")
        wheel = add_wheel(project / member, "1.0")
        (project / member / "pyproject.toml").write_text(
            f'[project]\nname = "{member}"\nversion = "1"\nrequires-python = ">=3.11"\n'
            + (f'dependencies = ["own"]\n[tool.uv.sources]\nown = {{ path = "{wheel}" }}\n' if member == "api" else "")
        )
    (project / "pyproject.toml").write_text('[tool.uv.workspace]\nmembers = ["*"]\n')
    run_uv_lock(uv, project)

    def define(app: AppBuilder) -> None:
        app.add_python_app("api", "../shop/api", script="main.py")
        app.add_python_app("worker", "../shop/worker", script="main.py")

    (project.parent / "host").mkdir()
    async with stage(define, folder=project.parent / "host") as shown:
        texts = [await finish(shown, name) for name in ("api", "worker")]
    assert all(f"{project}/.venv" in text for text in texts)
    assert "".join(texts).count("Running uv sync") == 1


# Node


def lock_with_npm(folder: Path, version: str) -> None:
    """Have a folder ask for a version of a package ``own``, which is in an archive beside it."""
    package = folder.parent / f"own-{version}"
    package.mkdir()
    (package / "index.js").write_text(f"module.exports = {version!r}")
    (package / "package.json").write_text(json.dumps({"name": "own", "version": version}))
    subprocess.run(["npm", "pack", "--pack-destination", folder], cwd=package, check=True, capture_output=True)
    (folder / "package.json").write_text(
        json.dumps({"dependencies": {"own": f"file:own-{version}.tgz"}, "scripts": {"dev": "node main.js"}})
    )
    lock = ["npm", "install", "--package-lock-only", "--offline", "--no-audit"]
    subprocess.run(lock, cwd=folder, check=True, capture_output=True)


@pytest.mark.node
async def test_three_node_apps_in_one_folder(project: Path) -> None:
    """Apps of one folder must have their packages installed once, and again only when the lock file has changed."""

    def define(app: AppBuilder) -> None:
        for name in ("a", "b"):
            app.add_node_app(name, "web", "main.js")
        app.add_node_app("c", "web", run="dev")

    (project / "web").mkdir()
    (project / "web" / "main.js").write_text("console.log('own', require('own'))")
    for number, installs in (("1.0.0", 1), ("1.0.0", 0), ("2.0.0", 1)):
        if installs:
            lock_with_npm(project / "web", number)
        async with stage(define, folder=project) as shown:
            texts = [await finish(shown, name) for name in ("a", "b", "c")]
        assert all(f"own {number}" in text for text in texts), texts
        assert "".join(texts).count("Running npm ci") == installs
    (project / "web" / "node_modules" / ".fairlead-lock").unlink()
    async with stage(define, folder=project) as shown:
        assert "Running npm ci" not in await finish(shown, "a"), "npm's own record says that all is there"


@pytest.mark.node
@pytest.mark.parametrize(
    ("manager", "lock", "install"),
    [
        ("pnpm", "pnpm-lock.yaml", "pnpm install --frozen-lockfile"),
        ("yarn", "yarn.lock", "yarn install --frozen-lockfile"),
        ("bun", "bun.lock", "bun install --frozen-lockfile"),
    ],
)
async def test_a_workspace_of_another_manager(
    managers: Managers, project: Path, manager: str, lock: str, install: str
) -> None:
    """The manager of the workspace's lock file must install at its root, without the app's variables or a question."""
    (project / "package.json").write_text('{"workspaces": ["web"]}')
    (project / lock).touch()
    (project / "web").mkdir()
    (project / "web" / "package.json").write_text('{"scripts": {"dev": "true"}, "dependencies": {"own": "1"}}')
    modules = project / "node_modules"
    managers.add(
        manager,
        f"""if words[0] == 'install':
    pathlib.Path({str(modules)!r}).mkdir(exist_ok=True)
    for name in ('.modules.yaml', '.yarn-integrity'): pathlib.Path({str(modules)!r}, name).touch()
else: sys.exit(0)""",
    )

    def define(app: AppBuilder) -> None:
        app.add_node_app("web", "../shop/web", run="dev").with_environment("NODE_ENV", "production")

    (project.parent / "host").mkdir()
    for _ in range(2):
        async with stage(define, folder=project.parent / "host") as shown:
            await finish(shown, "web")
    assert managers.commands == [install, f"{manager} run dev", f"{manager} run dev"]
    assert managers.calls[0]["cwd"] == str(project)
    assert managers.calls[0]["env"] == {"COREPACK_ENABLE_DOWNLOAD_PROMPT": "0"}
    assert managers.calls[1]["env"]["NODE_ENV"] == "production"


async def test_a_node_manager_that_is_not_installed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script of package.json without its manager must be an error that says which lock file asks for what."""
    (project / "package.json").write_text('{"scripts": {"dev": "true"}}')
    (project / "pnpm-lock.yaml").touch()
    monkeypatch.setenv("PATH", "/nowhere")
    async with stage(lambda app: app.add_node_app("web", ".", run="dev"), folder=project) as shown:
        failed = await shown.reach("web", State.FAILED_TO_START)
    assert f"{project}/pnpm-lock.yaml asks for pnpm, which is not installed" in failed.reason
    assert "npm install -g pnpm" in failed.reason
