"""Images that programs of a project share and that have no Dockerfile: one is made, for the language of the project."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from fairlead.model.programs.image import Image
from fairlead.model.programs.workload import Workload
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.ports import plan_ports
from fairlead.publish.cluster_kind import GeneratedDockerfile, cluster_kind_of
from fairlead.publish.project.project_files import ProjectFiles
from fairlead.resources.executable import Executable

#: The files by which a folder is known as a Python project; one that is both has its scripts and styles made by Node.
_PYTHON = ("pyproject.toml", "requirements.txt", "Pipfile", "setup.py", "manage.py")
_NODE = "package.json"


def project_dockerfile(image: Image, sources: ProjectFiles, report: Report) -> GeneratedDockerfile | None:
    """The Dockerfile of an image that has none; None, reported, where its folder is no project.

    Args:
        image: The image.
        sources: Tells which files there are.
        report: Collects errors, warnings and notes.
    """
    folder = image.build.context
    if image.build.target is not None:
        report.error(
            image,
            f"target={image.build.target!r} is a stage of a Dockerfile, and there is none in {folder}",
            "Write the Dockerfile, or leave target out.",
        )
    if any(sources.exists(f"{folder}/{name}") for name in _PYTHON):
        from fairlead.publish.images.python_dockerfile import python_image_dockerfile

        return python_image_dockerfile(image, sources, report)
    if sources.exists(f"{folder}/{_NODE}"):
        from fairlead.publish.images.node_dockerfile import node_image_dockerfile

        return node_image_dockerfile(image, sources, report)
    report.error(
        image,
        f"there is neither a Dockerfile nor a Python or Node project in {folder}",
        "Put a Dockerfile, a requirements.txt or a package.json there, or name the Dockerfile: dockerfile=….",
    )
    return None


def check_programs(image: Image, programs: Iterable[Workload], report: Report) -> None:
    """Report programs that an image with a Dockerfile of ours does not hold, or that do not say what they run.

    Args:
        image: The image.
        programs: Those that share it.
        report: Collects errors, warnings and notes.
    """
    project = image.build.context
    for program in programs:
        folder = program.cwd if isinstance(program, Executable) else project
        if posixpath.normpath(folder) != posixpath.normpath(project):
            report.error(
                program,
                f"its folder is {folder}, and its image {image.name!r} is made for the project in {project}",
                "Use another image, or write a Dockerfile that has both in it.",
            )
        if not _says_what_it_runs(program):
            report.error(
                program,
                f"it does not say what to run, and its image {image.name!r}, which has no Dockerfile, runs nothing by "
                "itself",
                "Name the program: with_entrypoint(…), or for a container args=[…].",
            )


def _says_what_it_runs(program: Workload) -> bool:
    line = cluster_kind_of(program).command_line(program, plan_ports(program))
    if program.entrypoint is not None or line.command or line.arguments:
        return True
    return bool(program.arguments) and not isinstance(program, Executable)
