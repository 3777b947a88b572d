"""What an autoscaler or a disruption budget of a workload would not do as the definition may expect."""

from __future__ import annotations

from fairlead.model.kubernetes.workload_options import DisruptionBudget
from fairlead.model.programs.workload import Workload
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.workloads.controllers import SCALABLE_KINDS


def check_scaling(workload: Workload, controller: str, report: Report) -> None:
    """Report an autoscaler that has nothing to scale, or to go by, and a budget that no pod can ever leave.

    Args:
        workload: The workload.
        controller: The kind of its controller.
        report: Collects errors, warnings and notes.
    """
    if workload.autoscaling is not None:
        _check_autoscaler(workload, controller, report)
    if workload.disruption_budget is not None and controller in SCALABLE_KINDS:
        _check_budget(workload, workload.disruption_budget, report)


def _check_autoscaler(workload: Workload, controller: str, report: Report) -> None:
    scaling, requests = workload.autoscaling, workload.resource_needs.get("requests", {})
    assert scaling is not None
    if controller not in SCALABLE_KINDS:
        report.error(
            workload, f"a {controller} can't be scaled", "Take with_autoscaling() away, or ask for a Deployment."
        )
        return
    for label, percent in (("cpu", scaling.cpu), ("memory", scaling.memory)):
        if percent and label not in requests:
            report.note(
                workload,
                f"it is to be scaled by its use of {label}, and asks for none",
                f"Say what it needs: with_resources({label}=…), or set resources.{workload.name} at installation.",
            )


def _check_budget(workload: Workload, budget: DisruptionBudget, report: Report) -> None:
    pods = workload.replicas if workload.autoscaling is None else workload.autoscaling.minimum
    if evictable_pods(budget, pods) > 0:
        return
    more = "with_replicas" if workload.autoscaling is None else "with_autoscaling"
    report.warn(
        workload,
        f"its disruption budget lets none of its {pods} pods go, so a node with one can never be emptied"
        if pods > 1
        else "its disruption budget keeps its only pod where it is, so that node can never be emptied",
        f"Run more pods than have to stay: {more}(…), or let one go: with_disruption_budget(max_unavailable=1).",
    )


def evictable_pods(budget: DisruptionBudget, pods: int) -> int:
    """How many of some pods, all of them healthy, a budget lets go at once; Kubernetes rounds percentages up.

    Args:
        budget: The budget.
        pods: How many there are.
    """
    amount = budget.amount
    bound = amount if isinstance(amount, int) else -(-int(amount.removesuffix("%")) * pods // 100)
    return max(0, pods - bound) if budget.field == "minAvailable" else bound
