"""The order of resources in an app file: each after those that it needs, else as in the compose file."""

from __future__ import annotations

from collections.abc import Mapping

from fairlead.compose.translation.plans import ServicePlan
from fairlead.compose.writing.expressions import names_in


def in_order(plans: Mapping[str, ServicePlan], needs: Mapping[str, list[str]]) -> list[ServicePlan]:
    """The services, each after those that it waits for and whose addresses its image is built with.

    Services that wait for each other, which is a mistake of its own, keep their order.
    """
    by_variable = {plan.variable: plan.service for plan in plans.values()}
    placed: dict[str, ServicePlan] = {}
    for service in plans:
        _place(service, plans, needs, by_variable, placed, set())
    return list(placed.values())


def _place(
    service: str,
    plans: Mapping[str, ServicePlan],
    needs: Mapping[str, list[str]],
    by_variable: Mapping[str, str],
    placed: dict[str, ServicePlan],
    above: set[str],
) -> None:
    if service in placed or service in above:
        return
    built_with = [by_variable[used] for used in sorted(names_in(plans[service].start)) if used in by_variable]
    for other in [*needs.get(service, ()), *built_with]:
        _place(other, plans, needs, by_variable, placed, above | {service})
    placed[service] = plans[service]
