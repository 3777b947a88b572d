"""What a definition says of each resource, part by part, in a form that can be compared. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from functools import cache
from typing import cast

from fairlead.model.app import App
from fairlead.model.composition.composition import compose
from fairlead.model.endpoints.consumer import Mode
from fairlead.model.frozen import model_attributes
from fairlead.model.programs.workload import Workload
from fairlead.model.replicas import local_replicas
from fairlead.model.resource import Resource, driver_at, ports_on_containers
from fairlead.records import record
from fairlead.runtime.plan import Plan
from fairlead.runtime.reload.plain_form import plain_form

Parts = Mapping[str, Hashable]

# Read in another way below, or the same for every evaluation.
_OTHERWISE = frozenset(
    {
        "arguments",
        "children",
        "display_parent",
        "environment",
        "name",
        "parent",
        "references",
        "replicas",
        "where",
    }
)
#: Parts that a run goes by from now on, or when the resource starts for the next time.
_LIVE = frozenset(
    {
        "before_start_hooks",
        "commands",
        "default",
        "description",
        "explicit_start",
        "groups",
        "health_checks",
        "icon",
        "max_restarts",
        "parent",
        "ready_hooks",
        "restart",
        "stop_timeout",
        "stopped_hooks",
        "urls",
        "waits",
        "watches",
    }
)
#: Records of which each field is a part of its own, so that it is named.
_OF_SEVERAL = frozenset({"settings"})
_CHART_ROOMS = ("fairlead.model.kubernetes.", "fairlead.model.publishing")
#: Attributes of what a chart is told that a run goes by as well: a Job's input is closed.
_ALSO_RUN = frozenset({"workload_kind"})
_FOR_CHARTS_ALONE = frozenset({"base_image", "publish_default", "publish_mount"})


@record
class Description:
    """What the definition says of one resource.

    Args:
        identity: Its kind, its driver and its place; another one makes it another resource of the same name.
        start: What it is started with: another one needs another start.
        live: What a run goes by without another start.
        published: What charts alone are told.
    """

    identity: Hashable
    start: Parts
    live: Parts
    published: Parts


def describe(resource: Resource, plan: Plan, own: Parts | None = None) -> Description:
    """Describe a resource.

    Args:
        resource: The resource, of a built app.
        plan: The plan of the run, which tells what the resource does without.
        own: The parts that a kind of another package keeps, as they were when the app was built; by default as they
            are now.
    """
    start, live, published = dict(own_parts(resource) if own is None else own), {}, {}
    for name in model_attributes(type(resource)) - _OTHERWISE:
        if name not in vars(resource):
            continue
        value = vars(resource)[name]
        form = plain_form(value)
        if name in _chart_attributes(type(resource)) or _is_published_image(resource, name):
            published[name] = form
        elif name in _LIVE:
            live[name] = form
        elif name in _OF_SEVERAL:
            start |= {f"{name} {part}".replace("_", " "): plain_form(each) for part, each in vars(value).items()}
        else:
            start[name.replace("_", " ")] = form
    above = resource.parent or resource.display_parent
    live["parent"] = above.name if above is not None else None
    if isinstance(resource, Workload):
        start |= _program_parts(resource, plan)
    for port in ports_on_containers(resource):
        start[f"port {port.name}"] = plain_form(port)
    placement = resource.placement
    kind = f"{type(resource).__module__}.{type(resource).__qualname__}"
    return Description((kind, driver_at(resource, placement), str(placement)), start, live, published)


def own_parts(resource: Resource) -> dict[str, Hashable]:
    """What a kind of another package keeps on a resource. It may change while the app runs, and then says nothing."""
    known = model_attributes(type(resource))
    private = {name for name in vars(resource) if name.startswith("_")}
    return {
        name.replace("_", " "): plain_form(value)
        for name, value in vars(resource).items()
        if name not in known | private | _OTHERWISE
    }


def own_parts_of(app: App) -> dict[str, Parts]:
    """The same for all resources of an app."""
    return {resource.name: own_parts(resource) for resource in app}


def _program_parts(workload: Workload, plan: Plan) -> dict[str, Hashable]:
    """What a program is started with, as it is composed: each variable is a part."""
    composed = compose(workload, Mode.RUN, excluded=plan.excluded, inactive=plan.inactive)
    parts: dict[str, Hashable] = {
        f"variable {name}": (plain_form(variable.value), variable.optional)
        for name, variable in composed.variables.items()
    }
    parts["arguments"] = tuple(plain_form(argument.value) for argument in composed.arguments)
    parts["replicas"] = local_replicas(workload)
    if workload.built_image is not None and workload.placement.is_container:
        image = workload.built_image
        parts[f"image {image.name}"] = plain_form((image.build, image.base_image, image.platform))
    for given in composed.contributions:
        for what in ("files", "mounts", "extra_hosts"):
            if content := getattr(given.contribution, what):
                parts[f"{what.replace('_', ' ')} of {given.reference.target.name}"] = plain_form(content)
        if given.reference.service_account:
            parts[f"rights in {given.reference.target.name}"] = given.reference.service_account
    return parts


def _is_published_image(resource: Resource, name: str) -> bool:
    """Whether it is the image of a process, which a chart alone runs it from."""
    return name in ("image", "built_image", "container_files") and resource.placement.is_process


def _chart_attributes(kind: type) -> frozenset[str]:
    return _chart_attributes_of(cast("Hashable", kind))


@cache
def _chart_attributes_of(kind: Hashable) -> frozenset[str]:
    """The attributes of a kind that the rooms for charts set."""
    assert isinstance(kind, type)
    return frozenset(_names_set_for_charts(kind)) - _ALSO_RUN | _FOR_CHARTS_ALONE


def _names_set_for_charts(kind: type) -> Iterator[str]:
    for base in kind.__mro__:
        if f"{base.__module__}.".startswith(_CHART_ROOMS) and "__init__" in vars(base):
            yield from (name for name in vars(base)["__init__"].__code__.co_names if name[0] != "_")
