"""The Service of a workload: its name in the cluster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairlead.publish.chart import Chart
from fairlead.publish.labels import metadata, selector
from fairlead.publish.ports import Port, distinct

TYPES = ("ClusterIP", "NodePort", "LoadBalancer")


def service(chart: Chart, name: str, ports: Mapping[str, Port], service_type: str) -> dict[str, Any]:
    """The Service that listens on the ports the program listens on.

    Args:
        chart: The chart it is in.
        name: The name of the workload's objects.
        ports: The workload's ports.
        service_type: One of :data:`TYPES`.
    """
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(chart, name),
        "spec": {
            "type": service_type,
            "selector": selector(name),
            "ports": [
                {"name": port.name, "port": port.number, "targetPort": port.name, "protocol": port.protocol}
                for port in distinct(dict(ports))
            ],
        },
    }
