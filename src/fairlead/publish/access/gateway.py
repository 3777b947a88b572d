"""Gateway and HTTPRoutes: what an environment's ``add_gateway`` becomes.

A host with TLS has a listener of its own, and its plain HTTP is sent on to HTTPS unless the definition says otherwise.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from fairlead.publish.access.certificates import (
    Host,
    HostCertificate,
    RouterObjects,
    annotated_issuer,
    certificate_objects,
    plan_certificates,
)
from fairlead.publish.access.routes import Backend, Routing, host_slug, if_given
from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.labels import metadata
from fairlead.publish.chart.leaves import ChartValue, Text, When
from fairlead.publish.chart.names import object_name
from fairlead.publish.chart.object_names import ObjectName
from fairlead.resources.kubernetes import Gateway, Route

API = "gateway.networking.k8s.io/v1"
#: How many rules the Gateway API lets one HTTPRoute have.
MAX_RULES = 16
#: How many hosts it lets one have, and how many listeners a Gateway.
MAX_HOSTS = 16
MAX_LISTENERS = 64
Hosts = tuple[Text, ...]
Found = list[tuple[Hosts, Route, Backend]]
Listeners = dict[Host, dict[str, Any]]


class _Entrance(NamedTuple):
    """How callers of some hosts come to the same rules.

    Args:
        suffix: What tells its HTTPRoute from those of other entrances to these rules.
        hosts: The hosts; none for all.
        sections: The listeners that they come in by.
        is_secure: Whether they all come by HTTPS.
    """

    suffix: str
    hosts: Hosts
    sections: list[str]
    is_secure: bool


def gateway(chart: Chart, resource: Gateway, routing: Routing, report: Report) -> RouterObjects:
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
        return RouterObjects([], [], {})
    name = object_name(resource.name)
    hosts: list[Host] = list(dict.fromkeys(host for some, _, _ in found for host in some or (None,)))
    certificates = plan_certificates(resource, routing, hosts, report)
    listeners = _listeners(hosts, certificates)
    _check_hosts(resource, found, listeners, report)
    _check_hsts(resource, listeners, report)
    body: dict[str, Any] = {
        "apiVersion": API,
        "kind": "Gateway",
        "metadata": {**metadata(chart, name), "annotations": routing.annotations(annotated_issuer(resource))},
        "spec": {
            "gatewayClassName": class_name,
            "listeners": [_listener("http", "HTTP", 80, None), *listeners.values()],
        },
    }
    routes = _routes(chart, resource, name, found, listeners, routing)
    redirects = _redirects(chart, name, hosts, listeners) if resource.redirects_to_https else []
    bodies = [body, *routes, *redirects, *certificate_objects(chart, resource, routing, certificates)]
    (parent,) = _parents(name, ["http"])
    parent |= {"group": API.partition("/")[0], "kind": "Gateway"}
    return RouterObjects(bodies, certificates, {"gatewayHTTPRoute": {"parentRefs": [parent]}})


def _check_hosts(resource: Gateway, found: Found, listeners: Listeners, report: Report) -> None:
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


def _check_hsts(resource: Gateway, listeners: Listeners, report: Report) -> None:
    if resource.hsts is not None and not listeners:
        report.error(
            resource,
            "with_hsts() asks callers to come by HTTPS, and it has no certificate",
            "Add one: with_tls(…).",
        )


def _listeners(hosts: list[Host], certificates: list[HostCertificate]) -> Listeners:
    """The listeners for HTTPS by their hosts; None for all hosts."""
    listeners: Listeners = {}
    for host in hosts:
        secrets = [certificate.secret_name for certificate in certificates if host in certificate.hosts]
        if secrets:
            name = f"https-{len(listeners)}" if listeners else "https"
            references = [{"kind": "Secret", "name": secret} for secret in secrets]
            tls = {"mode": "Terminate", "certificateRefs": references}
            listeners[host] = {**_listener(name, "HTTPS", 443, host), "tls": tls}
    return listeners


def _listener(name: str, protocol: str, port: int, host: Text | None) -> dict[str, Any]:
    listener: dict[str, Any] = {"name": name, "protocol": protocol, "port": port}
    if host is not None:
        listener["hostname"] = if_given(host)
    return {**listener, "allowedRoutes": {"namespaces": {"from": "Same"}}}


def _routes(
    chart: Chart, resource: Gateway, name: str, found: Found, listeners: Listeners, routing: Routing
) -> list[dict[str, Any]]:
    by_hosts: dict[Hosts, list[tuple[Route, Backend]]] = {}
    for hosts, route, backend in found:
        by_hosts.setdefault(hosts, []).append((route, backend))
    common = tuple(routing.hostnames)
    hsts = _hsts(resource, routing) if listeners else None
    routes = []
    for hosts, leading in by_hosts.items():
        own = "" if not hosts or hosts == common else f"-{host_slug(hosts[0])}"
        for entrance in _entrances(resource, hosts, listeners):
            filters = hsts if entrance.is_secure else None
            rules = [_rule(route, backend, filters, routing) for route, backend in leading]
            for start in range(0, len(rules), MAX_RULES):
                part = f"-{start // MAX_RULES + 1}" if start else ""
                spec = {
                    "parentRefs": _parents(name, entrance.sections),
                    **_hostnames(entrance.hosts),
                    "rules": rules[start : start + MAX_RULES],
                }
                routes.append(_route(chart, object_name(f"{resource.name}{own}{entrance.suffix}{part}"), spec))
    return routes


def _entrances(resource: Gateway, hosts: Hosts, listeners: Listeners) -> list[_Entrance]:
    """The ways by which callers come to the rules of some hosts: one, unless HTTP and HTTPS differ in what they do."""
    if not listeners:
        return [_Entrance("", hosts, [], False)]
    secure = [host for host in hosts or (None,) if host in listeners]
    plain = [host for host in hosts or (None,) if host not in listeners or not resource.redirects_to_https]
    by_https = [listeners[host]["name"] for host in secure]
    if secure == plain and resource.hsts is None:
        return [_Entrance("", hosts, [*by_https, "http"], False)]
    entrances = [_Entrance("", _named(secure), by_https, True)] if secure else []
    if plain:
        entrances.append(_Entrance("-http" if secure else "", _named(plain), ["http"], False))
    return entrances


def _named(hosts: list[Host]) -> Hosts:
    return tuple(host for host in hosts if host is not None)


def _hsts(resource: Gateway, routing: Routing) -> When | None:
    """The filter that adds Strict-Transport-Security, unless its value is emptied."""
    if resource.hsts is None:
        return None
    comment = "What answers by HTTPS say as Strict-Transport-Security; empty for nothing."
    text = routing.value(("strictTransportSecurity",), resource.hsts, "its HSTS", resource.where, comment=comment)
    assert isinstance(text, ChartValue)
    header = {"name": "Strict-Transport-Security", "value": text}
    return When((text,), [{"type": "ResponseHeaderModifier", "responseHeaderModifier": {"set": [header]}}])


def _rule(route: Route, backend: Backend, filters: When | None, routing: Routing) -> dict[str, Any]:
    return {
        "matches": [{"path": {"type": route.path_type, "value": routing.path(route)}}],
        **({"filters": filters} if filters is not None else {}),
        "backendRefs": [{"name": backend.service, "port": backend.port.number}],
    }


def _hostnames(hosts: Hosts) -> dict[str, Any]:
    return {"hostnames": [if_given(host) for host in hosts]} if hosts else {}


def _parents(name: str, sections: list[str]) -> list[dict[str, Any]]:
    named = {"name": ObjectName("Gateway", name)}
    return [{**named, "sectionName": section} for section in sections] or [named]


def _redirects(chart: Chart, name: str, hosts: list[Host], listeners: Listeners) -> list[dict[str, Any]]:
    """The HTTPRoutes that send plain HTTP on to HTTPS: of all hosts, or of those with TLS where not all have it."""
    if not listeners:
        return []
    named: Hosts = () if all(host in listeners for host in hosts) else _named(list(listeners))
    return [
        _redirect(chart, f"{name}-redirect{f'-{start // MAX_HOSTS + 1}' if start else ''}", name, chosen)
        for start in range(0, max(len(named), 1), MAX_HOSTS)
        for chosen in [named[start : start + MAX_HOSTS]]
    ]


def _redirect(chart: Chart, own_name: str, gateway: str, hosts: Hosts) -> dict[str, Any]:
    filters = [{"type": "RequestRedirect", "requestRedirect": {"scheme": "https", "statusCode": 301}}]
    spec = {"parentRefs": _parents(gateway, ["http"]), **_hostnames(hosts), "rules": [{"filters": filters}]}
    return _route(chart, object_name(own_name), spec)


def _route(chart: Chart, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": API, "kind": "HTTPRoute", "metadata": metadata(chart, name), "spec": spec}
