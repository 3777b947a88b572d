"""Python programs in a cluster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from fairlead.model.programs.workload import Workload
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.ports import Port
from fairlead.publish.cluster_kind import ClusterKind, CommandLine, GeneratedDockerfile
from fairlead.publish.project.project_files import ProjectFiles
from fairlead.resources.python import PythonApp, UvicornApp

#: A Service comes from outside of the pod.
_ALL_INTERFACES = "0.0.0.0"


class PythonClusterKind(ClusterKind):
    """A Python program: its image has the packages that its folder locks."""

    generates_dockerfile: ClassVar[bool] = True

    def command_line(self, workload: Workload, ports: Mapping[str, Port]) -> CommandLine:
        """The script, module or command, as a run starts it."""
        assert isinstance(workload, PythonApp)
        if workload.command_name:
            return CommandLine((workload.command_name,))
        if workload.module:
            return CommandLine(("python", "-m", workload.module))
        return CommandLine(("python", str(workload.script)))

    def dockerfile(self, workload: Workload, files: ProjectFiles, report: Report) -> GeneratedDockerfile:
        """A stage that makes an environment of its packages, and the image with that and its files."""
        # What is known of package managers is loaded for the apps that use one.
        from fairlead.publish.images.python_dockerfile import python_app_dockerfile

        assert isinstance(workload, PythonApp)
        return python_app_dockerfile(workload, files, report)


class UvicornClusterKind(PythonClusterKind):
    """An ASGI app, served by uvicorn."""

    def command_line(self, workload: Workload, ports: Mapping[str, Port]) -> CommandLine:
        """Locally it listens on loopback; in a pod its Service comes from outside."""
        assert isinstance(workload, UvicornApp)
        address = ("--host", _ALL_INTERFACES, "--port", str(ports["http"].number))
        return CommandLine(("python", "-m", "uvicorn"), (workload.app, *address))

    def endpoints_in_command_line(self, workload: Workload) -> frozenset[str]:
        """Its HTTP endpoint."""
        return frozenset({"http"})
