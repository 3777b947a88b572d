"""The cluster half of a kind of resource: what only the kind itself can tell about how it is published.

A kind names its half as text, as it names its driver: ``cluster_kind = "package.module:Class"``. Plain facts, such as
``capabilities`` or ``keeps_own_data``, are class attributes of the kind. Nothing else in ``publish`` asks which kind it
has before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any, ClassVar, NamedTuple

from fairlead.model.programs.workload import Workload
from fairlead.model.resource import Resource
from fairlead.model.values.value import ValueLike
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.pod import Pod
from fairlead.publish.chart.pod_variables import PodVariables
from fairlead.publish.chart.ports import Port
from fairlead.publish.context import PlanningContext
from fairlead.publish.project.project_files import ProjectFiles
from fairlead.records import record


@record
class CommandLine:
    """How a program is started; both empty to leave it to its image.

    Args:
        command: What replaces the ENTRYPOINT of its image.
        arguments: The arguments before those of the definition.
    """

    command: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()


class GeneratedDockerfile(NamedTuple):
    """A Dockerfile for a program that has none.

    Args:
        text: Its content.
        context: The folder it is built in, relative to the app file's.
    """

    text: str
    context: str


class ClusterKind:
    """The cluster half of a kind. This one is for kinds that need none: their image says all."""

    #: Whether :meth:`dockerfile` gives one for a program whose folder has none.
    generates_dockerfile: ClassVar[bool] = False
    #: Whether a generated image runs the program itself, so that the definition's stop signal reaches it.
    takes_stop_signal: ClassVar[bool] = True

    def command_line(self, workload: Workload, ports: Mapping[str, Port]) -> CommandLine:
        """How the program is started in a container.

        Args:
            workload: The program; it has no entrypoint of its own.
            ports: Its ports in the cluster, by the names of its endpoints.
        """
        return CommandLine()

    def endpoints_in_command_line(self, workload: Workload) -> frozenset[str]:
        """The endpoints whose ports the command line tells the program."""
        return frozenset()

    def dockerfile(self, workload: Workload, files: ProjectFiles, report: Report) -> GeneratedDockerfile:
        """A Dockerfile for a program that has none; asked for only where ``generates_dockerfile`` says so.

        Args:
            workload: The program.
            files: Tells which files its folders have.
            report: Collects errors, warnings and notes.
        """
        raise TypeError(f"{type(self).__name__} has generates_dockerfile and no dockerfile(). Give it one.")

    def build_arguments(self, workload: Workload) -> Mapping[str, ValueLike]:
        """What the Dockerfile of :meth:`dockerfile` is built with, by the names of its build arguments.

        Args:
            workload: The program.
        """
        return {}

    def parameter_comment(self, provider: Resource, value: ValueLike) -> str | None:
        """What values.yaml says of a plain text that the provider contributes to its consumers.

        Args:
            provider: The resource that is referred to.
            value: The text of one variable.

        Returns:
            The comment of the parameter that the text is the default of; None where the text is no parameter.
        """
        return None

    def job_pod(self, resource: Resource, server: PodVariables, context: PlanningContext) -> Pod:
        """The pod of the Job that creates a resource with ``created_by_job`` on its parent.

        Args:
            resource: The resource.
            server: The variables of its parent.
            context: The chart in the making.
        """
        raise TypeError(f"{type(self).__name__} has no job_pod(), and its kind is created_by_job. Give it one.")

    def add_subchart(self, resource: Resource, context: PlanningContext) -> None:
        """Add the chart that a resource with ``publish_as="dependency"`` becomes."""

    def add_objects(self, resource: Resource, context: PlanningContext) -> None:
        """Add the objects that a resource with ``publish_as="template"`` becomes, after those of all workloads."""


def cluster_kind_of(resource: Resource) -> ClusterKind:
    """The cluster half of a resource's kind.

    Raises:
        ImportError: The module that the kind names does not exist.
        AttributeError: It has no such class.
    """
    return _load(type(resource).cluster_kind)


@cache
def _load(name: str | None) -> ClusterKind:
    if name is None:
        return ClusterKind()
    module, _, attribute = name.partition(":")
    half: Any = getattr(import_module(module), attribute)()
    if not isinstance(half, ClusterKind):
        raise TypeError(f"{name} is not a ClusterKind. Derive it from fairlead.publish.cluster_kind.ClusterKind.")
    return half
