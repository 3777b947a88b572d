"""The steps that all generated Dockerfiles have in common."""

from __future__ import annotations

import json

from fairlead.model.workload import Workload
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.ports import plan_ports
from fairlead.publish.cluster_kind import cluster_kind_of
from fairlead.publish.images.image_names import USER
from fairlead.publish.images.image_project import ImageProject
from fairlead.resources.executable import Executable


def first_stage(workload: Executable) -> list[str]:
    """Begin the stage in which packages are installed."""
    base = workload.base_image or workload.default_base_image
    return [f"ARG BASE_IMAGE={base}", "", "FROM ${BASE_IMAGE} AS build", "WORKDIR /app"]


def last_stage(workload: Executable, project: ImageProject, variables: str, *steps: str) -> list[str]:
    """The stage of the image itself, with the files of the first one.

    Args:
        workload: The program.
        project: Its folders.
        variables: The variables it has beyond the chart's, as ``NAME=value …``.
        *steps: Steps before the program's files are copied.
    """
    return [
        "",
        "FROM ${BASE_IMAGE}",
        f"ENV {variables}",
        f"WORKDIR {project.workdir}",
        *steps,
        "COPY --from=build /app /app",
        f"USER {USER}:{USER}",
        *([f"STOPSIGNAL {workload.stop_signal}"] if workload.stop_signal is not None else []),
        f"CMD {json.dumps(_command(workload), ensure_ascii=False)}",
    ]


def _command(workload: Executable) -> list[str]:
    """What an image of a program runs by itself; the chart says it again, with the ports that it knows."""
    command, arguments = cluster_kind_of(workload).command_line(workload, plan_ports(workload))
    return [*command, *(part for part in arguments if part != "--")]


def warn_unlocked(workload: Workload, report: Report, lock: str) -> None:
    """Warn that nothing locks the packages of an image.

    Args:
        workload: The program.
        report: Collects errors, warnings and notes.
        lock: The files that would.
    """
    report.warn(
        workload,
        "its image gets whatever versions there are when it is built, because nothing locks its dependencies",
        f"Put {lock} into its folder.",
    )
