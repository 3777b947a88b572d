"""From the services of a project to resources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fairlead.compose.reading.tree import Entries, Node, scalars
from fairlead.compose.translation.desk import Desk
from fairlead.compose.translation.endpoints.addresses import PublicAddresses
from fairlead.compose.translation.endpoints.endpoints import Mentions, add_endpoints
from fairlead.compose.translation.endpoints.routes import Traefik, web_port
from fairlead.compose.translation.endpoints.spoken import spoken
from fairlead.compose.translation.jobs import add_job, add_triggers
from fairlead.compose.translation.mounts import Files, Mounts
from fairlead.compose.translation.naming import Names
from fairlead.compose.translation.plans import ServicePlan
from fairlead.compose.translation.programs.environment import add_environment
from fairlead.compose.translation.programs.health import add_health
from fairlead.compose.translation.programs.programs import Programs, add_command
from fairlead.compose.translation.scaling import add_scaling
from fairlead.compose.translation.section import Section
from fairlead.compose.translation.settings import add_settings
from fairlead.compose.translation.waits import Others, add_groups, add_networks, add_waits, check_circles, renamed
from fairlead.compose.translation.watching import add_watching
from fairlead.compose.writing.expressions import Call


@dataclass(slots=True)
class Services:
    """The services of a project, translated.

    Args:
        plans: By name, in the order of the file.
        needs: The services that each waits for.
        programs: Their images.
        routes: The calls on an Ingress.
        mounts: Which volumes they use.
        files: Which configs and secrets they use.
    """

    plans: dict[str, ServicePlan]
    needs: dict[str, list[str]]
    programs: Programs
    routes: list[Call]
    mounts: Mounts
    files: Files


def translate_services(
    services: Mapping[str, Node],
    top: Mapping[str, Mapping[str, Node]],
    profiles: frozenset[str],
    desk: Desk,
    names: Names,
) -> Services:
    """Translate all services.

    Args:
        services: What the file has below ``services``.
        top: What it has below ``volumes``, ``configs`` and ``secrets``, by these keys.
        profiles: The profiles that are always on.
        desk: The report and the variables.
        names: The names of resources.
    """
    plans = _plans(services, "services", desk, names) | _plans(top["jobs"], "jobs", desk, names)
    texts = {plan.service: "\n".join(map(desk.peek, scalars(plan.section.node))) for plan in plans.values()}
    mentions = Mentions(spoken(plan.section.node, desk) for plan in plans.values())
    taken: dict[tuple[int, str], str] = {}
    for plan in plans.values():
        add_endpoints(plan, mentions, taken, texts[plan.service], web_port(plan))
    addresses = PublicAddresses(plans)
    traefik = Traefik()
    traefik.read(plans, addresses)
    programs = Programs(addresses, names)
    programs.add(list(plans.values()))
    mounts = Mounts(top["volumes"])
    files = Files(top["configs"], top["secrets"])
    others = Others(plans, profiles, mentions)
    needs: dict[str, list[str]] = {}
    for plan in plans.values():
        renamed(plan)
        add_triggers(plan)
        if not add_job(plan, others):
            add_groups(plan, others)
        add_command(plan)
        add_environment(plan, addresses)
        mounts.add(plan)
        files.add(plan)
        add_health(plan)
        add_settings(plan)
        add_scaling(plan)
        add_networks(plan, mentions)
        add_watching(plan)
        needs[plan.service] = add_waits(plan, others)
        plan.section.close()
    check_circles(needs, plans)
    return Services(plans, needs, programs, traefik.add(plans.values()), mounts, files)


def _plans(services: Mapping[str, Node], key: str, desk: Desk, names: Names) -> dict[str, ServicePlan]:
    plans: dict[str, ServicePlan] = {}
    for service, node in services.items():
        if isinstance(node, Entries):
            name = names.resource(service, "service")
            variable = desk.variables.python.add(name.replace("-", "_").lower())
            plans[service] = ServicePlan(service, name, variable, Section(node, f"{key}.{service}", desk))
    return plans
