"""Building the images that a published app names, and sending them to a registry."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from fairlead.drivers.paths import host_path
from fairlead.engines.containers import BuildRequest, ContainerEngine
from fairlead.errors import EngineError, StartError, ValueMissing
from fairlead.model.parameter import Parameter
from fairlead.model.values.conditional import Conditional
from fairlead.model.values.value import Encoded, Value, ValueLike, percent_encode, to_text
from fairlead.publish.chart.image_build import ImageBuild
from fairlead.runtime.logs.text import Mask
from fairlead.runtime.values.parameters import ParameterSources

Output = Callable[[list[bytes]], None]


async def build_image(
    engine: ContainerEngine,
    directory: Path,
    build: ImageBuild,
    tag: str,
    sources: ParameterSources,
    on_output: Output,
    platform: str | None = None,
) -> None:
    """Build one image.

    Args:
        engine: Builds it.
        directory: The folder of the app file.
        build: How.
        tag: What to call it.
        sources: Gives parameters among the build arguments their values.
        on_output: Gets the builder's lines.
        platform: What it is to be for where the definition does not say.

    Raises:
        EngineError: A step failed.
        ValueMissing: A build argument has no value.
        StartError: A build argument is only known in a run, or it was built for something else.
    """
    args, secrets = (
        {name: text_of(value, build.resource, sources) for name, value in given.items()}
        for given in (build.args, build.secrets)
    )
    mask = _mask(build, secrets, sources)
    with written_dockerfile(build) as dockerfile:
        request = BuildRequest(
            context=str(host_path(directory, build.context)),
            dockerfile=dockerfile,
            tag=tag,
            args=args,
            target=build.target,
            secrets=secrets,
            platform=build.platform or platform,
        )
        try:
            await engine.build(request, lambda lines: on_output(_masked(lines, mask)))
        except EngineError as error:
            error.message = mask.apply(error.message)
            raise
    await _check_platform(engine, build.resource, request)


@contextmanager
def written_dockerfile(build: ImageBuild) -> Iterator[str]:
    """The path of a Dockerfile for the engine; one that Fairlead makes is a file only as long as this lasts.

    Args:
        build: How the image is built.

    Yields:
        The path: absolute for one that Fairlead makes, else relative to the context.
    """
    if not build.files:
        yield build.dockerfile
        return
    with tempfile.TemporaryDirectory(prefix="fairlead-build-") as folder:
        for path, text in build.files.items():
            Path(folder, Path(path).name).write_text(text, encoding="utf-8")
        yield str(Path(folder, Path(build.dockerfile).name))


def _mask(build: ImageBuild, secrets: Mapping[str, str], sources: ParameterSources) -> Mask:
    """What hides the secrets of a build, and the parts of them that are secret by themselves."""
    mask = Mask()
    for name, text in secrets.items():
        mask.add(text)
        value = build.secrets[name]
        for leaf in value.leaves() if isinstance(value, Value) else ():
            if leaf.secret:
                mask.add(text_of(leaf, build.resource, sources))
    return mask


def _masked(lines: list[bytes], mask: Mask) -> list[bytes]:
    return [mask.apply(line.decode(errors="surrogateescape")).encode(errors="surrogateescape") for line in lines]


async def _check_platform(engine: ContainerEngine, resource: str, request: BuildRequest) -> None:
    # An older Docker builds for its own machine when it has the image of a FROM for that only, and does not say so.
    if request.platform is not None and await engine.image(request.tag, request.platform) is None:
        raise StartError(
            f"the image {request.tag} was not built for {request.platform}",
            resource=resource,
            remedy="Fetch the images of its Dockerfile for that (docker pull --platform), or use a newer engine.",
        )


def text_of(value: ValueLike, resource: str, sources: ParameterSources) -> str:
    """The text of a build argument or secret, which only parameters can be in.

    Args:
        value: It.
        resource: Whose image it is.
        sources: Gives the parameters their values.

    Raises:
        ValueMissing: A parameter has no value.
        StartError: It is made of something that is only known in a run.
    """
    if not isinstance(value, Value):
        return to_text(value)
    if isinstance(value, Parameter):
        try:
            return sources.find(value).value
        except ValueMissing as error:
            error.remedy = f"{error.remedy} Or let the program read it when it starts: with_environment()."
            raise
    if isinstance(value, Encoded):
        return percent_encode(text_of(value.value, resource, sources))
    if isinstance(value, Conditional):
        return text_of(value.chosen(text_of(value.condition, resource, sources)), resource, sources)
    parts = value.parts()
    if any(part is value for part in parts):
        raise StartError(
            f"a build argument needs {value.describe()}, which is only known in a run",
            resource=resource,
            remedy="Give a parameter instead.",
        )
    return "".join(text_of(part, resource, sources) for part in parts)


def chosen(builds: Iterable[ImageBuild], resources: tuple[str, ...]) -> list[ImageBuild]:
    """The builds of some resources, or all; one image is built once, whichever environments name it."""
    wanted = {name.lower() for name in resources}
    found = {build.image: build for build in builds if not wanted or not wanted.isdisjoint(build.names)}
    return list(found.values())
