"""What a service needs of others: waits, links, networks, groups."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from fairlead.compose.reading.merging import as_dependencies, as_names
from fairlead.compose.reading.mistakes import chain
from fairlead.compose.reading.tree import Entries, Scalar
from fairlead.compose.translation.endpoints.endpoints import Mentions
from fairlead.compose.translation.plans import ServicePlan, variable_of
from fairlead.compose.translation.section import Section
from fairlead.compose.writing.expressions import Call, Code, Expression, literal

_GROUP = re.compile(r"(?a)[A-Za-z0-9][A-Za-z0-9_.-]*")
_METHODS = {
    "service_started": "wait_for_start",
    "service_healthy": "wait_for",
    "service_completed_successfully": "wait_for_completion",
}


@dataclass(slots=True)
class Others:
    """The other services of a project.

    Args:
        plans: All services by name.
        active: The profiles that are always on.
        mentions: The addresses that texts of services name.
    """

    plans: Mapping[str, ServicePlan]
    active: frozenset[str]
    mentions: Mentions


def add_waits(plan: ServicePlan, others: Others) -> list[str]:
    """Let a service wait for others; the names of those that it waits for."""
    section = plan.section
    node = section.take("depends_on")
    long = as_dependencies(node) if node is not None else None
    if node is not None and long is None:
        section.desk.mistakes.wrong_kind(section.at("depends_on"), node, "a list of services, or a mapping")
    found: list[str] = []
    for name, child in long.entries.items() if long is not None else ():
        path = f"{section.at('depends_on')}.{name}"
        if not isinstance(child, Entries):
            section.desk.mistakes.wrong_kind(path, child, "a mapping with 'condition'")
        elif name in others.plans:
            found.append(name)
            _add_wait(plan, Section(child, path, section.desk), others.plans[name], others)
        else:
            _report_unknown(section, name, child, path)
    for path, link in section.texts("links"):
        service = section.desk.plain(link, path).partition(":")[0]
        if service in others.plans and service not in found and service != plan.service:
            found.append(service)
            plan.call("wait_for_start", variable_of(others.plans[service]), origin=path)
        alias = section.desk.peek(link).partition(":")[2]
        if alias and alias != service:
            section.desk.report.lost(path, link.place, f"a resource is found by its own name only, not as {alias!r}")
        else:
            section.desk.report.unneeded(path, link.place, "all resources find each other by their names")
    return found


def _add_wait(plan: ServicePlan, wait: Section, other: ServicePlan, others: Others) -> None:
    condition = wait.text("condition") or "service_started"
    required = wait.flag("required")
    if wait.flag("restart"):
        wait.lost("restart", "a resource is not restarted with what it waits for")
    wait.close()
    method = _METHODS.get(condition)
    if method is None:
        known = ", ".join(repr(name) for name in _METHODS)
        what = f"{wait.path} waits for {condition!r}, which is no condition"
        wait.desk.mistakes.add(what, wait.node.place, f"Use one of {known}.")
        return
    may_lack = required is False or _may_be_inactive(plan, other, others)
    keywords: dict[str, Expression] = {"optional": Code("True")} if may_lack and _has_groups(other, others) else {}
    if required is False and not keywords:
        wait.lost("required", "a resource that is there is waited for")
    plan.call_with(method, [variable_of(other)], keywords, wait.path)


def _may_be_inactive(plan: ServicePlan, other: ServicePlan, others: Others) -> bool:
    """Whether the other one is in no group of this one, and so may be left out of a run."""
    own, theirs = _groups(plan, others), _groups(other, others)
    return bool(theirs) and not (own and own <= theirs)


def _has_groups(plan: ServicePlan, others: Others) -> bool:
    return bool(_groups(plan, others))


def _groups(plan: ServicePlan, others: Others) -> set[str]:
    node = plan.section.node.entries.get("profiles")
    names = {child.text for child in getattr(node, "items", []) if isinstance(child, Scalar)}
    return set() if names & others.active else names


def _report_unknown(section: Section, name: str, child: Entries, path: str) -> None:
    required = child.entries.get("required")
    if isinstance(required, Scalar) and required.text == "false":
        section.desk.report.lost(path, child.place, "there is no such service, and it is not required")
        return
    what = f"{section.path} depends on {name!r}, and there is no such service"
    section.desk.mistakes.add(what, child.place, "Name a service of the file, or one of what it includes.")


def check_circles(needs: Mapping[str, list[str]], plans: Mapping[str, ServicePlan]) -> None:
    """Report services that wait for each other."""
    done: set[str] = set()
    for start in needs:
        _follow(start, [], needs, plans, done)


def _follow(
    service: str,
    trail: list[str],
    needs: Mapping[str, list[str]],
    plans: Mapping[str, ServicePlan],
    done: set[str],
) -> None:
    if service in trail:
        circle = [*trail[trail.index(service) :], service]
        section = plans[service].section
        section.desk.mistakes.add(
            f"services wait for each other: {chain(circle)}",
            section.node.entries["depends_on"].place if "depends_on" in section.node.entries else section.node.place,
            "Take one of the waits out.",
        )
    elif service not in done:
        for other in needs.get(service, ()):
            _follow(other, [*trail, service], needs, plans, done)
        done.add(service)


def add_networks(plan: ServicePlan, mentions: Mentions) -> None:
    """Report what is special of a service's networks; its other names it keeps in a run."""
    for path, alias in _aliases(plan.section):
        _add_alias(plan, path, alias)
    _add_container_name(plan, mentions)
    mode = plan.section.text("network_mode")
    if mode in ("bridge", "default"):
        plan.section.unneeded("network_mode", "all resources of an app share one network")
    elif mode is not None:
        plan.section.lost("network_mode", f"{mode!r}: a container is on the network of its app, and no other")


