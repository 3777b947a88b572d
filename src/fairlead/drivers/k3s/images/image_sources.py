"""Where the images that a cluster loads come from: built by the app, in the engine already, or pulled."""

from __future__ import annotations

from fairlead.drivers.containers.images import built_by, engine_reference, ensure_image
from fairlead.drivers.k3s.images.node_images import NodeImage
from fairlead.engines.containers import ContainerEngine, ImageInfo
from fairlead.errors import EngineError, EngineUnavailable, StartError
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.names import is_image, normal_form
from fairlead.resources.container import Container
from fairlead.resources.k3s.images import LoadedImage

BUILT_TAG = "dev"
"""The tag under which pods find an image that the app builds; for ``latest`` the kubelet would ask a registry."""


def pod_name(loaded: LoadedImage) -> str:
    """What pods call an image: as the engine does, but after what builds it where the app does."""
    source = loaded.source
    if isinstance(source, str):
        return source
    if built_by(source) is not None:
        return f"{normal_form(source.name)}:{BUILT_TAG}"
    assert isinstance(source, Container)
    return source.image_reference or ""


async def ensure(context: DriverContext, engine: ContainerEngine, loaded: LoadedImage) -> NodeImage:
    """Get an image: build it if the app does, else pull it if the engine has it not.

    Args:
        context: The start of the cluster.
        engine: The engine.
        loaded: The image.

    Raises:
        StartError: There is no such image, or its name can't be that of an image in a node.
        EngineError: It can't be built or pulled.
    """
    reference = loaded.source
    if not isinstance(reference, str):
        image = await ensure_image(engine, context, reference)
        return node_image(loaded, image.reference, image.info)
    if not is_image(reference) or "@" in reference:
        raise StartError(
            f"load_image() can't load {reference!r} ({loaded.where})",
            remedy="Give it a name with a tag: [registry/]repository:tag, the repository in lower case.",
        )
    info = await engine.image(reference)
    return node_image(loaded, reference, info if info is not None else await _pull(context, engine, loaded, reference))


async def present(context: DriverContext, engine: ContainerEngine, loaded: LoadedImage) -> NodeImage | None:
    """An image as the engine has it now, without getting it; None where it is gone."""
    source = loaded.source
    reference = source if isinstance(source, str) else engine_reference(context, source)
    info = await engine.image(reference, None if isinstance(source, str) else source.platform)
    return None if info is None else node_image(loaded, reference, info)


def node_image(loaded: LoadedImage, reference: str, info: ImageInfo) -> NodeImage:
    """An image for nodes, from one of the engine."""
    parts = (info.os, info.architecture, info.variant) if info.os and info.architecture else ()
    return NodeImage(pod_name(loaded), reference, info.id, "/".join(filter(None, parts)) or None)


async def _pull(context: DriverContext, engine: ContainerEngine, loaded: LoadedImage, reference: str) -> ImageInfo:
    try:
        await engine.pull(reference, context.log)
    except EngineUnavailable:
        raise
    except EngineError as error:
        raise StartError(
            f"{error.message.rstrip('.')} (load_image() in {loaded.where})",
            remedy=f"Build it: {engine.name} build --tag {reference} FOLDER. Or give load_image() the container of the "
            "app that is built from a Dockerfile.",
        ) from error
    info = await engine.image(reference)
    if info is None:
        raise EngineError(f"the engine has no image {reference} after it was pulled.")
    return info
