"""Images that programs share: built at the start, and there for the programs from then on."""

from __future__ import annotations

from fairlead.drivers.containers.engine import engine_of
from fairlead.drivers.containers.images import build_again, engine_reference, ensure_image
from fairlead.model.composition.dependencies import value_uses
from fairlead.model.driving.driver import Driver, StopReason
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.names import listing
from fairlead.model.observation.state import State
from fairlead.model.programs.image import Image
from fairlead.model.resource import Resource


class ImageDriver(Driver):
    """Builds an image, where something of the run needs it."""

    up_state = State.ACTIVE

    def __init__(self) -> None:
        self._context: DriverContext | None = None

    async def start(self, context: DriverContext) -> None:
        """Build the image. Processes run from their folder, so that an image of processes alone is left to ``build``.

        Raises:
            EngineUnavailable: There is no engine.
            EngineError: A step of the build failed.
            StartError: There is no Dockerfile, and none can be made.
        """
        self._context, image = context, context.resource
        assert isinstance(image, Image)
        users = [resource.name for resource in context.app if _needs(resource, image)]
        if not users:
            context.log("It is not built, as no container of the app runs it; fairlead build does")
            context.set_output("reference", engine_reference(context, image))
            return
        engine = await engine_of(context)
        before = await engine.image(engine_reference(context, image), image.platform)
        present = await ensure_image(engine, context, image)
        context.report(image=present.reference)
        if before is not None and before.id != present.info.id:
            _note_outdated(context, users)
        context.set_output("reference", present.reference)

    async def rebuild(self) -> None:
        """Build the image again, where something of the run needs it."""
        context = self._context
        assert context is not None and isinstance(context.resource, Image)
        if any(_needs(resource, context.resource) for resource in context.app):
            await build_again(await engine_of(context), context, context.resource)

    async def stop(self, reason: StopReason) -> None:
        """Nothing to bring down; the image is kept for the next run."""


def _needs(resource: Resource, image: Image) -> bool:
    """Whether a resource waits for an image to be built."""
    return any(use.provider is image for use in value_uses(resource))


def _note_outdated(context: DriverContext, users: list[str]) -> None:
    """Name the containers that run the image as it was before."""
    snapshots = [context.snapshot(name) for name in users]
    running = [found.name for found in snapshots if found is not None and found.state is State.RUNNING]
    if running:
        context.log(f"{listing(running)} still run the image as it was before. Restart them for the new one.")
