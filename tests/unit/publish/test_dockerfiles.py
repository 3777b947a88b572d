"""Dockerfiles for programs that have none: by the same knowledge of folders that a run has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.cluster_kind import cluster_kind_of
from fairlead.publish.project.project_files import ProjectFiles
from fairlead.resources.executable import Executable
from fairlead.resources.node import NodeApp, ViteApp
from fairlead.resources.python import PythonApp, UvicornApp

PACKAGE = json.dumps({"name": "web", "dependencies": {"vite": "^6"}})
BUILD_SYSTEM = '[project]\nname = "api"\n[build-system]\nrequires = ["hatchling"]\n'


class Build:
    """The Dockerfile of a program.

    Args:
        folder: The folder of the app file.
        workload: The program.
    """

    def __init__(self, folder: Path, workload: Executable) -> None:
        report = Report()
        self.text, self.context = cluster_kind_of(workload).dockerfile(workload, ProjectFiles(folder), report)
        self.warnings = [f"{warning.message}. {warning.remedy}" for warning in report.warnings]
        before, self.last = self.text.split("\nFROM ${BASE_IMAGE}\n") if "python" in self.text else (self.text, "")
        self.first = before.splitlines()


def write(folder: Path, **files: str) -> None:
    """Write files; ``__`` in a name stands for a dot, ``0`` for a slash."""
    for name, text in files.items():
        path = folder / name.replace("__", ".").replace("0", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def api(**target: str) -> PythonApp:
    return PythonApp("api", "./api", **(target or {"module": "shop.api"}))


@pytest.mark.parametrize(
    ("lock", "packages", "command"),
    [
        ("uv.lock", "uv", "uv export --quiet --frozen --no-dev --no-emit-project --output-file /tmp/requirements.txt"),
        ("poetry.lock", "poetry poetry-plugin-export", "poetry export --only main --output /tmp/requirements.txt"),
        ("pdm.lock", "pdm", "pdm export --prod --output /tmp/requirements.txt"),
        ("Pipfile.lock", "pipenv", "pipenv requirements --hash > /tmp/requirements.txt"),
    ],
)
def test_a_lock_file_becomes_requirements(tmp_path: Path, lock: str, packages: str, command: str) -> None:
    """The lock file of each manager must decide the versions in the image, without a warning."""
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / lock).touch()
    (tmp_path / "api" / ("Pipfile" if lock == "Pipfile.lock" else "pyproject.toml")).touch()
    build = Build(tmp_path, api())
    name = packages.partition(" ")[0]
    assert f"RUN python -m venv /{name} && /{name}/bin/pip install --no-cache-dir {packages} \\" in build.first
    assert f" && /{name}/bin/{command}" in build.first
    assert build.first.index(f" && /{name}/bin/{command}") < build.first.index("COPY . .")
    assert (build.context, build.warnings) == ("./api", [])


def test_a_command_in_an_image(tmp_path: Path) -> None:
    """A command must be run by its name, which the PATH of the image finds in its environment."""
    write(tmp_path, api0requirements__txt="arq")
    build = Build(tmp_path, api(command="arq"))
    assert build.last.splitlines()[-1] == 'CMD ["arq"]'
    assert "ENV PATH=/venv/bin:$PATH" in build.last


def test_a_command_of_packages_that_nobody_names(tmp_path: Path) -> None:
    """A command whose package no file names must be a warning, as uvicorn is."""
    (tmp_path / "api").mkdir()
    assert "so its image would have no arq" in Build(tmp_path, api(command="arq")).warnings[0]
    uvicorn = UvicornApp("api", "./api", "shop.api:app")
    assert "so its image would have no uvicorn" in Build(tmp_path, uvicorn).warnings[0]
    assert Build(tmp_path, api(script="main.py")).warnings == []


@pytest.mark.parametrize("file", ["Pipfile", "environment.yml", "pixi.toml"])
def test_packages_that_an_image_can_not_have(tmp_path: Path, file: str) -> None:
    """Packages that are named in a form which is not installed into images must be a warning."""
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / file).touch()
    (warning,) = Build(tmp_path, api()).warnings
    assert f"its image has none of the packages that {file} in ./api names" in warning


# Modules in src


@pytest.mark.parametrize(
    ("files", "target", "expected"),
    [
        ({"api0src0shop0__init____py": ""}, {"module": "shop.api"}, True),
        ({"api0src0shop__py": ""}, {"module": "shop"}, True),
        ({"api0src0other__py": ""}, {"module": "shop"}, False),
        ({"api0shop__py": ""}, {"module": "shop"}, False),
        ({"api0src0shop__py": ""}, {"script": "main.py"}, True),
        ({"api0src0shop__py": ""}, {"command": "arq"}, True),
        ({"api0src0shop__py": "", "api0requirements__txt": ""}, {"module": "shop"}, True),
        ({"api0src0shop__py": "", "api0pyproject__toml": BUILD_SYSTEM}, {"module": "shop"}, False),
        ({"api0src0shop__py": "", "api0pyproject__toml": "", "api0uv__lock": ""}, {"module": "shop"}, True),
        ({"api0src0shop__py": "", "api0pyproject__toml": ""}, {"module": "shop"}, False),  # pip install . has it
    ],
)
def test_modules_in_src(tmp_path: Path, files: dict[str, str], target: dict[str, str], expected: bool) -> None:
    """A module in ``src`` that is not installed must be importable in the image as it is in a run."""
    write(tmp_path, **files)
    assert ("PYTHONPATH=/app/src" in Build(tmp_path, api(**target)).last) == expected


def test_the_module_of_an_asgi_app_in_src(tmp_path: Path) -> None:
    """For uvicorn the module of the app must count."""
    write(tmp_path, api0src0shop0api__py="", api0requirements__txt="")
    assert "PYTHONPATH=/app/src" in Build(tmp_path, UvicornApp("api", "./api", "shop.api:app")).last
    assert "PYTHONPATH" not in Build(tmp_path, UvicornApp("api", "./api", "main:app")).last


# Lock files of a folder above


def test_a_member_of_a_uv_workspace(tmp_path: Path) -> None:
    """A member must be built in the root of its workspace, with the packages of its own and those of its siblings."""
    write(
        tmp_path,
        uv__lock="",
        pyproject__toml='[tool.uv.workspace]\nmembers = ["api", "libs/*"]\n',
        api0pyproject__toml='[project]\nname = "shop-api"\n',
        api0src0shop0api__py="",
    )
    build = Build(tmp_path, api())
    assert build.context == "."
    assert build.first[0] == "# The image of api, made by Fairlead. It is built in the app file's folder."
    sync = "/uv/bin/uv sync --frozen --no-dev --no-editable --inexact --package shop-api"
    assert f" && UV_PROJECT_ENVIRONMENT=/venv {sync}" in build.first
    assert build.first.index("COPY . .") < build.first.index(
        "RUN python -m venv /uv && /uv/bin/pip install --no-cache-dir uv \\"
    )
    assert "WORKDIR /app/api\n" in build.last and "COPY --from=build /app /app\n" in build.last
    assert "PYTHONPATH=/app/api/src" in build.last
    assert build.warnings == []


def test_a_folder_of_a_project_above(tmp_path: Path) -> None:
    """A folder that is no project of its own must be built with the project whose lock file is above it."""
    write(tmp_path, poetry__lock="", pyproject__toml="", api0main__py="")
    build = Build(tmp_path, api(script="main.py"))
    assert build.context == "."
    assert "COPY pyproject.toml poetry.lock ./" in build.first
    assert "WORKDIR /app/api\n" in build.last


def test_projects_of_their_own(tmp_path: Path) -> None:
    """A project, or a folder with requirements.txt, must be built alone though a lock file of others is above it."""
    write(tmp_path, poetry__lock="", uv__lock="", pyproject__toml="", api0pyproject__toml="")
    build = Build(tmp_path, api())
    assert build.context == "./api" and "nothing locks its dependencies" in build.warnings[0]
    write(tmp_path, pyproject__toml='[tool.uv.workspace]\nmembers = ["*"]\n', api0requirements__txt="")
    assert Build(tmp_path, api()).context == "./api"


def test_what_is_above_the_app_file_does_not_count(tmp_path: Path) -> None:
    """Publishing must look no further than from the folder up to where the app file is in or below."""
    write(tmp_path, uv__lock="", pyproject__toml="", shop0api0main__py="", services0api0main__py="")
    (tmp_path / "host").mkdir()
    assert Build(tmp_path / "shop", api(script="main.py")).context == "./api"
    above = PythonApp("api", "../services/api", script="main.py")
    assert Build(tmp_path / "host", above).context == ".."
    assert "WORKDIR /app/services/api\n" in Build(tmp_path / "host", above).last


# Node


@pytest.mark.parametrize(
    ("lock", "install"),
    [
        ("package-lock.json", "RUN npm ci"),
        ("pnpm-lock.yaml", "RUN corepack enable && pnpm install --frozen-lockfile"),
        ("yarn.lock", "RUN corepack enable && yarn install --frozen-lockfile"),
        ("bun.lock", "RUN npm install -g bun && bun install --frozen-lockfile"),
    ],
)
def test_lock_files_of_node(tmp_path: Path, lock: str, install: str) -> None:
    """The manager of the lock file must install in the image, alone or for a workspace at its root."""
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / lock).touch()
    write(tmp_path, web0package__json=PACKAGE)
    lines = Build(tmp_path, NodeApp("web", "./web", "server.js")).first
    assert lines.index(f"COPY package.json {lock} ./") + 1 == lines.index(install) < lines.index("COPY . .")

    (tmp_path / "web" / lock).rename(tmp_path / lock)
    write(tmp_path, package__json='{"workspaces": ["web"]}')
    build = Build(tmp_path, NodeApp("web", "./web", "server.js"))
    lines = build.first
    assert build.context == "."
    assert lines.index("COPY . .") < lines.index(install) < lines.index("WORKDIR /app/web")
    assert 'CMD ["node", "server.js"]' in lines and lines.count("WORKDIR /app/web") == 2
    page = Build(tmp_path, ViteApp("web", "./web"))
    assert "COPY --from=build /app/web/dist /srv" in page.first and page.warnings == []


def test_a_package_of_its_own_below_a_lock_file(tmp_path: Path) -> None:
    """A package that is no member of the workspace above must be built alone, and be said not to be locked."""
    write(tmp_path, package__json="{}", web0package__json=PACKAGE)
    (tmp_path / "package-lock.json").touch()
    build = Build(tmp_path, NodeApp("web", "./web", "server.js"))
    assert build.context == "./web" and "nothing locks its dependencies" in build.warnings[0]


def test_yarn_without_node_modules(tmp_path: Path) -> None:
    """Packages that the image's Node would not find must be a warning; a page has found them when it is built."""
    write(tmp_path, web0package__json=PACKAGE, web0yarn__lock="__metadata:\n  version: 8\n")
    (warning,) = Build(tmp_path, NodeApp("web", "./web", "server.js")).warnings
    assert "Plug'n'Play" in warning and "nodeLinker: node-modules" in warning
    assert Build(tmp_path, ViteApp("web", "./web")).warnings == []
    (tmp_path / "web" / ".yarnrc.yml").write_text("nodeLinker: node-modules\n")
    build = Build(tmp_path, NodeApp("web", "./web", "server.js"))
    assert "RUN corepack enable && yarn install --immutable" in build.first and build.warnings == []


def test_a_package_json_that_can_not_be_read(tmp_path: Path) -> None:
    """A broken package.json must not keep an app from being published: the build of its image says what is wrong."""
    write(tmp_path, web0package__json="{")
    assert "RUN npm install" in Build(tmp_path, NodeApp("web", "./web", "server.js")).first
