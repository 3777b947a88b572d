"""Building an image in a run."""

from __future__ import annotations

from collections.abc import Mapping

from fairlead.drivers.building import written_dockerfile
from fairlead.drivers.containers.naming import APP, RESOURCE
from fairlead.drivers.paths import host_path
from fairlead.engines.containers import BuildRequest, ContainerEngine
from fairlead.errors import StartError
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.observation.state import State
from fairlead.model.programs.image import Image
from fairlead.model.values.value import Value, ValueLike, to_text
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.image_build import ImageBuild
from fairlead.publish.images.builds import build_of_image
from fairlead.publish.project.project_files import ProjectFiles
from fairlead.resources.container import Container


async def build(
    engine: ContainerEngine,
    context: DriverContext,
    builder: Container | Image,
    reference: str,
    *,
    shows_state: bool = True,
) -> None:
    """Build an image; the builder's lines go into the log of what is starting.

    Args:
        engine: The engine.
        context: The start of what needs the image.
        builder: The container that is built for itself, or the image that several share.
        reference: What the engine is to call it.
        shows_state: Whether the builder is shown as Building meanwhile.

    Raises:
        EngineError: A step failed.
        StartError: There is no Dockerfile, and none can be made.
    """
    plan = _plan(context, builder, reference)
    args, secrets = [await _resolved(context, given) for given in (plan.args, plan.secrets)]
    is_starting = shows_state and builder is context.resource
    if is_starting:
        context.report(State.BUILDING)
    is_generated = plan.text is not None
    source = f"{plan.context}, by a Dockerfile made for it" if is_generated else f"{plan.context}/{plan.dockerfile}"
    context.log(f"Building {reference} from {source}")
    with written_dockerfile(plan) as dockerfile:
        request = BuildRequest(
            context=str(host_path(context.directory, plan.context)),
            dockerfile=dockerfile,
            tag=reference,
            args=args,
            target=plan.target,
            labels={APP: context.app.id, RESOURCE: builder.name},
            secrets=secrets,
            platform=plan.platform,
        )
        # What prepares a start is not the output of its program, which `run-job` prints alone.
        await engine.build(request, lambda lines: context.write_lines("stderr", lines))
    if is_starting:
        context.report(State.STARTING)


def _plan(context: DriverContext, builder: Container | Image, reference: str) -> ImageBuild:
    """How an image is built; what is to be said of a Dockerfile that Fairlead makes goes into the log.

    Raises:
        StartError: There is no Dockerfile, and none can be made, or a container does not say what it runs in its image.
    """
    report = Report()
    build = build_of_image(builder, reference, ProjectFiles(context.directory), report)
    if isinstance(builder, Image) and build.text is not None:
        from fairlead.publish.images.project_image import check_programs

        programs = [other for other in context.app if isinstance(other, Container) and other.built_image is builder]
        check_programs(builder, programs, report)
    for found in report.errors:
        whose = "" if found.resource == builder.name else f"{found.resource}: "
        raise StartError(f"{whose}{found.message}", remedy=found.remedy)
    for found in report.warnings:
        context.log(f"{found.message}. {found.remedy}")
    return build


async def _resolved(context: DriverContext, given: Mapping[str, ValueLike]) -> dict[str, str]:
    return {
        name: await context.resolve(value) if isinstance(value, Value) else to_text(value)
        for name, value in given.items()
    }
