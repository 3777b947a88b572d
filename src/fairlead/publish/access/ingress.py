"""The Ingress: what an environment's ``add_ingress`` becomes."""

from __future__ import annotations

from typing import Any

from fairlead.publish.access.routes import Backend, Routing
from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.labels import metadata
from fairlead.publish.chart.leaves import ChartValue, Text, When
from fairlead.publish.chart.names import object_name
from fairlead.resources.kubernetes import Ingress

Rules = dict[Text | None, list[dict[str, Any]]]


def ingress(chart: Chart, resource: Ingress, routing: Routing, report: Report) -> dict[str, Any] | None:
    """The Ingress with the routes of a resource, or None when none of them leads anywhere.

    Args:
        chart: The chart it is in.
        resource: The definition's ingress.
        routing: Publishes its routes.
        report: Where what can't be published is reported.
    """
    if not resource.routes and resource.default_backend is None:
        report.error(resource, "it has no paths", "Add one: with_path('/', resource).")
    rules: Rules = {}
    for hosts, route, backend in routing.routes():
        path = {"path": routing.path(route), "pathType": route.path_type, "backend": _backend(backend)}
        for host in hosts or (None,):
            rules.setdefault(host, []).append(path)
    default = _default_backend(resource, routing)
    hostnames = routing.hostnames
    if default is not None:
        _add_default_rules(rules, hostnames, default)
    _report_idle_hosts(resource, hostnames, rules, report)
    if not rules and default is None:
        return None
    spec: dict[str, Any] = {"ingressClassName": _class_name(resource, routing)}
    if default is not None and not hostnames:
        spec["defaultBackend"] = default
    if rules:
        spec["rules"] = [{**_host(host), "http": {"paths": paths}} for host, paths in rules.items()]
    secret = routing.tls_secret()
    if secret is not None:
        names = [_if_given(host) for host in dict.fromkeys([*hostnames, *rules]) if host is not None]
        spec["tls"] = [{**({"hosts": names} if names else {}), "secretName": secret}]
    name = object_name(resource.name)
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {**metadata(chart, name), "annotations": routing.annotations()},
        "spec": {key: entry for key, entry in spec.items() if entry is not None},
    }


def _class_name(resource: Ingress, routing: Routing) -> Text | When | None:
    given = resource.class_name or ""
    comment = "The IngressClass; empty for the cluster's default one."
    name = routing.value(("className",), given, "its class", resource.where, comment=comment)
    return None if name is None else _if_given(name)


def _host(host: Text | None) -> dict[str, Any]:
    return {} if host is None else {"host": _if_given(host)}


def _if_given(text: Text) -> Text | When:
    """An entry that is left out where its value is empty."""
    return When((text,), text) if isinstance(text, ChartValue) else text


def _backend(backend: Backend) -> dict[str, Any]:
    return {"service": {"name": backend.service, "port": {"name": backend.port.name}}}


def _default_backend(resource: Ingress, routing: Routing) -> dict[str, Any] | None:
    if resource.default_backend is None:
        return None
    found = routing.backend("the default backend", *resource.default_backend)
    return None if found is None else _backend(found)


def _add_default_rules(rules: Rules, hostnames: list[Text], backend: dict[str, Any]) -> None:
    """Send what no path is for to the default backend, but only for the hosts that the Ingress answers for."""
    for host in hostnames:
        paths = rules.setdefault(host, [])
        if not any(path["pathType"] == "Prefix" and _is_root(path["path"]) for path in paths):
            paths.append({"path": "/", "pathType": "Prefix", "backend": backend})


def _is_root(path: Text) -> bool:
    return isinstance(path, ChartValue) and path.path[-1] == "/"


def _report_idle_hosts(resource: Ingress, hostnames: list[Text], rules: Rules, report: Report) -> None:
    if rules and any(host not in rules for host in hostnames):
        report.error(
            resource,
            "with_hostname() names a host that no path is for",
            "Leave out host= of a path, or take the host name away.",
        )
