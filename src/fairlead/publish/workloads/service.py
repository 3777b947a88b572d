"""The Service of a workload: its name in the cluster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairlead.model.workload import Workload
from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.labels import metadata, selector
from fairlead.publish.chart.ports import Port, distinct
from fairlead.publish.chart.properties import Given, property_value
from fairlead.publish.chart.sections import Section

TYPES = ("ClusterIP", "NodePort", "LoadBalancer")
TYPE_SCHEMA = {"type": "string", "enum": list(TYPES)}


def headless_service(chart: Chart, name: str, headless: str, ports: Mapping[str, Port]) -> dict[str, Any]:
    """The Service that gives each pod of a StatefulSet a name, also while the pod is not ready.

    Args:
        chart: The chart it is in.
        name: The name of the workload's objects.
        headless: Its own name.
        ports: The workload's ports.
    """
    spec: dict[str, Any] = {"clusterIP": "None", "publishNotReadyAddresses": True, "selector": selector(name)}
    if ports:
        spec["ports"] = _ports(ports)
    made = {"apiVersion": "v1", "kind": "Service", "metadata": {**metadata(chart, name), "name": headless}}
    return {**made, "spec": spec}


def _ports(ports: Mapping[str, Port]) -> list[dict[str, Any]]:
    return [
        {"name": port.name, "port": port.number, "targetPort": port.name, "protocol": port.protocol}
        for port in distinct(dict(ports))
    ]


def service(
    chart: Chart, workload: Workload, name: str, ports: Mapping[str, Port], service_type: Given
) -> dict[str, Any]:
    """The Service that listens on the ports the program listens on.

    Args:
        chart: The chart it is in.
        workload: Whose Service it is.
        name: The name of the workload's objects.
        ports: The workload's ports.
        service_type: One of :data:`TYPES`, for as long as nobody sets another.
    """
    type_value = property_value(
        chart, workload.name, Section.SERVICES.value(workload.name, "type"), service_type, schema=TYPE_SCHEMA
    )
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(chart, name),
        "spec": {
            "type": type_value,
            "selector": selector(name),
            "ports": _ports(ports),
        },
    }
