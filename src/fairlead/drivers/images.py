"""Getting a container's image: built, pulled, or there already.

A built image is named after the app and not after the run, so that tests, each of which is a run of its own, build on
what is there and leave one image, not one each.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from fairlead.drivers.naming import APP, RESOURCE, object_name
from fairlead.drivers.paths import host_path
from fairlead.engines.containers import BuildRequest, ContainerEngine, ImageInfo
from fairlead.errors import StartError
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.lifetime import PullPolicy
from fairlead.model.names import is_image
from fairlead.model.observation.state import State
from fairlead.model.value import Value, ValueLike, to_text
from fairlead.resources.container import Build, Container


@dataclass(frozen=True, slots=True)
class Image:
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


def engine_reference(context: DriverContext, resource: Container) -> str:
    """What the engine calls the image of a container; one that is built is named after the app and the container."""
    if resource.build is not None:
        return f"{object_name(context.app.id, resource.name)}:latest"
    return resource.image_reference or ""


async def ensure_image(engine: ContainerEngine, context: DriverContext, resource: Container) -> Image:
    """Make sure that the image of a container is there; where it is built, build it.

    Args:
        engine: The engine.
        context: The start of the container, or of a resource that needs its image.
        resource: The container.

    Raises:
        EngineError: It can't be pulled or built.
        StartError: There can be no such image, or it is not there and must not be pulled.
    """
    reference = engine_reference(context, resource)
    if resource.build is not None:
        locks = await context.shared(BuildLocks, BuildLocks.make)
        async with locks.of[reference]:
            await _build(engine, context, resource, resource.build, reference)
    else:
        if not is_image(reference):
            raise StartError(
                f"{reference!r} does not name an image",
                remedy="Write it as [registry/]repository[:tag][@digest], the repository in lower case.",
            )
        policy = resource.pull_policy or PullPolicy.MISSING
        if policy is not PullPolicy.ALWAYS and (known := await engine.image(reference, resource.platform)) is not None:
            return Image(reference, known)
        if policy is not PullPolicy.NEVER:
            await engine.pull(reference, context.log, resource.platform)
    info = await engine.image(reference, resource.platform)
    if info is None:
        raise await _missing_image_error(engine, resource, reference)
    return Image(reference, info)


async def build_again(engine: ContainerEngine, context: DriverContext, resource: Container) -> None:
    """Build the image of a container that is up; its next start finds what has not changed meanwhile in the cache.

    Raises:
        EngineError: It can't be built.
    """
    if resource.build is not None:
        reference = engine_reference(context, resource)
        locks = await context.shared(BuildLocks, BuildLocks.make)
        async with locks.of[reference]:
            await _build(engine, context, resource, resource.build, reference, shows_state=False)


async def _missing_image_error(engine: ContainerEngine, resource: Container, reference: str) -> StartError:
    """The error about an image that is still missing after the pull or the build."""
    other = await engine.image(reference) if resource.platform else None
    if other is not None and resource.pull_policy is not PullPolicy.NEVER:
        return StartError(
            f"the image {reference} is for {other.os}/{other.architecture}, and not for {resource.platform}",
            remedy="Use one that is, or correct with_platform().",
        )
    option = f"--platform {resource.platform} " if resource.platform else ""
    return StartError(
        f"the image {reference} is not there{f' for {resource.platform}' if resource.platform else ''}, and its pull "
        "policy is 'never'",
        remedy=f"Fetch it by hand: {engine.name} pull {option}{reference}.",
    )


async def _build(
    engine: ContainerEngine,
    context: DriverContext,
    resource: Container,
    build: Build,
    reference: str,
    *,
    shows_state: bool = True,
) -> None:
    args, secrets = [await _resolved(context, given or {}) for given in (build.args, build.secrets)]
    is_starting = shows_state and resource is context.resource
    if is_starting:
        context.report(State.BUILDING)
    context.log(f"Building {reference} from {build.context}/{build.dockerfile}")
    request = BuildRequest(
        context=str(host_path(context.directory, build.context)),
        dockerfile=build.dockerfile,
        tag=reference,
        args=args,
        target=build.target,
        labels={APP: context.app.id, RESOURCE: resource.name},
        secrets=secrets,
        platform=resource.platform,
    )
    await engine.build(request, lambda lines: context.write_lines("stdout", lines))
    if is_starting:
        context.report(State.STARTING)


async def _resolved(context: DriverContext, given: Mapping[str, ValueLike]) -> dict[str, str]:
    return {
        name: await context.resolve(value) if isinstance(value, Value) else to_text(value)
        for name, value in given.items()
    }
