"""How callers get to the workloads of a chart: Ingresses, Gateways, and policies about who may connect."""

from __future__ import annotations

from collections.abc import Iterable

from fairlead.model.endpoint import EndpointSpec
from fairlead.model.resource import Endpoint, Resource
from fairlead.model.workload import Workload
from fairlead.publish.access.certificates import RouterObjects
from fairlead.publish.access.expected_secrets import expect_secrets
from fairlead.publish.access.gateway import gateway
from fairlead.publish.access.ingress import ingress
from fairlead.publish.access.issuers import add_issuers
from fairlead.publish.access.routes import Routing
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.leaves import Leaf
from fairlead.publish.chart.properties import default_text
from fairlead.publish.chart.sections import Section
from fairlead.publish.context import PlanningContext
from fairlead.publish.workloads.node_selection import environment_code
from fairlead.resources.kubernetes import Gateway, Ingress, KubernetesEnvironment, Router


def add_routes(context: PlanningContext) -> None:
    """Add the Ingresses and Gateways of an environment to its chart, and the issuers of their certificates."""
    chart, report = context.chart, context.report
    published: list[tuple[Router, RouterObjects, Leaf]] = []
    for router in _routers(context.environment):
        if isinstance(router, Ingress):
            routing = Routing(context, router, Section.INGRESS)
            published.append((router, ingress(chart, router, routing, report), routing.is_enabled()))
        elif isinstance(router, Gateway):
            routing = Routing(context, router, Section.GATEWAY)
            published.append((router, gateway(chart, router, routing, report), routing.is_enabled()))
    for router, objects, is_enabled in published:
        for body in objects.bodies:
            chart.add(router, body, is_enabled)
        expect_secrets(chart, router, objects.certificates)
    add_issuers(context, [(router, objects) for router, objects, _ in published])


def report_unexposed(environment: KubernetesEnvironment, workloads: Iterable[Workload], report: Report) -> None:
    """Warn of endpoints that are meant for callers outside and that no caller outside can reach."""
    if default_text(environment.properties.default_service_type) != "ClusterIP":
        return
    routed = {
        (endpoint.resource.name, spec.name)
        for router in _routers(environment)
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


def _routers(environment: KubernetesEnvironment) -> list[Router]:
    routers: list[Router] = [*environment.ingresses, *environment.gateways]
    return [router for router in routers if not _is_excluded(router)]


def _is_excluded(resource: Resource) -> bool:
    return resource.excluded_from_manifest
