"""Getting a container's image: built, pulled, or there already.

A built image is named after the app and not after the run, so that tests, each of which is a run of its own, build on
what is there and leave one image, not one each.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass

from fairlead.drivers.containers.naming import object_name
from fairlead.engines.containers import ContainerEngine, ImageInfo
from fairlead.errors import StartError
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.lifetime import PullPolicy
from fairlead.model.names import is_image
from fairlead.model.programs.image import Image
from fairlead.model.programs.workload import Workload
from fairlead.resources.container import Container


@dataclass(frozen=True, slots=True)
class PresentImage:
    """An image that is there.

    Args:
        reference: What it is called.
        info: What the engine says of it.
    """

    reference: str
    info: ImageInfo


class BuildLocks:
    """Sees to it that an image is built by one resource at a time: a cluster may load what a container is made from."""

    def __init__(self) -> None:
        self.of: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @classmethod
    async def make(cls) -> BuildLocks:
        """Those of a run."""
        return cls()

    async def close(self) -> None:
        """There is nothing to close."""


def built_by(source: Container | Image) -> Container | Image | None:
    """What builds an image: the resource that several containers share it by, or the container; None for neither.

    The image of a job is that of its program.
    """
    if isinstance(source, Image):
        return source
    program: Workload = source
    if source.job_of is not None:
        from fairlead.model.programs.jobs import image_program  # for apps that have such jobs

        program = image_program(source)
    if program.built_image is not None:
        return program.built_image
    return program if isinstance(program, Container) and program.build is not None else None


def engine_reference(context: DriverContext, source: Container | Image) -> str:
    """What the engine calls an image; one that is built is named after the app and the resource that builds it."""
    builder = built_by(source)
    if builder is not None:
        return f"{object_name(context.app.id, builder.name)}:latest"
    assert isinstance(source, Container)
    return source.image_reference or ""


async def ensure_image(engine: ContainerEngine, context: DriverContext, source: Container | Image) -> PresentImage:
    """Make sure that an image is there; where it is built, build it.

    An image that several containers share is built by its own start, which they wait for; they build it only if it has
    gone meanwhile.

    Args:
        engine: The engine.
        context: The start of what needs the image.
        source: The container, or the image that the app builds.

    Raises:
        EngineError: It can't be pulled or built.
        StartError: There can be no such image, or it is not there and must not be pulled.
    """
    reference = engine_reference(context, source)
    builder = built_by(source)
    platform = source.platform if builder is None else builder.platform
    if builder is not None:
        # What is known of builds is loaded for the apps that have one.
        from fairlead.drivers.containers.run_build import build

        locks = await context.shared(BuildLocks, BuildLocks.make)
        async with locks.of[reference]:
            is_elsewhere = isinstance(builder, Image) and builder is not context.resource
            if not is_elsewhere or await engine.image(reference, platform) is None:
                await build(engine, context, builder, reference)
    else:
        assert isinstance(source, Container)
        if not is_image(reference):
            raise StartError(
                f"{reference!r} does not name an image",
                remedy="Write it as [registry/]repository[:tag][@digest], the repository in lower case.",
            )
        policy = source.pull_policy or PullPolicy.MISSING
        if policy is not PullPolicy.ALWAYS and (known := await engine.image(reference, platform)) is not None:
            return PresentImage(reference, known)
        if policy is not PullPolicy.NEVER:
            await engine.pull(reference, context.log, platform)
    info = await engine.image(reference, platform)
    if info is None:
        raise await _missing_image_error(engine, source, platform, reference)
    return PresentImage(reference, info)


async def build_again(engine: ContainerEngine, context: DriverContext, source: Container | Image) -> None:
    """Build an image while what runs it goes on; a start that builds it too finds what has not changed in the cache.

    Args:
        engine: The engine.
        context: The start of what is built for.
        source: The container, or the image that several share.

    Raises:
        EngineError: It can't be built.
        StartError: There is no Dockerfile, and none can be made.
    """
    builder = built_by(source)
    if builder is not None:
        from fairlead.drivers.containers.run_build import build

        reference = engine_reference(context, builder)
        locks = await context.shared(BuildLocks, BuildLocks.make)
        async with locks.of[reference]:
            await build(engine, context, builder, reference, shows_state=False)


async def _missing_image_error(
    engine: ContainerEngine, source: Container | Image, platform: str | None, reference: str
) -> StartError:
    """The error about an image that is still missing after the pull or the build."""
    other = await engine.image(reference) if platform else None
    if other is not None and source.pull_policy is not PullPolicy.NEVER:
        return StartError(
            f"the image {reference} is for {other.os}/{other.architecture}, and not for {platform}",
            remedy="Use one that is, or correct with_platform().",
        )
    option = f"--platform {platform} " if platform else ""
    return StartError(
        f"the image {reference} is not there{f' for {platform}' if platform else ''}, and its pull policy is 'never'",
        remedy=f"Fetch it by hand: {engine.name} pull {option}{reference}.",
    )
