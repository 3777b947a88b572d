"""What the shell offers behind a verb: names of resources, commands, parameters and environments.

A running app is asked, as its control socket answers at once and knows what was observed too; else the definition is
loaded. What goes wrong meanwhile is kept quiet: a person who types has not asked for anything yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING, Any

import click

from fairlead.cli.selected_app import SelectedApp

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Source = Callable[[SelectedApp, click.Context], Iterator[tuple[str, str]]]
"""Names with what is said of each."""


class Name(click.types.StringParamType):
    """A text that the shell can complete. Whether there is such a name, whoever uses it says better.

    Args:
        name: What it is called in messages.
        source: What there is.
    """

    def __init__(self, name: str, source: Source) -> None:
        self.name = name
        self._source = source

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
        """The names that begin so, regardless of case; those that were given already are left out."""
        from click.shell_completion import CompletionItem  # no other command has to load it

        given = ctx.params.get(param.name or "")
        known = set(given) if isinstance(given, (tuple, list)) else set()
        return [
            CompletionItem(name, help=text)
            for name, text in _quietly(self._source, ctx)
            if name.lower().startswith(incomplete.lower()) and name not in known
        ]


def _quietly(source: Source, ctx: click.Context) -> list[tuple[str, str]]:
    selected_app = ctx.find_object(SelectedApp) or SelectedApp()
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        try:
            return list(source(selected_app, ctx))
        except (Exception, SystemExit):  # an app file may do anything
            return []


def _running(selected_app: SelectedApp, ctx: click.Context) -> Iterator[tuple[str, str]]:
    """The resources of the running app, or of the definition."""
    snapshots = _snapshots(selected_app)
    if snapshots is None:
        yield from _defined(selected_app, ctx)
        return
    for resource in snapshots:
        yield resource["id"], f"{resource['type']}, {resource['state']}"


def _defined(selected_app: SelectedApp, ctx: click.Context) -> Iterator[tuple[str, str]]:
    """The resources of the definition that can be started."""
    for resource in selected_app.load().build("run"):
        if not resource.passive:
            yield resource.name, resource.kind


def _clusters(selected_app: SelectedApp, ctx: click.Context) -> Iterator[tuple[str, str]]:
    """The clusters of the running app."""
    for resource in _snapshots(selected_app) or ():
        if "kubeconfig" in resource["properties"]:
            yield resource["id"], resource["state"]


def _commands(selected_app: SelectedApp, ctx: click.Context) -> Iterator[tuple[str, str]]:
    """The commands of the resource that was named before."""
    name = str(ctx.params.get("name", "")).lower()
    for resource in _snapshots(selected_app) or ():
        if resource["id"].lower() == name:
            yield from ((command["name"], command["display"]) for command in resource["commands"])


def _parameters(selected_app: SelectedApp, ctx: click.Context) -> Iterator[tuple[str, str]]:
    from fairlead.model.parameter import Parameter

    for resource in selected_app.load().build("run"):
        if isinstance(resource, Parameter):
            yield resource.name, resource.description or ("secret" if resource.secret else "")


def _environments(selected_app: SelectedApp, ctx: click.Context) -> Iterator[tuple[str, str]]:
    from fairlead.resources.kubernetes.environment import KubernetesEnvironment

    for resource in selected_app.load().build("publish"):
        if isinstance(resource, KubernetesEnvironment):
            yield resource.name, "environment"


def _jobs(selected_app: SelectedApp, ctx: click.Context) -> Iterator[tuple[str, str]]:
    from fairlead.model.programs.program import Program

    for resource in selected_app.load().build("run"):
        if isinstance(resource, Program) and resource.is_job:
            yield resource.name, resource.made_from


def _groups(selected_app: SelectedApp, ctx: click.Context) -> Iterator[tuple[str, str]]:
    from fairlead.model.composition.inactive import all_groups

    for name in all_groups(selected_app.load().build("run")):
        yield name, "group"


def _resources_and_groups(selected_app: SelectedApp, ctx: click.Context) -> Iterator[tuple[str, str]]:
    yield from _defined(selected_app, ctx)
    yield from _groups(selected_app, ctx)


def _snapshots(selected_app: SelectedApp) -> list[dict[str, Any]] | None:
    """What the running app says of its resources; None where it does not run."""
    from fairlead.cli.client import Client
    from fairlead.errors import NotRunning

    try:
        answer: dict[str, list[dict[str, Any]]] = Client.of(selected_app).get("/api/resources")
    except NotRunning:
        return None
    return answer["resources"]


class _CommaSeparated(Name):
    """A name; an environment variable has several of them between commas."""

    def split_envvar_value(self, rv: str) -> list[str]:
        """The names in the variable."""
        return [name.strip() for name in rv.split(",") if name.strip()]


RESOURCE = Name("resource", _running)
STARTED = Name("resource", _defined)
CLUSTER = Name("cluster", _clusters)
COMMAND = Name("command", _commands)
PARAMETER = Name("parameter", _parameters)
ENVIRONMENT = Name("environment", _environments)
JOB = Name("job", _jobs)
GROUP = _CommaSeparated("group", _groups)
WITHOUT = Name("resource or group", _resources_and_groups)
