"""The route by which people get to an endpoint: the first one of an Ingress or Gateway that names a host."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from fairlead.model.endpoints.endpoint import EndpointSpec
from fairlead.model.resource import Endpoint, Resource
from fairlead.model.values.value import Value
from fairlead.publish.access.exposure import routers_of
from fairlead.publish.context import PlanningContext
from fairlead.publish.environments import declared_environments
from fairlead.resources.kubernetes import Ingress, KubernetesEnvironment, Route, Router

Host = str | Value
#: What a path can't have that stands for itself, where a controller reads it as a regular expression.
_PATTERN = re.compile(r"[^A-Za-z0-9/_~.%-]")
_PLAIN_TYPES = frozenset({"Prefix", "PathPrefix", "Exact"})


class PublicRoute(NamedTuple):
    """A route with a host that people can type.

    Args:
        environment: The environment of the router.
        router: The Ingress or Gateway.
        scheme: ``https`` where it has a certificate for the host, else ``http``.
        host: The host.
        route: The route; None for the default backend.
    """

    environment: KubernetesEnvironment
    router: Router
    scheme: str
    host: Host
    route: Route | None

    @property
    def path(self) -> str:
        """Its path, as far as it stands for itself."""
        if self.route is None:
            return ""
        if self.route.path_type in _PLAIN_TYPES:
            return self.route.path
        return self.route.path[: found.start()] if (found := _PATTERN.search(self.route.path)) else self.route.path


def public_route(context: PlanningContext, endpoint: Endpoint) -> PublicRoute | None:
    """The route by which people get to an endpoint; None where there is none, or none with a host.

    Routes of the chart's own environment count first, and then those of others.

    Args:
        context: The chart in the making.
        endpoint: The endpoint.
    """
    own = context.environment
    others = [other for other in declared_environments(context.app) if other is not own]
    order = {id(resource): number for number, resource in enumerate(context.app)}
    for environment in (own, *others):
        for router in sorted(routers_of(environment), key=lambda router: order[id(router)]):
            for hosts, route in _routes(router, endpoint.resource, endpoint.spec):
                host = next((host for host in hosts if not _is_wildcard(host)), None)
                if host is not None:
                    scheme = "https" if _has_certificate(router, host) else "http"
                    return PublicRoute(environment, router, scheme, host, route)
    return None


def _routes(router: Router, owner: Resource, spec: EndpointSpec) -> Iterator[tuple[list[Host], Route | None]]:
    """The routes of a router that lead to an endpoint, each with its hosts; the default backend comes last."""
    common = [host for host, _ in router.hostnames]
    for route in router.routes:
        if _leads_to(route.endpoint, owner, spec):
            yield common if route.host is None else [route.host], route
    default = router.default_backend if isinstance(router, Ingress) else None
    if default is not None and _leads_to(default[0], owner, spec):
        yield common, None


def _leads_to(endpoint: Endpoint, owner: Resource, spec: EndpointSpec) -> bool:
    return endpoint.resource is owner and endpoint.find() is spec


def _is_wildcard(host: Host) -> bool:
    return isinstance(host, str) and host.startswith("*")


def _has_certificate(router: Router, host: Host) -> bool:
    return any(not given.hosts or _is_among(host, given.hosts) for given in router.certificates)


def _is_among(host: Host, hosts: Iterable[Host]) -> bool:
    """Whether a host is one of several; values are the same only if they are one."""
    return any(host is other or (isinstance(host, str) and isinstance(other, str) and host == other) for other in hosts)
