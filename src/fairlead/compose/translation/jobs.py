"""Jobs: programs that run to their end when they are asked to, or by a clock."""

from __future__ import annotations

from fairlead.compose.reading.tree import Entries, Scalar
from fairlead.compose.translation.plans import ServicePlan
from fairlead.compose.translation.section import Section
from fairlead.compose.translation.waits import Others
from fairlead.compose.writing.expressions import Expression, literal


def add_triggers(plan: ServicePlan) -> None:
    """Make a job of what the file has below ``jobs``."""
    if not plan.section.path.startswith("jobs."):
        return
    triggers = plan.section.section("triggers")
    schedules = (
        [] if triggers is None else [_schedule(triggers, path, node) for path, node in triggers.items("schedule")]
    )
    times = [time for time in schedules if time is not None]
    if triggers is not None:
        if triggers.flag("manual") is False:
            triggers.lost("manual", "a job can always be started by hand")
        for path, _ in times[1:]:
            triggers.desk.report.lost(
                path, triggers.node.place, "a job has one schedule; add another job for another one"
            )
        triggers.close()
    if times:
        plan.call("with_workload", literal("CronJob"), origin=times[0][0], schedule=times[0][1])
        plan.call("with_explicit_start", origin=times[0][0])
        reason = "a cluster starts it by the clock; in a run it is started by hand: fairlead start"
        plan.section.desk.report.changed(times[0][0], plan.section.node.place, reason)
    else:
        plan.call("as_job", origin=plan.section.at("triggers"))


def _schedule(triggers: Section, path: str, node: object) -> tuple[str, Expression] | None:
    """The clock of a job: its path and the text of it."""
    if isinstance(node, Scalar):
        return path, triggers.desk.fixed(node)
    if not isinstance(node, Entries):
        return None
    long = Section(node, path, triggers.desk)
    cron = long.scalar("cron")
    for key in ("timezone", "concurrency", "missed_fires"):
        long.lost(key, "with_kubernetes_objects() can say it of the CronJob")
    long.close()
    return None if cron is None else (f"{path}.cron", triggers.desk.fixed(cron))


def add_job(plan: ServicePlan, others: Others) -> bool:
    """Make a job of a service that is there for ``docker compose run``; whether it is one.

    That is one of a profile that listens nowhere, is not restarted or wants a terminal, and nobody waits for.
    """
    section = plan.section
    restart, terminal = (section.node.entries.get(key) for key in ("restart", "tty"))
    is_once = (isinstance(restart, Scalar) and restart.text == "no") or (
        restart is None and isinstance(terminal, Scalar) and terminal.text == "true"
    )
    if "profiles" not in section or plan.endpoints or not is_once or _is_waited_for(plan, others):
        return False
    plan.call("as_job", origin=section.at("profiles"))
    reason = f"it runs when it is asked to, by fairlead run-job {plan.name}, so it is in no group"
    section.desk.report.changed(section.at("profiles"), section.place("profiles"), reason)
    section.take("profiles")
    return True


def _is_waited_for(plan: ServicePlan, others: Others) -> bool:
    """Whether another service depends on it."""
    nodes = [other.section.node.entries.get("depends_on") for other in others.plans.values()]
    return any(
        plan.service in node.entries
        if isinstance(node, Entries)
        else any(isinstance(item, Scalar) and item.text == plan.service for item in getattr(node, "items", ()))
        for node in nodes
    )
