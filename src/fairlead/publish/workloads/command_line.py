"""How a program that is a process locally is started in a container."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fairlead.model.programs.workload import Workload
from fairlead.publish.chart.leaves import encode
from fairlead.publish.chart.ports import Port
from fairlead.publish.cluster_kind import cluster_kind_of


def command_line(workload: Workload, ports: Mapping[str, Port]) -> tuple[list[str], list[str]]:
    """The command of a workload, and the arguments that go before its own; both empty to leave it to the image.

    Args:
        workload: A container, or a process.
        ports: Its ports in the cluster.
    """
    if workload.entrypoint is not None:
        return _escaped(workload.entrypoint), []
    line = cluster_kind_of(workload).command_line(workload, ports)
    return _escaped(line.command), _escaped(line.arguments)


def endpoints_in_command_line(workload: Workload) -> frozenset[str]:
    """The endpoints whose port is in the command line."""
    return cluster_kind_of(workload).endpoints_in_command_line(workload) if workload.entrypoint is None else frozenset()


def _escaped(parts: Iterable[str]) -> list[str]:
    return [str(encode(part, "dollars")) for part in parts]
