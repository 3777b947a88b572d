"""What the pods of a workload wait for before its program starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairlead.model.programs.workload import Workload
from fairlead.model.resource import Resource, Wait
from fairlead.model.wait import WaitKind
from fairlead.publish.chart.jobs import JobIdentity
from fairlead.publish.chart.names import object_name
from fairlead.publish.chart.ports import Port
from fairlead.publish.context import PlanningContext
from fairlead.publish.translation.local_clusters import is_said
from fairlead.publish.workloads.members import JOB, Members
from fairlead.publish.workloads.waiting.job_notes import (
    IDEMPOTENT,
    notes_name,
    rules_of_skipping,
    rules_of_waiting,
    run_value,
    skip_if_completed,
)
from fairlead.publish.workloads.waiting.wait_containers import (
    container_name,
    wait_for_job,
    wait_for_service,
    wait_resources,
)
from fairlead.records import record


@record
class PodWaits:
    """What runs in one pod before its program.

    Args:
        containers: The containers that wait, in the order of the definition.
        rules: The rules of the Role that they need.
    """

    containers: list[dict[str, Any]]
    rules: list[dict[str, Any]]


class WaitPlanner:
    """Turns the waits of workloads into containers of their pods.

    Args:
        context: The chart in the making.
        members: All that gets pods.
        jobs: The identities of all Jobs, by resource.
    """

    def __init__(self, context: PlanningContext, members: Members, jobs: Mapping[str, JobIdentity]) -> None:
        self._context = context
        self._members = members
        self._jobs = jobs
        asked_for = members.workloads if context.environment.waits_for_jobs else ()
        awaited = {wait.target.name for workload in asked_for for wait in workload.waits}
        #: The Jobs that pods wait for, so that it is noted when they are complete.
        self.awaited_jobs = awaited & jobs.keys()

    def plan(self, workload: Workload) -> PodWaits:
        """The containers that wait for a workload; what can't be waited for is reported."""
        planned = PodWaits([], [])
        if workload.name in self.awaited_jobs:
            self._skip_if_completed(workload, planned)
        jobs = []
        for wait in self._waits(workload):
            target = wait.target.name
            name = container_name(f"wait-for-{object_name(target)}", _taken(workload, planned))
            port = self._reachable(wait)
            if not self._is_asked_for(target):
                continue
            if self._members.is_job(target):
                self._check_exit_code(workload, wait)
                jobs.append(self._jobs[target])
                planned.containers.append(self._wait_for_job(name, target))
            elif port is not None:
                self._context.translator.connections[workload.name, target, port.spec.name] = None
                host = self._context.translator.addresses.host(wait.target)
                planned.containers.append(wait_for_service(self._context.chart, name, host, port))
            else:
                self._report(workload, wait)
        for container in planned.containers:
            container["resources"] = wait_resources(self._context.chart, self._members.workloads)
        if jobs:
            planned.rules.extend(rules_of_waiting(jobs))
        return planned

    def _skip_if_completed(self, workload: Workload, planned: PodWaits) -> None:
        """Let the pods of a Job first look whether there is anything to do."""
        chart, job = self._context.chart, self._jobs[workload.name]
        name = container_name("skip-if-completed", _taken(workload, planned))
        planned.containers.append(skip_if_completed(chart, name, job, run_value(chart, workload.name)))
        planned.rules.extend(rules_of_skipping(job))

    def _wait_for_job(self, name: str, target: str) -> dict[str, Any]:
        chart, is_idempotent = self._context.chart, self._members.resources[target].created_by_job
        run = IDEMPOTENT if is_idempotent else run_value(chart, target)
        return wait_for_job(chart, name, notes_name(), self._jobs[target], run)

    def _waits(self, workload: Workload) -> list[Wait]:
        """The first wait for each target that pods can wait for."""
        first: dict[str, Wait] = {}
        for wait in workload.waits:
            if wait.target.name in self._context.inactive:
                continue
            first.setdefault(wait.target.name, wait)
        for wait in first.values():
            if wait.target.passive and wait.target.health_checks and wait.kind is WaitKind.READY:
                self._report(workload, wait)
        return [wait for wait in first.values() if not wait.target.passive]

    def _is_asked_for(self, target: str) -> bool:
        """Whether the environment wants pods to wait for a resource of this name."""
        environment = self._context.environment
        return environment.waits_for_jobs if self._members.is_job(target) else environment.waits_for_services

    def _reachable(self, wait: Wait) -> Port | None:
        """The port of the Service that tells whether the target of a wait is there."""
        if wait.kind is WaitKind.COMPLETED or self._problem(wait.target) is not None:
            return None
        ports = self._context.ports[wait.target.name].values()
        return next((port for port in ports if port.protocol == "TCP"), None)

    def _problem(self, target: Resource) -> str | None:
        """Why a pod can't wait for a resource, whatever for; None where it can."""
        if target.name in self._members.resources:
            return None
        if target.publish_as in ("dependency", "template"):
            return "is installed together with it"
        if target.passive:
            return "is not part of the chart, and only a run asks whether it is healthy"
        if problem := self._context.translator.addresses.problem(target):
            return problem.reason
        is_job = target.created_by_job or (
            isinstance(target, Workload)
            and (target.workload_kind == JOB or target.name in self._members.completion_targets)
        )
        return "is a Job of another environment, which it can't look at" if is_job else None

    def _check_exit_code(self, workload: Workload, wait: Wait) -> None:
        if wait.kind is WaitKind.COMPLETED and wait.exit_code:
            self._context.report.error(
                workload,
                f"it waits for {wait.target.name!r} to end with {wait.exit_code}, and a Job is complete only with 0",
                "Let it end with 0 where app.is_publish_mode.",
                wait.where,
            )

    def _report(self, workload: Workload, wait: Wait) -> None:
        """Say that a wait is left out."""
        target = wait.target
        if wait.kind is WaitKind.COMPLETED:
            label = f"its wait for the completion of {target.name!r}"
            controller = self._members.controllers.get(target.name, "workload of another environment")
            never = f"is a {controller}, which never completes"
        else:
            label, never = f"its wait for {target.name!r}", "has no TCP endpoint to ask"
        reason = self._problem(target) or never
        report = self._context.report
        tell = report.note if target.publish_choices and is_said(target) else report.warn
        tell(
            workload,
            f"{label} is left out: that {reason}",
            "Let the program try again until it is there; a pod that ends is started again.",
            wait.where,
        )


def _taken(workload: Workload, planned: PodWaits) -> set[str]:
    """The names that containers of a pod have already."""
    return {object_name(workload.name), *(container["name"] for container in planned.containers)}
