"""Images that a cluster uses beside that of its nodes: of its tools, and for its pods."""

from __future__ import annotations

from fairlead.model.locations import Location
from fairlead.model.programs.image import Image
from fairlead.records import record
from fairlead.resources.container import Container


@record
class ImageName:
    """An image of a tool, in parts.

    Args:
        image: The repository.
        tag: The tag.
        registry: The registry; None for the engine's default one.
    """

    image: str
    tag: str
    registry: str | None = None

    def __str__(self) -> str:
        return f"{f'{self.registry}/' if self.registry else ''}{self.image}:{self.tag}"


@record
class LoadedImage:
    """An image that is brought into the nodes of a cluster.

    Args:
        image: Its name in the engine, or what is built by the app: an image, or a container.
        where: The line that asked for it.
    """

    image: str | Container | Image
    where: Location

    @property
    def source(self) -> str | Container | Image:
        """Its name in the engine, or what builds it: of a container that shares an image, that image."""
        shared = self.image.built_image if isinstance(self.image, Container) else None
        return self.image if shared is None else shared
