"""What a generated image is for: one program, or all the programs that share an image of a project."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from fairlead.model.programs.image import Image
from fairlead.model.resource import Resource
from fairlead.publish.chart.ports import plan_ports
from fairlead.publish.cluster_kind import cluster_kind_of
from fairlead.resources.executable import Executable


class ImageSubject(NamedTuple):
    """What an image is made for.

    Args:
        resource: The program, or the image of several; what is said about it is said of this.
        folder: The project's folder, relative to the app file's.
        base_image: What it is made from.
        command: What it runs by itself; empty to leave that to those who run it.
        stop_signal: The signal that stops it; None for that of the base image.
        module: The module that its program begins with; empty where that is not known.
        needed_program: The program that its packages have to bring; None for none in particular.
        remedy: What else can be done than to complete the project, as the end of a sentence.
    """

    resource: Resource
    folder: str
    base_image: str | None
    command: Sequence[str] = ()
    stop_signal: str | None = None
    module: str = ""
    needed_program: str | None = None
    remedy: str = "name an image: with_image(…)"


def program_subject(workload: Executable) -> ImageSubject:
    """The subject of the image of one program; the chart says its command again, with the ports that it knows."""
    line = cluster_kind_of(workload).command_line(workload, plan_ports(workload))
    return ImageSubject(
        workload,
        workload.cwd,
        workload.base_image or workload.default_base_image,
        [*line.command, *(part for part in line.arguments if part != "--")],
        workload.stop_signal,
    )


def shared_subject(image: Image, base_image: str | None) -> ImageSubject:
    """The subject of an image that several programs share; each of them says what it runs.

    Args:
        image: The image.
        base_image: What it is made from where the definition does not say.
    """
    base = image.base_image or base_image
    return ImageSubject(image, image.build.context, base, remedy="write a Dockerfile")
