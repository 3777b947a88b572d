"""What is judged before a cluster starts."""

from __future__ import annotations

from collections.abc import Sequence

from fairlead.drivers.finding import Finding
from fairlead.drivers.k3s.nodes.machine import Machine
from fairlead.drivers.k3s.nodes.preflight import ClusterPlan, judge_machine, judge_subnets
from fairlead.errors import StartError
from fairlead.model.app import App
from fairlead.model.driving.driver_context import DriverContext
from fairlead.resources.k3s.server import K3sServer


def check_before_start(
    context: DriverContext, cluster: K3sServer, machine: Machine, network: Sequence[str], *, runs_already: bool = False
) -> list[Finding]:
    """Judge a machine before a cluster starts on it; what is no reason not to start goes to the log.

    Args:
        context: The start.
        cluster: The cluster.
        machine: What its nodes run on.
        network: The subnets of the network that they join.
        runs_already: Whether it runs from an earlier start, so that nothing is reason enough not to take it over.

    Raises:
        StartError: The start would be pointless.
    """
    plan = ClusterPlan.of(cluster, network)
    findings = judge_machine(machine.facts, machine.host, nodes_of(context.app))
    findings += judge_subnets(plan, machine.host, machine.networks)
    problems = [finding for finding in findings if finding.result == "problem"]
    if problems and not runs_already:
        text = "; ".join(finding.text.removeprefix(f"{cluster.name}: ") for finding in problems)
        raise StartError(text, remedy=" ".join(finding.remedy for finding in problems))
    for finding in findings:
        context.log(f"{finding.text[:1].upper()}{finding.text[1:]}. {finding.remedy}")
    return findings


def nodes_of(app: App) -> int:
    """How many nodes all the clusters of an app have."""
    return sum(1 + len(item.agents) for item in app if isinstance(item, K3sServer))
