"""Dockerfiles for Python programs: an environment with their packages as locked, made in a stage of its own."""

from __future__ import annotations

import shlex

from fairlead.model.programs.image import Image
from fairlead.projects.folder import ProjectFolder, pyproject, pyproject_table
from fairlead.projects.python_managers import PYTHON_MANAGERS, PythonManager, conda_file, locking_managers
from fairlead.projects.workspaces import is_workspace_of
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.cluster_kind import GeneratedDockerfile
from fairlead.publish.images.dockerfile_steps import first_stage, last_stage, warn_unlocked
from fairlead.publish.images.image_project import ImageProject, image_project
from fairlead.publish.images.image_subject import ImageSubject, program_subject, shared_subject
from fairlead.publish.project.project_files import ProjectFiles
from fairlead.resources.python import PythonApp, UvicornApp

_WHEELS = "wheels"
_REQUIREMENTS = "/tmp/requirements.txt"  # noqa: S108 - a file in a stage of a build
#: What turns a lock file into requirements: the packages that bring it, the files it reads, and its command.
_EXPORTS = {
    "uv": (
        "uv",
        ("pyproject.toml", "uv.lock"),
        f"uv export --quiet --frozen --no-dev --no-emit-project --output-file {_REQUIREMENTS}",
    ),
    "poetry": (
        "poetry poetry-plugin-export",
        ("pyproject.toml", "poetry.lock"),
        f"poetry export --only main --output {_REQUIREMENTS}",
    ),
    "pdm": ("pdm", ("pyproject.toml", "pdm.lock"), f"pdm export --prod --output {_REQUIREMENTS}"),
    "pipenv": ("pipenv", ("Pipfile", "Pipfile.lock"), f"pipenv requirements --hash > {_REQUIREMENTS}"),
}


def python_app_dockerfile(workload: PythonApp, sources: ProjectFiles, report: Report) -> GeneratedDockerfile:
    """The Dockerfile of a Python program.

    Args:
        workload: The program.
        sources: Tells which files there are.
        report: Collects errors, warnings and notes.
    """
    needed_program = "uvicorn" if isinstance(workload, UvicornApp) else workload.command_name
    module = workload.imported_module or ""
    subject = program_subject(workload)._replace(module=module, needed_program=needed_program)
    return _dockerfile(subject, sources, report)


def python_image_dockerfile(image: Image, sources: ProjectFiles, report: Report) -> GeneratedDockerfile:
    """The Dockerfile of an image that the programs of a Python project share.

    Args:
        image: The image.
        sources: Tells which files there are.
        report: Collects errors, warnings and notes.
    """
    return _dockerfile(shared_subject(image, PythonApp.default_base_image), sources, report)


def _dockerfile(subject: ImageSubject, sources: ProjectFiles, report: Report) -> GeneratedDockerfile:
    """The Dockerfile of a Python project."""
    project = _project(subject, sources)
    has_wheels = sources.is_folder(f"{project.context}/{_WHEELS}")
    options = f" --no-index --find-links /{_WHEELS}" if has_wheels else ""
    steps = [
        *first_stage(subject),
        "RUN python -m venv /venv",
        *([f"# All packages come from this folder.\nCOPY {_WHEELS}/ /{_WHEELS}/"] if has_wheels else []),
    ]
    if _is_uv_workspace(project):
        steps += _uv_workspace(project, options)
    else:
        install = f"RUN /venv/bin/pip install --no-cache-dir{options}"
        steps += _packages(subject, project.root, report, install, options)
    steps += [
        *([f"RUN rm -rf {_WHEELS}"] if has_wheels else []),
        *last_stage(subject, project, _variables(subject, project, sources), "COPY --from=build /venv /venv"),
    ]
    return project.dockerfile(subject, steps)


def _project(subject: ImageSubject, sources: ProjectFiles) -> ImageProject:
    """The folders that the image of a Python project is made from."""
    return image_project(
        subject,
        sources,
        lambda folder: bool(locking_managers(folder)),
        ("pyproject.toml", "Pipfile"),
        complete=("requirements.txt",),
    )


