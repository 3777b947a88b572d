"""The Ingress: what an environment's ``add_ingress`` becomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairlead.publish.chart import TEXT_SCHEMA, Chart
from fairlead.publish.diagnostics import Report
from fairlead.publish.labels import metadata
from fairlead.publish.names import is_host, object_name
from fairlead.publish.ports import Port, distinct
from fairlead.publish.values import When
from fairlead.resources.kubernetes import Ingress, IngressPath


def ingress(
    chart: Chart, resource: Ingress, ports: Mapping[str, Mapping[str, Port]], published: set[str], report: Report
) -> dict[str, Any] | None:
    """The Ingress with the routes of a resource, or None when none of them leads anywhere.

    Args:
        chart: The chart it is in.
        resource: The definition's ingress.
        ports: The ports of all resources.
        published: The names of the resources that have pods.
        report: Where routes are reported that lead nowhere.
    """
    if not resource.paths:
        report.error(resource, "it has no paths", "Add one: with_path('/', resource).")
    rules: dict[str | None, list[dict[str, Any]]] = {}
    for route in resource.paths:
        if _leads_somewhere(resource, route, published, report):
            rules.setdefault(route.host, []).append(_path(route, ports[route.endpoint.resource.name]))
    if not rules:
        return None
    key = "ingress", resource.name
    annotations = chart.values.declare(
        (*key, "annotations"),
        dict(resource.ingress_annotations),
        kind="object",
        schema={"type": "object", "additionalProperties": TEXT_SCHEMA},
    )
    class_name = chart.values.declare(
        (*key, "className"),
        resource.ingress_class or "",
        comment="The IngressClass; empty for the cluster's default one.",
    )
    name = object_name(resource.name)
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {**metadata(chart, name), "annotations": annotations},
        "spec": {
            "ingressClassName": When((class_name,), class_name),
            "rules": [{**({"host": host} if host else {}), "http": {"paths": paths}} for host, paths in rules.items()],
        },
    }


def _path(route: IngressPath, ports: Mapping[str, Port]) -> dict[str, Any]:
    asked = ports[route.endpoint.spec.name]
    port = next(port for port in distinct(dict(ports)) if port.number == asked.number and port.protocol == "TCP")
    service = {"name": object_name(route.endpoint.resource.name), "port": {"name": port.name}}
    return {"path": route.path, "pathType": route.path_type, "backend": {"service": service}}


def _leads_somewhere(resource: Ingress, route: IngressPath, published: set[str], report: Report) -> bool:
    spec, target = route.endpoint.find(), route.endpoint.resource
    before = len(report.errors)
    if route.host is not None and not is_host(route.host):
        report.error(
            resource,
            f"{route.host!r} is not the name of a host",
            "Write it in lower case, without scheme, port and path: 'shop.example.com'.",
            route.where,
        )
    if target.name not in published:
        report.error(
            resource,
            f"the path {route.path!r} leads to {target.name!r}, which is not published",
            "Take the path away, or publish the resource.",
            route.where,
        )
    elif spec is None:
        report.error(
            resource,
            f"the path {route.path!r} leads to {target.name!r}: {route.endpoint.problem()}",
            "Declare the endpoint with with_http_endpoint().",
            route.where,
        )
    elif not spec.external:
        report.error(
            resource,
            f"the path {route.path!r} leads to endpoint {spec.name!r} of {target.name!r}, which is not external",
            f"Say so: {target.name}.with_external_http_endpoints().",
            route.where,
        )
    elif spec.protocol != "tcp":
        report.error(
            resource,
            f"the path {route.path!r} leads to a UDP endpoint of {target.name!r}",
            "An Ingress carries HTTP; expose it by a Service of type LoadBalancer.",
            route.where,
        )
    same = [other for other in resource.paths if other == route]
    if len(same) > 1 and same[0] is not route:
        report.error(resource, f"the path {route.path!r} is declared twice", "Take one away.", route.where)
    return len(report.errors) == before
