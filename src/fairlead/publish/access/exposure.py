"""Endpoints that are meant for callers outside the cluster, and whether any can reach them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from fairlead.model.endpoints.endpoint import EndpointSpec
from fairlead.model.programs.workload import Workload
from fairlead.model.resource import Endpoint, Resource
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.properties import default_text
from fairlead.publish.workloads.node_selection import environment_code
from fairlead.resources.kubernetes import Ingress, KubernetesEnvironment, Router


def report_unexposed(environment: KubernetesEnvironment, workloads: Iterable[Workload], report: Report) -> None:
    """Warn of endpoints that are meant for callers outside and that no caller outside can reach."""
    if default_text(environment.properties.default_service_type) != "ClusterIP":
        return
    routed = {
        (endpoint.resource.name, spec.name)
        for router in routers_of(environment)
        for endpoint in _endpoints(router)
        if (spec := endpoint.find()) is not None
    }
    for workload in workloads:
        for spec in workload.endpoints.values():
            if spec.external and (workload.name, spec.name) not in routed:
                report.warn(
                    workload,
                    f"endpoint {spec.name!r} is external, and nothing lets callers outside the cluster in",
                    _remedy(environment, workload, spec),
                    spec.where,
                )


def _remedy(environment: KubernetesEnvironment, workload: Workload, spec: EndpointSpec) -> str:
    if not spec.is_http:
        return f"Let its Service do so: services.{workload.name}.type: LoadBalancer in the values."
    several = len([other for other in workload.endpoints.values() if other.is_http]) > 1
    target = f'{workload.name}.endpoint("{spec.name}")' if several else workload.name
    return f'Add a route: {environment_code(environment)}.add_ingress("edge").with_path("/", {target}).'


def _endpoints(router: Router) -> list[Endpoint]:
    found = [route.endpoint for route in router.routes]
    if isinstance(router, Ingress) and router.default_backend is not None:
        found.append(router.default_backend[0])
    return found


def routers_of(environment: KubernetesEnvironment, inactive: Collection[str] = ()) -> list[Router]:
    """The Ingresses and Gateways of an environment that are published.

    Args:
        environment: The environment.
        inactive: The names of the members of groups that the chart leaves out; what leads only to them is left out too.
    """
    routers: list[Router] = [*environment.ingresses, *environment.gateways]
    return [
        router
        for router in routers
        if not _is_excluded(router) and router.name not in inactive and not _leads_only_to(router, inactive)
    ]


def _leads_only_to(router: Router, names: Collection[str]) -> bool:
    endpoints = _endpoints(router)
    return bool(endpoints) and all(endpoint.resource.name in names for endpoint in endpoints)


def _is_excluded(resource: Resource) -> bool:
    return resource.excluded_from_manifest
