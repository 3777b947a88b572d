"""The container of a workload's pods."""

from __future__ import annotations

from typing import Any

from fairlead.model.health import CommandCheck
from fairlead.model.programs.workload import Workload
from fairlead.publish.chart.pod import OBJECT_SCHEMA, Mounts
from fairlead.publish.chart.pod_variables import PodVariables
from fairlead.publish.chart.ports import distinct
from fairlead.publish.chart.sections import Section
from fairlead.publish.context import PlanningContext
from fairlead.publish.images.builds import build_target, dockerfile_of, is_generated
from fairlead.publish.images.image_names import image_fields
from fairlead.publish.project.project_files import ProjectFiles
from fairlead.publish.workloads.command_line import command_line
from fairlead.publish.workloads.config_and_secret import container_fields as variable_fields
from fairlead.publish.workloads.container_settings import container_fields
from fairlead.publish.workloads.controllers import RUN_ONCE_KINDS
from fairlead.publish.workloads.mounts.scratch import data_folder
from fairlead.publish.workloads.probes import probes
from fairlead.publish.workloads.security import security_context


def workload_container(
    context: PlanningContext, workload: Workload, controller: str, name: str, variables: PodVariables, mounts: Mounts
) -> dict[str, Any]:
    """The container that runs a workload's program.

    Args:
        context: The chart in the making.
        workload: The workload.
        controller: The kind of the controller of its pods.
        name: The name of the container, and of the workload's objects.
        variables: Its variables and arguments.
        mounts: What it mounts.
    """
    chart, ports = context.chart, context.ports[workload.name]
    command, first_arguments = command_line(workload, ports)
    policy = context.environment.properties.default_image_pull_policy
    fields: dict[str, Any] = {"name": name, **image_fields(chart, workload, policy)}
    if command:
        fields["command"] = command
    if arguments := [*first_arguments, *variables.args]:
        fields["args"] = arguments
    if ports:
        fields["ports"] = [
            {"name": port.name, "containerPort": port.number, "protocol": port.protocol}
            for port in distinct(dict(ports))
        ]
    fields |= variable_fields(chart, workload, name, variables)
    if data := data_folder(chart, workload, mounts, variables):
        fields["env"] = [*data, *fields.get("env", ())]
    if controller not in RUN_ONCE_KINDS:
        fields |= probes(workload, ports, lambda: _image_health(workload, context.files), context.report)
    fields["resources"] = chart.values.declare(
        Section.RESOURCES.value(workload.name), dict(workload.resource_needs), kind="object", schema=OBJECT_SCHEMA
    )
    fields |= container_fields(workload)
    if mounts.mounts:
        fields["volumeMounts"] = mounts.mounts
    fields["securityContext"] = security_context(chart, workload, generated=is_generated(workload, context.files))
    return fields


def _image_health(workload: Workload, files: ProjectFiles) -> CommandCheck | None:
    """The health check of an image that is built from a Dockerfile of the project; None where there is none."""
    dockerfile = dockerfile_of(workload, files)
    if dockerfile is None or not workload.image_health_check:
        return None
    from fairlead.publish.images.dockerfile_health import health_of

    return health_of(dockerfile, build_target(workload), files)
