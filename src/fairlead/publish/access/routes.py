"""What an Ingress and a Gateway have in common when they are published: backends, host names, classes, annotations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from fairlead.model.locations import Location
from fairlead.model.names import is_host
from fairlead.model.resource import Endpoint
from fairlead.model.values.value import Value
from fairlead.publish.access.public_values import PublicValues
from fairlead.publish.chart.leaves import ChartValue, Joined, Text, When, chart_values
from fairlead.publish.chart.names import object_name
from fairlead.publish.chart.object_names import ObjectName
from fairlead.publish.chart.open_mapping import OpenMapping
from fairlead.publish.chart.ports import Port, distinct
from fairlead.publish.chart.sections import Section
from fairlead.publish.chart.values_yaml import TEXT_SCHEMA
from fairlead.publish.context import PlanningContext
from fairlead.resources.kubernetes import Route, Router

_NOT_IN_NAMES = "[^a-z0-9]+"


class Backend(NamedTuple):
    """Where a route leads: the name of a Service and its port."""

    service: ObjectName
    port: Port


class Routing(PublicValues):
    """Publishes the routes of one router.

    Args:
        context: The chart in the making.
        router: The definition's Ingress or Gateway.
        section: The section of values.yaml that its values are in.
    """

    def __init__(self, context: PlanningContext, router: Router, section: Section) -> None:
        super().__init__(context, router, section)
        self._router = router
        self._ports = context.ports
        self._inactive = context.inactive
        #: The router's own hosts, each once.
        self.hostnames = self._hostnames()

    def routes(self) -> list[tuple[tuple[Text, ...], Route, Backend]]:
        """The routes that lead somewhere, each with its hosts; none for all hosts."""
        common = tuple(self.hostnames)
        found = []
        seen: set[tuple[Text | None, str, str]] = set()
        for route in self._router.routes:
            if self.is_left_out(route.endpoint):
                continue
            own = None if route.host is None else self.host(route.host, route.where)
            hosts = common if route.host is None else () if own is None else (own,)
            backend = self.backend(f"the path {route.path!r}", route.endpoint, route.where)
            keys = {(host, route.path, route.path_type) for host in hosts or (None,)}
            if keys & seen:
                self._report.error(
                    self._router, f"the path {route.path!r} is declared twice", "Take one away.", route.where
                )
            elif backend is not None and (route.host is None or own is not None):
                found.append((hosts, route, backend))
            seen |= keys
        return found

    def is_left_out(self, endpoint: Endpoint) -> bool:
        """Whether a route is left out with the endpoint that it leads to, which is one of an inactive group."""
        return endpoint.resource.name in self._inactive

    def _hostnames(self) -> list[Text]:
        hosts = (self.host(host, where) for host, where in self._router.hostnames)
        return list(dict.fromkeys(host for host in hosts if host is not None))

    def host(self, host: str | Value, where: Location) -> Text | None:
        """A host name as a value, or None, reported, where it is none.

        Args:
            host: The name, a parameter, or a text with one in it.
            where: The line in the app file.
        """
        if isinstance(host, str):
            is_good = self._is_host(host, where)
            return self.value(("hosts", host), host, "its host name", where) if is_good else None
        text = self.value((), host, "its host name", where)
        known = None if text is None else self._chart.values.default_text(text)
        return text if not known or self._is_host(known, where) else None

    def _is_host(self, host: str, where: Location) -> bool:
        is_good = is_host(host)
        if not is_good:
            self._report.error(
                self._router,
                f"{host!r} is not the name of a host",
                "Write it in lower case, without scheme, port and path: 'shop.example.com'.",
                where,
            )
        return is_good

    def path(self, route: Route) -> Text:
        """The path of a route, which is a value."""
        return self.value(("paths", route.path), route.path, "a path", route.where, minimum=1) or route.path

    def is_enabled(self) -> ChartValue:
        """The value that says whether its objects are there."""
        return self._chart.values.declare((*self._key, "enabled"), True, kind="boolean", schema={"type": "boolean"})

    def annotations(self, more: Mapping[str, tuple[str | Value, Location]]) -> OpenMapping:
        """The annotations.

        Text ones are defaults of one mapping in values.yaml; parameters are added below it, so entries of that
        mapping win.

        Args:
            more: Further annotations; one of the definition with the same key wins.
        """
        given = {**more, **self._router.annotations}
        texts = {key: value for key, (value, _) in given.items() if isinstance(value, str)}
        below = {
            key: text
            for key, (value, where) in given.items()
            if not isinstance(value, str)
            and (text := self.value((), value, f"the annotation {key}", where)) is not None
        }
        schema = {"type": "object", "additionalProperties": TEXT_SCHEMA}
        value = self._chart.values.declare((*self._key, "annotations"), texts, kind="object", schema=schema)
        return OpenMapping(below, value)

    def backend(self, what: str, endpoint: Endpoint, where: Location) -> Backend | None:
        """Where a route leads, or None, reported, when that is nowhere."""
        problem = self._problem(endpoint)
        if problem is not None:
            self._report.error(self._router, f"{what} leads to {problem[0]}", problem[1], where)
            return None
        owner = endpoint.resource
        ports = self._ports[owner.name]
        asked = ports[endpoint.spec.name]
        port = next(port for port in distinct(dict(ports)) if port.number == asked.number and port.protocol == "TCP")
        return Backend(ObjectName("Service", object_name(owner.name)), port)

    def _problem(self, endpoint: Endpoint) -> tuple[str, str] | None:
        """Why no route can lead to an endpoint, and what to do about it."""
        spec, owner = endpoint.find(), endpoint.resource
        if not self._translator.addresses.is_here(owner):
            problem = self._translator.addresses.problem(owner)
            reason = problem.reason if problem else "is published to another environment"
            return f"{owner.name!r}, which {reason}", "Take the route away, or publish the resource here."
        if spec is None:
            return f"{owner.name!r}: {endpoint.problem()}", "Declare the endpoint with with_http_endpoint()."
        if not spec.external:
            return (
                f"endpoint {spec.name!r} of {owner.name!r}, which is not external",
                f"Say so: {owner.name}.with_external_http_endpoints().",
            )
        if spec.protocol != "tcp":
            return (
                f"a UDP endpoint of {owner.name!r}",
                f"Routes carry HTTP; expose it by its Service: services.{owner.name}.type: LoadBalancer in the values.",
            )
        return None


def if_given(text: Text) -> Text | When:
    """An entry that is left out where its value is empty."""
    return When((text,), text) if isinstance(text, ChartValue) else text


def host_slug(host: Text) -> str:
    """What tells a host from others in names of objects: the host, with the names of values in place of them."""
    return re.sub(_NOT_IN_NAMES, "-", words_of(host).lower().replace("*", "wildcard")).strip("-")


def words_of(text: Text) -> str:
    """A text with the names of values in place of them."""
    if isinstance(text, str):
        return text
    if isinstance(text, ChartValue):
        return text.path[-1]
    parts = text.parts if isinstance(text, Joined) else chart_values(text)
    return "-".join(words_of(part) for part in parts)
