"""The Ingress: what an environment's ``add_ingress`` becomes."""

from __future__ import annotations

from typing import Any

from fairlead.publish.access.certificates import (
    HostCertificate,
    RouterObjects,
    annotated_issuer,
    certificate_objects,
    plan_certificates,
)
from fairlead.publish.access.routes import Backend, Routing, if_given
from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.labels import metadata
from fairlead.publish.chart.leaves import ChartValue, Text, When
from fairlead.publish.chart.names import object_name
from fairlead.resources.kubernetes import Ingress

Rules = dict[Text | None, list[dict[str, Any]]]


def ingress(chart: Chart, resource: Ingress, routing: Routing, report: Report) -> RouterObjects:
    """The Ingress with the routes of a resource, and its certificates; none when no route leads anywhere.

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
    if not any(routing.is_left_out(route.endpoint) for route in resource.routes):
        _report_idle_hosts(resource, hostnames, rules, report)
    if not rules and default is None:
        return RouterObjects([], [], {})
    spec: dict[str, Any] = {"ingressClassName": _class_name(resource, routing)}
    if default is not None and not hostnames:
        spec["defaultBackend"] = default
    if rules:
        spec["rules"] = [{**_host(host), "http": {"paths": paths}} for host, paths in rules.items()]
    certificates = plan_certificates(resource, routing, list(dict.fromkeys([*hostnames, *rules])) or [None], report)
    if certificates:
        spec["tls"] = [_tls(certificate) for certificate in certificates]
    body: dict[str, Any] = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {
            **metadata(chart, object_name(resource.name)),
            "annotations": routing.annotations(annotated_issuer(resource)),
        },
        "spec": {key: entry for key, entry in spec.items() if entry is not None},
    }
    # The type of Service is cert-manager's default: without a class and it the mapping would be empty, and so null.
    challenge = {"serviceType": "NodePort", "ingressClassName": spec["ingressClassName"]}
    bodies = [body, *certificate_objects(chart, resource, routing, certificates)]
    return RouterObjects(bodies, certificates, {"ingress": challenge})


def _tls(certificate: HostCertificate) -> dict[str, Any]:
    names = [if_given(host) for host in certificate.host_names]
    return {**({"hosts": names} if names else {}), "secretName": certificate.secret_name}


def _class_name(resource: Ingress, routing: Routing) -> Text | When | None:
    given = resource.class_name or ""
    comment = "The IngressClass; empty for the cluster's default one."
    name = routing.value(("className",), given, "its class", resource.where, comment=comment)
    return None if name is None else if_given(name)


def _host(host: Text | None) -> dict[str, Any]:
    return {} if host is None else {"host": if_given(host)}


def _backend(backend: Backend) -> dict[str, Any]:
    return {"service": {"name": backend.service, "port": {"name": backend.port.name}}}


def _default_backend(resource: Ingress, routing: Routing) -> dict[str, Any] | None:
    if resource.default_backend is None or routing.is_left_out(resource.default_backend[0]):
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