def _aliases(section: Section) -> list[tuple[str, Scalar]]:
    """The other names of a service on its networks; what else these say is reported."""
    node = section.take("networks")
    long = as_names(node) if node is not None else None
    if node is not None and long is None:
        section.desk.mistakes.wrong_kind(section.at("networks"), node, "a list of networks, or a mapping")
    aliases: list[tuple[str, Scalar]] = []
    for name, child in long.entries.items() if long is not None else ():
        path = f"{section.at('networks')}.{name}"
        section.desk.report.unneeded(path, child.place, "all resources of an app share one network")
        if isinstance(child, Entries):
            network = Section(child, path, section.desk)
            aliases += network.texts("aliases")
            for key in list(child.entries):
                if key != "aliases" and not key.startswith("x-"):
                    network.lost(key, "an app has one network, which gives out its own addresses")
    return aliases


def _add_container_name(plan: ServicePlan, mentions: Mentions) -> None:
    section = plan.section
    container_name = section.scalar("container_name")
    if container_name is not None:
        name = section.desk.peek(container_name)
        if name not in (plan.service, plan.name) and mentions.has(name):
            _add_alias(plan, section.at("container_name"), container_name)
        else:
            section.unneeded("container_name", "a container is called after its app and its resource")


def _add_alias(plan: ServicePlan, path: str, alias: Scalar) -> None:
    name = plan.section.desk.plain(alias, path)
    if name in (plan.service, plan.name):
        plan.section.desk.report.unneeded(path, alias.place, "a resource is found by its name")
        return
    plan.call("with_container_runtime_args", literal(f"--network-alias={name}"), origin=path)
    reason = f"in a run it is found as {name!r} too; in a cluster by its own name only"
    plan.section.desk.report.changed(path, alias.place, reason)


def add_groups(plan: ServicePlan, others: Others) -> None:
    """Put a service into the groups that its profiles are."""
    section = plan.section
    names: list[Expression] = []
    for path, node in section.texts("profiles"):
        profile = section.desk.plain(node, path)
        if profile in others.active:
            section.desk.report.changed(
                section.at("profiles"), node.place, f"{profile!r} is asked for, so it is in no group"
            )
            return
        if _GROUP.fullmatch(profile):
            names.append(literal(profile))
        else:
            section.desk.report.lost(path, node.place, f"no group can be called {profile!r}")
    if names:
        plan.calls.append(Call("with_group", tuple(names), (), section.at("profiles")))


def renamed(plan: ServicePlan) -> None:
    """Report a name that no resource can have; in a run it is still found by the old one."""
    if plan.name != plan.service:
        reason = f"a resource can't be called {plan.service!r}, so it is {plan.name!r}; in a run it is found by both"
        plan.section.desk.report.changed(plan.section.path, plan.section.node.place, reason)
        alias = literal(f"--network-alias={plan.service}")
        plan.calls.append(Call("with_container_runtime_args", (alias,), (), plan.section.path))
