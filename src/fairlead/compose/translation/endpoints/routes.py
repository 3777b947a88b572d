"""Labels by which Traefik finds its routes, as routes of an Ingress."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from fairlead.compose.reading.tree import Scalar
from fairlead.compose.translation.endpoints.addresses import PublicAddresses
from fairlead.compose.translation.plans import EndpointPlan, ServicePlan
from fairlead.compose.translation.section import Pair
from fairlead.compose.writing.expressions import Call, Expression, literal, name
from fairlead.model.names import is_host

_ROUTER = re.compile(r"traefik\.http\.routers\.(?P<router>[^.]+)\.(?P<rest>.+)", re.IGNORECASE)
_PORT = re.compile(r"traefik\.http\.services\.[^.]+\.loadbalancer\.server\.port", re.IGNORECASE)
_MATCHER = re.compile(r"\s*(?P<name>[A-Za-z]+)\((?P<arguments>[^()]*)\)\s*")
_GOES_BY_ITSELF = re.compile(r"(?i)traefik\.(enable|docker\.network|constraint-label|swarm\.network)$")


class _Route(NamedTuple):
    """A host and a path that a router is for; an empty host is any."""

    host: str
    path: str
    node: Scalar


@dataclass(slots=True)
class _Routes:
    """What the labels of one service say."""

    rules: dict[str, Pair] = field(default_factory=dict)
    tls: set[str] = field(default_factory=set)
    port: int | None = None


class Traefik:
    """Turns labels of services into routes."""

    def __init__(self) -> None:
        self._routes: dict[str, _Routes] = {}
        self._pairs: dict[str, list[Pair]] = {}

    def read(self, plans: Mapping[str, ServicePlan], addresses: PublicAddresses) -> None:
        """Look at the labels of all services, so that the hosts of their routes are known as public addresses."""
        for plan in plans.values():
            self._pairs[plan.service] = [
                pair for pair in plan.section.pairs("labels") if pair.name.lower().startswith("traefik.")
            ]
            routes = self._routes[plan.service] = _Routes()
            for pair in self._pairs[plan.service]:
                _read_label(pair, plan.section.desk.peek(pair.node), routes)
            endpoint = _endpoint(plan, routes.port)
            for rule in routes.rules.values() if endpoint is not None else ():
                for route in _parse(plan.section.desk.peek(rule.node), rule.node) or ():
                    if is_host(route.host) and endpoint is not None and route.path == "/":
                        addresses.hosts.setdefault(route.host, (plan, endpoint))

    def add(self, plans: Iterable[ServicePlan]) -> list[Call]:
        """The calls that make the routes, on an Ingress."""
        calls: list[Call] = []
        tls_hosts: dict[str, Expression] = {}
        for plan in plans:
            calls += self._add(plan, tls_hosts)
        unique = list({call._replace(origin=""): call for call in reversed(calls)}.values())[::-1]
        if tls_hosts and unique:
            unique.append(Call("with_tls", (), (), unique[0].origin))
        return unique

    def _add(self, plan: ServicePlan, tls_hosts: dict[str, Expression]) -> list[Call]:
        routes = self._routes[plan.service]
        endpoint = _endpoint(plan, routes.port)
        calls: list[Call] = []
        for router, rule in routes.rules.items():
            written = plan.section.desk.peek(rule.node)
            parsed = _parse(written, rule.node)
            if parsed is None or endpoint is None:
                why = (
                    f"{written!r} is no rule of hosts and paths only" if endpoint is not None else "it has no HTTP port"
                )
                plan.section.desk.report.lost(rule.path, rule.node.place, why)
                continue
            for route in parsed:
                call = _route_call(plan, endpoint, route, rule)
                if call is not None:
                    calls.append(call)
                    if router in routes.tls:
                        tls_hosts[route.host] = literal(route.host)
        self._report(plan, routes)
        return calls

    def _report(self, plan: ServicePlan, routes: _Routes) -> None:
        """Report the labels that no route has."""
        report = plan.section.desk.report
        for pair in self._pairs[plan.service]:
            key = pair.name.lower()
            router = _ROUTER.fullmatch(pair.name)
            if _GOES_BY_ITSELF.fullmatch(key) or _PORT.fullmatch(key):
                report.unneeded(pair.path, pair.node.place, "routes are declared: add_ingress()")
            elif router and router["rest"].lower() == "rule":
                continue
            elif router and router["rest"].lower() in ("entrypoints", "service"):
                report.unneeded(pair.path, pair.node.place, "an Ingress has the ports of its controller")
            elif router and router["rest"].lower().startswith("tls"):
                reason = "TLS is said by with_tls(), and certificates come from the Secret or issuer named there"
                report.changed(pair.path, pair.node.place, reason)
            else:
                reason = "it is for Traefik alone; with_ingress_annotation() tells a controller such things"
                report.lost(pair.path, pair.node.place, reason)


def _read_label(pair: Pair, text: str, routes: _Routes) -> None:
    router = _ROUTER.fullmatch(pair.name)
    if router and router["rest"].lower() == "rule":
        routes.rules[router["router"]] = pair
    elif router and router["rest"].lower().startswith("tls") and text.lower() != "false":
        routes.tls.add(router["router"])
    elif _PORT.fullmatch(pair.name) and text.isdecimal():
        routes.port = int(text)


def _endpoint(plan: ServicePlan, port: int | None) -> EndpointPlan | None:
    """The endpoint that routes of a service lead to."""
    fitting = [endpoint for endpoint in plan.endpoints if endpoint.scheme in ("http", "https")]
    return next((endpoint for endpoint in fitting if port in (None, endpoint.target)), None)


def web_port(plan: ServicePlan) -> int | None:
    """The port that the labels of a service give to Traefik."""
    for pair in plan.section.pairs("labels"):
        text = plan.section.desk.peek(pair.node)
        if _PORT.fullmatch(pair.name) and text.isdecimal() and 0 < int(text) < 65536:
            return int(text)
    return None


def _parse(rule: str, node: Scalar) -> list[_Route] | None:
    """The routes of a rule that is made of hosts and paths, joined by ``&&`` and ``||``; None for any other."""
    found: list[_Route] = []
    for alternative in rule.replace("(Host", "Host").split("||") if "((" not in rule else []:
        hosts, paths = [""], ["/"]
        for matcher in alternative.split("&&"):
            parsed = _MATCHER.fullmatch(
                matcher.strip().strip("()") + (")" if "(" in matcher.strip().strip("()") else "")
            )
            if parsed is None:
                return None
            values = re.findall(r"[`'\"]([^`'\"]+)[`'\"]", parsed["arguments"])
            kind = parsed["name"].lower()
            if kind == "host" and values:
                hosts = values
            elif (
                kind in ("pathprefix", "path") and values and not any(re.search(r"[{}^$*]", value) for value in values)
            ):
                paths = values
            else:
                return None
        found += [_Route(host, path, node) for host in hosts for path in paths]
    return found or None


def _route_call(plan: ServicePlan, endpoint: EndpointPlan, route: _Route, rule: Pair) -> Call | None:
    """The call for a route."""
    if (route.host and not is_host(route.host)) or not route.path.startswith("/"):
        reason = f"no route can be made for {route.host + route.path!r}"
        plan.section.desk.report.lost(rule.path, rule.node.place, reason)
        return None
    only = len([known for known in plan.endpoints if known.scheme in ("http", "https")]) == 1
    target = name(plan.variable) if only or endpoint.name == "http" else plan.endpoint(endpoint)
    keywords = [("host", _host(plan, route, rule))] if route.host else []
    return Call("with_path", (literal(route.path), target), tuple(keywords), rule.path)


def _host(plan: ServicePlan, route: _Route, rule: Pair) -> Expression:
    """A host, with the variables that it has in the rule as constants."""
    desk = plan.section.desk
    for written in re.findall(r"[`'\"]((?:\$\{[^}]*\}|[^`'\"])+)[`'\"]", rule.node.text):
        node = Scalar(written, "text", rule.node.place, rule.node.scope)
        if "$" in written and desk.peek(node) == route.host:
            return desk.fixed(node)
    if "$" in rule.node.text:
        desk.plain(rule.node, rule.path)
    return literal(route.host)
