"""``fairlead build``: build the images that the published app names."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import sys
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import click

from fairlead.cli.completion import ENVIRONMENT, PARAMETER, STARTED
from fairlead.cli.options import apphost_option, json_option
from fairlead.cli.selected_app import SelectedApp
from fairlead.cli.start_choice import published_group_option
from fairlead.cli.terminal import say, style
from fairlead.errors import UsageError

if TYPE_CHECKING:
    from fairlead.model.app import App
    from fairlead.publish.chart.image_build import ImageBuild
    from fairlead.runtime.values.parameters import ParameterSources


@click.command()
@click.argument("resources", nargs=-1, metavar="[RESOURCE]...", type=STARTED)
@click.option("--target", "environment", metavar="ENV", type=ENVIRONMENT, help="Only this environment. Default: all.")
@published_group_option
@click.option("--registry", metavar="R", help="Registry to prefix the image names with; may have a folder.")
@click.option("--platform", metavar="P", help="Target platform of the images, such as linux/amd64.")
@click.option("--push", is_flag=True, help="Push the images to their registry.")
@click.option(
    "--parameter",
    "-p",
    "parameters",
    type=PARAMETER,
    metavar="NAME=VALUE",
    multiple=True,
    help="Set a parameter that build arguments use; a secret one as NAME=@FILE.",
)
@json_option
@apphost_option
@click.pass_obj
def build(
    selected_app: SelectedApp,
    resources: tuple[str, ...],
    environment: str | None,
    groups: tuple[str, ...],
    registry: str | None,
    platform: str | None,
    push: bool,
    parameters: tuple[str, ...],
    as_json: bool,
) -> None:
    """Build the images of the published app, or of some of its resources, under the names in the chart."""
    from fairlead.drivers.building import chosen
    from fairlead.model.composition.inactive import groups_of
    from fairlead.model.names import PLATFORM_REMEDY, is_platform
    from fairlead.publish.publisher import render
    from fairlead.runtime.values.parameters import parse_given

    if platform is not None and not is_platform(platform):
        raise UsageError(f"--platform={platform} is nothing that an image can be for.", remedy=PLATFORM_REMEDY)
    app = selected_app.load().build("publish")
    named = [app[name] for name in resources if name in app]
    groups = (*groups, *(group for resource in named for group in groups_of(resource)))
    rendered = render(app, target=environment, groups=groups)
    builds = chosen([image_build for chart in rendered.charts.values() for image_build in chart.builds], resources)
    _check_names(app, resources, {name for image_build in builds for name in image_build.names})
    sources = _sources(app, parse_given(app, list(parameters)))
    prefix = f"{registry.strip('/')}/" if registry else ""
    names = {image_build: prefix + image_build.image for image_build in builds}
    asyncio.run(_build(app, names, sources, platform, push=push))
    if as_json:
        images = [
            {"resource": image_build.resource, "image": name, "pushed": push} for image_build, name in names.items()
        ]
        say(json.dumps({"images": images}, indent=2))
    elif not builds:
        say("There is nothing to build: the app names all its images.")
    elif registry:
        say("Let the chart run them from there, by its values:")
        say("  images:")
        for image_build, name in names.items():
            say(f"    {image_build.resource}: {{repository: {name.rpartition(':')[0]}}}")


def _check_names(app: App, resources: tuple[str, ...], built: set[str]) -> None:
    for name in resources:
        if name not in app:
            raise UsageError(f"the app has no resource {name!r}.", remedy=f"It has {', '.join(app.names)}.")
        if name.lower() not in built:
            raise UsageError(f"there is no image to build for {name!r}.", remedy="Its image is there already.")


def _sources(app: App, given: dict[str, str]) -> ParameterSources:
    from fairlead.runtime.run_options import RunOptions, parameter_sources
    from fairlead.runtime.store.project_settings import app_identity, find_settings

    settings = find_settings(app.directory)
    options = RunOptions(parameters=given, environ=dict(os.environ))
    return parameter_sources(app, options, app_identity(app, settings), settings)


async def _build(
    app: App, names: dict[ImageBuild, str], sources: ParameterSources, platform: str | None, *, push: bool
) -> None:
    from fairlead.drivers.building import build_image
    from fairlead.engines.docker import connect
    from fairlead.engines.watchdog.guard import Guard

    if not names:
        return
    async with AsyncExitStack() as ends:
        # An app id of its own, as a run of the app that starts meanwhile ends what carries the app's.
        guard = await Guard.start(f"{app.id}-build", secrets.token_hex(8))
        ends.push_async_callback(guard.close)
        engine = await connect(guard=guard)
        ends.push_async_callback(engine.close)
        for image_build, name in names.items():
            say(f"Building {style(name, bold=True)}", err=True)
            await build_image(engine, app.directory, image_build, name, sources, _show, platform)
            say(f"Built {style(name, bold=True)}", err=True)
            if push:
                await engine.push(name, lambda line: say(line.capitalize(), err=True))


def _show(lines: list[bytes]) -> None:
    sys.stderr.write("".join(f"  {line.decode(errors='replace')}\n" for line in lines))
