"""Dockerfiles for programs that have none: their dependencies as locked, no more rights than they need, small."""

from __future__ import annotations

from fairlead.model.workload import Workload
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.project.project_files import ProjectFiles
from fairlead.resources.executable import Executable
from fairlead.resources.node import NodeApp, ViteApp
from fairlead.resources.python import PythonApp


def can_generate(workload: Workload) -> bool:
    """Whether there is a Dockerfile for a program of this kind."""
    return isinstance(workload, (PythonApp, NodeApp))


def takes_stop_signal(workload: Workload) -> bool:
    """Whether the image runs the program itself, and so is stopped as the definition says."""
    return not isinstance(workload, ViteApp)


def dockerfile(workload: Executable, sources: ProjectFiles, report: Report) -> tuple[str, str]:
    """The Dockerfile of a program, and the folder that it is built in, relative to the app file's.

    Args:
        workload: A program for which :func:`can_generate` holds.
        sources: Tells which files its folders have.
        report: Collects errors, warnings and notes.
    """
    # What is known of package managers is loaded for the apps that use one.
    from fairlead.publish.images.image_project import image_project

    project = image_project(workload, sources)
    if isinstance(workload, PythonApp):
        from fairlead.publish.images.python_dockerfile import python_dockerfile

        steps = python_dockerfile(workload, project, sources, report)
    elif isinstance(workload, ViteApp):
        from fairlead.publish.images.node_dockerfile import vite_dockerfile

        steps = vite_dockerfile(workload, project, report)
    else:
        from fairlead.publish.images.node_dockerfile import node_dockerfile

        assert isinstance(workload, NodeApp)
        steps = node_dockerfile(workload, project, report)
    context = workload.cwd if project.steps == "." else project.context
    where = "the app file's folder" if context == "." else context
    title = f"# The image of {workload.name}, made by Fairlead. It is built in {where}."
    return "\n".join([title, *steps, ""]), context
