"""Gateway and HTTPRoutes: what an environment's ``add_gateway`` becomes.

With TLS there is a listener for each host, and what comes in by plain HTTP is sent on to HTTPS.
"""

from __future__ import annotations

import re
from typing import Any

from fairlead.publish.access.routes import Backend, Routing
from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.labels import metadata
from fairlead.publish.chart.leaves import ChartValue, Joined, Text, When, chart_values
from fairlead.publish.chart.names import object_name
from fairlead.resources.kubernetes import Gateway, Route

API = "gateway.networking.k8s.io/v1"
#: How many rules the Gateway API lets one HTTPRoute have.
MAX_RULES = 16
#: How many hosts it lets one have, and how many listeners a Gateway.
MAX_HOSTS = 16
MAX_LISTENERS = 64
_NOT_IN_NAMES = re.compile("[^a-z0-9]+")

Hosts = tuple[Text, ...]
Found = list[tuple[Hosts, Route, Backend]]


def gateway(chart: Chart, resource: Gateway, routing: Routing, report: Report) -> list[dict[str, Any]]:
    """The Gateway and its HTTPRoutes; none when no route leads anywhere.

    Args:
        chart: The chart they are in.
        resource: The definition's gateway.
        routing: Publishes its routes.
        report: Where what can't be published is reported.
    """
    class_name = _class_name(resource, routing, report)
    if not resource.routes:
        report.error(resource, "it has no routes", "Add one: with_route('/', resource).")
    found = routing.routes()
    if not found:
        return []
    name = object_name(resource.name)
    secret = routing.tls_secret()
    listeners = _listeners(found, secret)
    _check_hosts(resource, found, listeners, report)
    made: dict[str, Any] = {
        "apiVersion": API,
        "kind": "Gateway",
        "metadata": {**metadata(chart, name), "annotations": routing.annotations()},
        "spec": {
            "gatewayClassName": class_name,
            "listeners": [_listener("http", "HTTP", 80, None), *listeners.values()],
        },
    }
    parents = {host: listener["name"] for host, listener in listeners.items()}
    routes = _routes(chart, resource, name, found, parents, routing)
    return [made, *routes, *([_redirect(chart, name)] if secret is not None else [])]


def _check_hosts(resource: Gateway, found: Found, listeners: dict[Text | None, dict[str, Any]], report: Report) -> None:
    """Report more hosts than the Gateway API takes in one object."""
    remedy = "Take a host name with a wildcard, such as *.example.com, or add another gateway for some of them."
    if len(resource.hostnames) > MAX_HOSTS and any(len(hosts) > MAX_HOSTS for hosts, _, _ in found):
        report.error(
            resource,
            f"it has {len(resource.hostnames)} host names, and an HTTPRoute takes {MAX_HOSTS} at most",
            remedy,
            resource.hostnames[MAX_HOSTS][1],
        )
    if len(listeners) >= MAX_LISTENERS:
        report.error(
            resource,
            f"it has TLS for {len(listeners)} hosts, and a Gateway takes {MAX_LISTENERS - 1} beside plain HTTP",
            remedy,
        )


def _class_name(resource: Gateway, routing: Routing, report: Report) -> Text | None:
    if resource.class_name is None:
        report.error(resource, "it has no class", "Say which controller serves it: with_gateway_class('…').")
        return None
    comment = "The GatewayClass."
    return routing.value(("className",), resource.class_name, "its class", resource.where, minimum=1, comment=comment)


def _listeners(found: Found, secret: Text | None) -> dict[Text | None, dict[str, Any]]:
    """The listeners for HTTPS by their hosts; None for all hosts."""
    if secret is None:
        return {}
    hosts = dict.fromkeys(host for some, _, _ in found for host in some or (None,))
    return {
        host: {
            **_listener(f"https-{number}" if number else "https", "HTTPS", 443, host),
            "tls": {"mode": "Terminate", "certificateRefs": [{"kind": "Secret", "name": secret}]},
        }
        for number, host in enumerate(hosts)
    }


def _listener(name: str, protocol: str, port: int, host: Text | None) -> dict[str, Any]:
    listener: dict[str, Any] = {"name": name, "protocol": protocol, "port": port}
    if host is not None:
        listener["hostname"] = _if_given(host)
    return {**listener, "allowedRoutes": {"namespaces": {"from": "Same"}}}


def _if_given(text: Text) -> Text | When:
    """An entry that is left out where its value is empty."""
    return When((text,), text) if isinstance(text, ChartValue) else text


def _routes(
    chart: Chart, resource: Gateway, name: str, found: Found, parents: dict[Text | None, str], routing: Routing
) -> list[dict[str, Any]]:
    rules: dict[Hosts, list[dict[str, Any]]] = {}
    for hosts, route, backend in found:
        rules.setdefault(hosts, []).append(
            {
                "matches": [{"path": {"type": route.path_type, "value": routing.path(route)}}],
                "backendRefs": [{"name": backend.service, "port": backend.port.number}],
            }
        )
    common = tuple(routing.hostnames)
    made = []
    for hosts, all_rules in rules.items():
        own = "" if not hosts or hosts == common else f"-{_slug(hosts[0])}"
        for start in range(0, len(all_rules), MAX_RULES):
            part = f"-{start // MAX_RULES + 1}" if start else ""
            spec = {
                "parentRefs": _parents(name, hosts, parents),
                **({"hostnames": [_if_given(host) for host in hosts]} if hosts else {}),
                "rules": all_rules[start : start + MAX_RULES],
            }
            made.append(_route(chart, object_name(f"{resource.name}{own}{part}"), spec))
    return made


def _slug(host: Text) -> str:
    """What tells the route of a host from others: the host, or the parameter that gives it."""
    return _NOT_IN_NAMES.sub("-", _words(host).lower().replace("*", "wildcard")).strip("-")


def _words(text: Text) -> str:
    """A text with the names of values in place of them."""
    if isinstance(text, str):
        return text
    if isinstance(text, ChartValue):
        return text.path[-1]
    parts = text.parts if isinstance(text, Joined) else chart_values(text)
    return "-".join(_words(part) for part in parts)


def _parents(name: str, hosts: Hosts, listeners: dict[Text | None, str]) -> list[dict[str, Any]]:
    if not listeners:
        return [{"name": name}]
    return [{"name": name, "sectionName": listeners[host]} for host in hosts or (None,)]


def _redirect(chart: Chart, name: str) -> dict[str, Any]:
    filters = [{"type": "RequestRedirect", "requestRedirect": {"scheme": "https", "statusCode": 301}}]
    spec = {"parentRefs": [{"name": name, "sectionName": "http"}], "rules": [{"filters": filters}]}
    return _route(chart, object_name(f"{name}-redirect"), spec)


def _route(chart: Chart, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": API, "kind": "HTTPRoute", "metadata": metadata(chart, name), "spec": spec}
