"""Node programs, and pages that Vite builds, in a cluster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from fairlead.model.programs.workload import Workload
from fairlead.model.values.value import ValueLike
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.ports import Port
from fairlead.publish.cluster_kind import ClusterKind, CommandLine, GeneratedDockerfile
from fairlead.publish.project.project_files import ProjectFiles
from fairlead.resources.node import NodeApp, ViteApp


class NodeClusterKind(ClusterKind):
    """A Node program: its image has the packages that its folder locks."""

    generates_dockerfile: ClassVar[bool] = True

    def command_line(self, workload: Workload, ports: Mapping[str, Port]) -> CommandLine:
        """Its script, or the one that its package.json names."""
        assert isinstance(workload, NodeApp)
        if workload.script:
            return CommandLine(("node", workload.script))
        return CommandLine(
            ("npm", "run", str(workload.run_script)), ("--",) if workload.arguments or workload.is_job else ()
        )

    def dockerfile(self, workload: Workload, files: ProjectFiles, report: Report) -> GeneratedDockerfile:
        """A stage that installs its packages, and the image with those and its files."""
        # What is known of package managers is loaded for the apps that use one.
        from fairlead.publish.images.image_subject import program_subject
        from fairlead.publish.images.node_dockerfile import node_dockerfile

        assert isinstance(workload, NodeApp)
        return node_dockerfile(program_subject(workload), files, report)


class ViteClusterKind(ClusterKind):
    """A page that Vite builds: its image serves the built files; the development server has no place in a cluster."""

    generates_dockerfile: ClassVar[bool] = True
    takes_stop_signal: ClassVar[bool] = False

    def dockerfile(self, workload: Workload, files: ProjectFiles, report: Report) -> GeneratedDockerfile:
        """A stage that builds the page, and an image of nginx with it."""
        from fairlead.publish.images.node_dockerfile import vite_dockerfile

        assert isinstance(workload, ViteApp)
        return vite_dockerfile(workload, files, report)

    def build_arguments(self, workload: Workload) -> Mapping[str, ValueLike]:
        """The addresses that people type, which the page's script holds from then on."""
        from fairlead.publish.images.node_dockerfile import page_arguments

        assert isinstance(workload, ViteApp)
        return page_arguments(workload)
