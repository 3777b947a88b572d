"""The steps that all generated Dockerfiles have in common."""

from __future__ import annotations

import json

from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.images.image_names import USER
from fairlead.publish.images.image_project import ImageProject
from fairlead.publish.images.image_subject import ImageSubject


def first_stage(subject: ImageSubject) -> list[str]:
    """Begin the stage in which packages are installed."""
    return [f"ARG BASE_IMAGE={subject.base_image}", "", "FROM ${BASE_IMAGE} AS build", "WORKDIR /app"]


def last_stage(subject: ImageSubject, project: ImageProject, variables: str, *steps: str) -> list[str]:
    """The stage of the image itself, with the files of the first one.

    Args:
        subject: What the image is for.
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
        *([f"STOPSIGNAL {subject.stop_signal}"] if subject.stop_signal is not None else []),
        *([f"CMD {json.dumps(subject.command, ensure_ascii=False)}"] if subject.command else []),
    ]


def warn_unlocked(subject: ImageSubject, report: Report, lock: str) -> None:
    """Warn that nothing locks the packages of an image.

    Args:
        subject: What the image is for.
        report: Collects errors, warnings and notes.
        lock: The files that would.
    """
    report.warn(
        subject.resource,
        "its image gets whatever versions there are when it is built, because nothing locks its dependencies",
        f"Put {lock} into its folder.",
    )
