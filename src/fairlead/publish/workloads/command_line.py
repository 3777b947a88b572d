"""How a program that is a process locally is started in a container."""

from __future__ import annotations

from collections.abc import Mapping

from fairlead.model.workload import Workload
from fairlead.publish.chart.leaves import encode
from fairlead.publish.chart.ports import Port, plan_ports
from fairlead.resources.node import NodeApp, ViteApp
from fairlead.resources.python import PythonApp, UvicornApp

ALL_INTERFACES = "0.0.0.0"


def command_line(workload: Workload, ports: Mapping[str, Port]) -> tuple[list[str], list[str]]:
    """The command of a workload, and the arguments that go before its own; both empty to leave it to the image.

    Args:
        workload: A container, or a process.
        ports: Its ports in the cluster.
    """
    if workload.entrypoint is not None:
        return [str(encode(part, "dollars")) for part in workload.entrypoint], []
    command, first = _of_kind(workload, ports)
    return [str(encode(part, "dollars")) for part in command], [str(encode(part, "dollars")) for part in first]


def image_command(workload: Workload) -> list[str]:
    """What an image of a program runs by itself; the chart says it again, with the ports that it knows."""
    command, first = _of_kind(workload, plan_ports(workload))
    return [*command, *(part for part in first if part != "--")]


def endpoints_in_command_line(workload: Workload) -> set[str]:
    """The endpoints whose port is in the command line."""
    return {"http"} if isinstance(workload, UvicornApp) and workload.entrypoint is None else set()


def _of_kind(workload: Workload, ports: Mapping[str, Port]) -> tuple[list[str], list[str]]:
    if isinstance(workload, UvicornApp):
        # Locally it listens on loopback; in a pod the Service comes from outside.
        where = ["--host", ALL_INTERFACES, "--port", str(ports["http"].number)]
        return ["python", "-m", "uvicorn"], [workload.app, *where]
    if isinstance(workload, PythonApp):
        return _python(workload), []
    if isinstance(workload, ViteApp):
        return [], []  # its image serves the built page; the development server has no place in a cluster
    if isinstance(workload, NodeApp):
        if workload.script:
            return ["node", workload.script], []
        return ["npm", "run", str(workload.run_script)], ["--"] if workload.arguments else []
    return [], []


def _python(workload: PythonApp) -> list[str]:
    if workload.command_name:
        return [workload.command_name]
    return ["python", "-m", workload.module] if workload.module else ["python", str(workload.script)]
