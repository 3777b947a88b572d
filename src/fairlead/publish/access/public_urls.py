"""The addresses that people type, as values of the chart: those of routes, or given ones where no route leads."""

from __future__ import annotations

from fairlead.model.composition.providers import provider_of
from fairlead.model.endpoints.endpoint import EndpointHandle, EndpointSpec
from fairlead.model.resource import Endpoint, Resource
from fairlead.publish.access.public_routes import PublicRoute, public_route
from fairlead.publish.access.routes import Routing
from fairlead.publish.chart.leaves import Text, WithDefault, encode, join
from fairlead.publish.chart.sections import Section
from fairlead.publish.context import PlanningContext
from fairlead.publish.translation.translator import ValueSite
from fairlead.publish.workloads.node_selection import environment_code
from fairlead.resources.kubernetes import Ingress

#: A URL, or nothing; a chart asks for one that it needs by itself.
URL_SCHEMA = {"type": "string", "pattern": r"^([A-Za-z][A-Za-z0-9+.-]*://[^\s/?#]+[^\s?#]*)?$"}


def public_url(context: PlanningContext, endpoint: EndpointHandle, asker: ValueSite) -> Text:
    """What people type to get to an endpoint, without a slash at the end.

    It is the address of the first route that leads there, which a value of the chart can replace; without one, that
    value has to be given.

    Args:
        context: The chart in the making.
        endpoint: The endpoint, which is declared.
        asker: Who needs it.
    """
    owner, spec = provider_of(endpoint), endpoint.spec
    key = (owner.name, spec.name)
    known = context.chart.public_urls.get(key)
    if known is None:
        known = context.chart.public_urls[key] = _url(context, owner, spec, asker)
    return known


def _url(context: PlanningContext, owner: Resource, spec: EndpointSpec, asker: ValueSite) -> Text:
    found = public_route(context, owner.endpoint(spec.name))
    address = None if found is None else _address(context, found)
    comment = "Empty for the address of its route."
    if address is None:
        comment = f"Of the endpoint {spec.name} of {owner.name}, to which nothing in this chart leads by a host name."
        _report(context, owner, spec, asker)
    value = context.chart.values.declare(
        Section.PUBLIC_URLS.value(owner.name, spec.name),
        "",
        schema=URL_SCHEMA,
        comment=comment,
        required=address is None,
    )
    return encode(value if address is None else WithDefault(value, address), "no slash")


def _address(context: PlanningContext, found: PublicRoute) -> Text | None:
    """The address of a route; one of this chart changes with its values. None, reported, for a host that is none."""
    if found.environment is not context.environment:
        site = ValueSite(found.router, found.router.where, "its host name")
        host = context.translator.translate_public(found.host, site, found.router.kind)
        return None if host is None else join([found.scheme, "://", host, found.path])
    host, path = host_of(context, found), found.path
    is_whole = found.route is not None and path == found.route.path
    text = _routing(context, found).path(found.route) if is_whole and found.route is not None else path
    return None if host is None else join([found.scheme, "://", host, text])


def host_of(context: PlanningContext, found: PublicRoute) -> Text | None:
    """The host of a route of this chart, as its values have it; None, reported, for one that is none."""
    where = found.router.where if found.route is None else found.route.where
    return _routing(context, found).host(found.host, where)


def _routing(context: PlanningContext, found: PublicRoute) -> Routing:
    section = Section.INGRESS if isinstance(found.router, Ingress) else Section.GATEWAY
    return Routing(context, found.router, section)


def _report(context: PlanningContext, owner: Resource, spec: EndpointSpec, asker: ValueSite) -> None:
    """Warn that an address has to be given, because the definition does not tell it."""
    context.report.warn(
        asker.resource,
        f"{asker.what} needs the public address of the endpoint {spec.name!r} of {owner.name!r}, and no route with a "
        f"host name leads there, so publicUrls.{owner.name}.{spec.name} has to be given",
        f"Add one: {route_code(context, owner.endpoint(spec.name))}.",
        asker.where,
    )


def route_code(context: PlanningContext, endpoint: Endpoint) -> str:
    """What a definition writes to add a route with a host to an endpoint."""
    owner, name = endpoint.resource, endpoint.spec.name
    target = owner.name if len(owner.endpoints) == 1 else f'{owner.name}.endpoint("{name}")'
    environment = environment_code(context.environment)
    return f'{environment}.add_ingress("edge").with_path("/", {target}, host="…")'
