"""The ways in for callers outside the cluster: Ingresses and Gateways, with the issuers of their certificates."""

from __future__ import annotations

from fairlead.publish.access.certificates import RouterObjects
from fairlead.publish.access.expected_secrets import expect_secrets
from fairlead.publish.access.exposure import routers_of
from fairlead.publish.access.gateway import gateway
from fairlead.publish.access.ingress import ingress
from fairlead.publish.access.issuers import add_issuers
from fairlead.publish.access.routes import Routing
from fairlead.publish.chart.leaves import Leaf
from fairlead.publish.chart.sections import Section
from fairlead.publish.context import PlanningContext
from fairlead.resources.kubernetes import Gateway, Ingress, Router


def add_routes(context: PlanningContext) -> None:
    """Add the Ingresses and Gateways of an environment to its chart, and the issuers of their certificates."""
    chart, report = context.chart, context.report
    published: list[tuple[Router, RouterObjects, Leaf]] = []
    for router in routers_of(context.environment, context.inactive):
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