def _packages(subject: ImageSubject, root: ProjectFolder, report: Report, install: str, options: str) -> list[str]:
    steps = [*_dependencies(subject, root, report, install, options), "COPY . ."]
    return [*steps, f"{install} --no-deps ."] if "build-system" in pyproject(root) else steps


def _dependencies(subject: ImageSubject, root: ProjectFolder, report: Report, install: str, options: str) -> list[str]:
    if "requirements.txt" in root.texts:
        return ["COPY requirements.txt /tmp/", f"{install} -r {_REQUIREMENTS}"]
    manager = next((one for one in PYTHON_MANAGERS if one.name in _EXPORTS and root.has(one.lock)), None)
    if manager is not None:
        return [*_export(manager, options), f"{install} -r {_REQUIREMENTS}"]
    if "pyproject.toml" in root.texts:
        warn_unlocked(subject, report, "requirements.txt or uv.lock")
        return ["COPY . .", f"{install} ."]
    _warn_unknown(subject, root, report)
    return []


def _export(manager: PythonManager, options: str) -> list[str]:
    packages, files, command = _EXPORTS[manager.name]
    folder = f"/{manager.name}"
    return [
        f"COPY {' '.join(files)} ./",
        f"RUN python -m venv {folder} && {folder}/bin/pip install --no-cache-dir{options} {packages} \\",
        f" && {folder}/bin/{command}",
    ]


def _warn_unknown(subject: ImageSubject, root: ProjectFolder, report: Report) -> None:
    """Warn of packages that its image will lack."""
    remedy = f"Put a requirements.txt there, or {subject.remedy}."
    file = next(
        (name for name in ("Pipfile", "pixi.toml", "pixi.lock", conda_file(root)) if name and root.has(name)), None
    )
    if file is not None:
        message = f"its image has none of the packages that {file} in {subject.folder} names"
        report.warn(subject.resource, message, remedy)
    elif subject.needed_program is not None:
        program = subject.needed_program
        message = f"its folder {subject.folder} says nowhere what it needs, so its image would have no {program}"
        report.warn(subject.resource, message, remedy)


def _is_uv_workspace(project: ImageProject) -> bool:
    """Whether uv has to tell the program's packages from those of the other members."""
    return project.root.has("uv.lock") and project.steps != "." and is_workspace_of(project.root, project.folder.path)


def _uv_workspace(project: ImageProject, options: str) -> list[str]:
    name = (pyproject_table(project.folder, "project") or {}).get("name")
    package = f" --package {shlex.quote(str(name))}" if name else ""
    return [
        "COPY . .",
        f"RUN python -m venv /uv && /uv/bin/pip install --no-cache-dir{options} uv \\",
        f" && UV_PROJECT_ENVIRONMENT=/venv /uv/bin/uv sync --frozen --no-dev --no-editable --inexact{package}",
    ]


def _variables(subject: ImageSubject, project: ImageProject, sources: ProjectFiles) -> str:
    variables = "PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 HOME=/tmp"
    return f"{variables} PYTHONPATH={project.workdir}/src" if _needs_src(subject, project, sources) else variables


def _needs_src(subject: ImageSubject, project: ImageProject, sources: ProjectFiles) -> bool:
    """Whether its modules are in ``src``, as far as can be told without a list of them, and not installed."""
    has_pyproject = "pyproject.toml" in project.folder.texts
    is_locked = "requirements.txt" in project.root.texts or any(project.root.has(one.lock) for one in PYTHON_MANAGERS)
    is_installed = "build-system" in pyproject(project.folder) or (has_pyproject and not is_locked)
    src = f"{project.folder.path.as_posix()}/src"
    if is_installed or not sources.is_folder(src):
        return False
    top = subject.module.partition(".")[0]
    return not top or sources.exists(f"{src}/{top}") or sources.exists(f"{src}/{top}.py")
