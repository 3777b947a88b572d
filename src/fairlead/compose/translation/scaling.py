"""How many there are of a service, what they may use, and what happens when one ends."""

from __future__ import annotations

import re
from typing import TypeAlias

from fairlead.compose.reading.tree import Entries
from fairlead.compose.translation.amounts import size_in_bytes, whole
from fairlead.compose.translation.plans import ServicePlan
from fairlead.compose.translation.section import Section
from fairlead.compose.translation.settings import add_gpu_request
from fairlead.compose.writing.expressions import Expression, literal

_SWARM = "it is for Swarm; a cluster has its own way of updating and placing pods"
_DEPLOY_WINS = "deploy says it too, and wins"
#: What a service needs of memory and processors: each amount by its keyword, with where the file says it.
_Needs: TypeAlias = dict[str, dict[str, tuple[Expression, str]]]
_CORES = re.compile(r"(?a)\d+(\.\d+)?|\.\d+")


def add_scaling(plan: ServicePlan) -> None:
    """Give a service its replicas, limits and restarts."""
    section = plan.section
    deploy = section.section("deploy")
    needs: _Needs = {"memory": {}, "cpu": {}}
    replicas = section.number("scale")
    said_at = section.at("scale")
    if deploy is not None:
        given = deploy.number("replicas")
        if given is not None:
            section.lost("scale", _DEPLOY_WINS)
            replicas, said_at = given, deploy.at("replicas")
        _add_deploy(plan, deploy, needs)
    _take_need(section, "mem_limit", needs["memory"], "limit")
    _take_need(section, "mem_reservation", needs["memory"], "reservation")
    _take_need(section, "cpus", needs["cpu"], "limit")
    for what, amounts in needs.items():
        if amounts:
            keywords = {keyword: amount for keyword, (amount, _) in amounts.items()}
            positional = [keywords.pop("limit")] if "limit" in keywords else []
            origin, *beside = (path for _, path in amounts.values())
            plan.call_with(f"with_{what}", positional, keywords, origin, "deploy", beside)
    if replicas is not None:
        _add_replicas(plan, replicas, said_at)
    _add_restart(plan, deploy)


def _add_replicas(plan: ServicePlan, count: int, origin: str) -> None:
    if count == 0:
        plan.call("with_explicit_start", origin=origin)
        reason = "none of it starts by itself in a run; a chart has one, of which the values can make none"
        plan.section.desk.report.changed(origin, plan.section.node.place, reason)
    elif count > 1:
        plan.call("with_replicas", literal(count), origin=origin)
    elif count < 0:
        plan.section.desk.report.lost(origin, plan.section.node.place, f"{count} is no number of replicas")


def _take_need(section: Section, key: str, into: dict[str, tuple[Expression, str]], keyword: str) -> None:
    """Take an amount of memory or of processors."""
    text = section.text(key)
    if text is None or text in ("0", "0.0"):
        return
    is_memory = key.startswith("mem")
    fits = size_in_bytes(text) is not None if is_memory else _CORES.fullmatch(text) is not None
    if not fits:
        section.lost(key, f"{text!r} is no {'size' if is_memory else 'number of processors'}")
        return
    if keyword in into:
        section.lost(key, _DEPLOY_WINS)
        return
    amount = whole(text) if is_memory else _number(text)
    into[keyword] = literal(text if amount is None else amount), section.at(key)


def _number(text: str) -> float | int:
    number = float(text)
    return int(number) if number == int(number) else number


def _add_deploy(plan: ServicePlan, deploy: Section, needs: _Needs) -> None:
    mode = deploy.text("mode")
    if mode == "global":
        plan.call("with_workload", literal("DaemonSet"), origin=deploy.at("mode"))
    elif mode not in (None, "replicated"):
        deploy.lost("mode", f"{mode!r} is for Swarm; a Job is what others wait_for_completion() of")
    resources = deploy.section("resources")
    if resources is not None:
        _add_resources(plan, resources, needs)
    deploy.lost("labels", "they are for Swarm's services; with_label() is for containers")
    for key in ("endpoint_mode", "placement", "rollback_config", "update_config"):
        deploy.lost(key, _SWARM)
    deploy.take("restart_policy")
    deploy.close()


def _add_resources(plan: ServicePlan, resources: Section, needs: _Needs) -> None:
    for key, keyword in (("limits", "limit"), ("reservations", "reservation")):
        amounts = resources.section(key)
        if amounts is None:
            continue
        _take_need(amounts, "cpus", needs["cpu"], keyword)
        _take_need(amounts, "memory", needs["memory"], keyword)
        pids = amounts.text("pids")
        if pids is not None and whole(pids) is not None:
            plan.section.lost("pids_limit", _DEPLOY_WINS)
            option = literal(f"--pids-limit={pids}")
            plan.call("with_container_runtime_args", option, origin=amounts.at("pids"))
        elif pids is not None:
            amounts.lost("pids", f"{pids!r} is no whole number")
        amounts.lost("generic_resources", _SWARM)
        for path, device in amounts.items("devices"):
            if isinstance(device, Entries):
                add_gpu_request(plan, Section(device, path, amounts.desk))
            else:
                amounts.desk.mistakes.wrong_kind(path, device, "a mapping with 'capabilities'")
        amounts.close()
    resources.close()


def _add_restart(plan: ServicePlan, deploy: Section | None) -> None:
    section = plan.section
    written = section.text("restart")
    policy = deploy.section("restart_policy") if deploy is not None else None
    if policy is not None:
        _add_restart_policy(plan, policy)
        if written is not None:
            section.lost("restart", _DEPLOY_WINS)
        return
    if written is None or written in ("no", "false", ""):
        return
    word, _, most = written.partition(":")
    if word in ("always", "unless-stopped", "on-failure") and (not most or (whole(most) or 0) > 0):
        name = "on-failure" if word == "on-failure" else "always"
        keywords: dict[str, Expression] = {"max_restarts": literal(whole(most))} if most else {}
        plan.call_with("with_restart", [literal(name)], keywords, section.at("restart"), "restart")
    else:
        section.lost("restart", f"{written!r} is no restart policy")


def _add_restart_policy(plan: ServicePlan, policy: Section) -> None:
    condition = policy.text("condition") or "any"
    most = policy.number("max_attempts")
    for key in ("delay", "window"):
        policy.lost(key, "restarts come after 1 second, and then after twice as long each time, up to a minute")
    policy.close()
    names = {"any": "always", "on-failure": "on-failure"}
    if condition in names:
        counted: dict[str, Expression] = {"max_restarts": literal(most)} if most is not None and most > 0 else {}
        plan.call_with("with_restart", [literal(names[condition])], counted, policy.path)
    elif condition != "none":
        policy.lost("condition", f"{condition!r} is no condition of a restart")
