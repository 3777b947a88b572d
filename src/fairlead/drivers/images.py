"""Getting a container's image: built, pulled, or there already.

A built image is named after the app and not after the run, so that tests, each of which is a run of its own, build on
what is there and leave one image, not one each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fairlead.drivers.naming import APP, RESOURCE, object_name
from fairlead.drivers.paths import host_path
from fairlead.engines.containers import BuildRequest, ContainerEngine, ImageInfo
from fairlead.errors import StartError
from fairlead.model.driver import DriverContext
from fairlead.model.lifetime import PullPolicy
from fairlead.model.names import is_image
from fairlead.model.state import State
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


async def ensure_image(engine: ContainerEngine, context: DriverContext, resource: Container) -> Image:
    """Make sure that the image of a container is there.

    Raises:
        EngineError: It can't be pulled or built.
        StartError: There can be no such image, or it is not there and must not be pulled.
    """
    if resource.build is not None:
        app_id = context.app.id
        reference = f"{object_name(app_id, resource.name)}:latest"
        await _build(engine, context, resource, resource.build, reference, {APP: app_id, RESOURCE: resource.name})
    else:
        reference = resource.image_reference or ""
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
    labels: Mapping[str, str],
) -> None:
    args, secrets = [await _resolved(context, given or {}) for given in (build.args, build.secrets)]
    context.report(State.BUILDING)
    context.log(f"Building {reference} from {build.context}/{build.dockerfile}")
    request = BuildRequest(
        context=str(host_path(context.directory, build.context)),
        dockerfile=build.dockerfile,
        tag=reference,
        args=args,
        target=build.target,
        labels=labels,
        secrets=secrets,
        platform=resource.platform,
    )
    await engine.build(request, lambda lines: context.write_lines("stdout", lines))
    context.report(State.STARTING)


async def _resolved(context: DriverContext, given: Mapping[str, ValueLike]) -> dict[str, str]:
    return {
        name: await context.resolve(value) if isinstance(value, Value) else to_text(value)
        for name, value in given.items()
    }
