"""The Service of a workload: its name in the cluster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from fairlead.model.parameter import Parameter
from fairlead.model.programs.workload import Workload
from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.common_metadata import METADATA_SCHEMA
from fairlead.publish.chart.labels import metadata, selector
from fairlead.publish.chart.leaves import Part, WithDefault
from fairlead.publish.chart.names import PORT, cut
from fairlead.publish.chart.open_mapping import OpenMapping
from fairlead.publish.chart.ports import Port, distinct
from fairlead.publish.chart.properties import Given, property_value
from fairlead.publish.chart.sections import Section
from fairlead.publish.translation.translator import Translator
from fairlead.resources.kubernetes.properties import ServiceType

TYPES = get_args(ServiceType)
#: The fields of a Service that the chart's user may set; ``ports`` are more of them.
FIELDS = (
    "allocateLoadBalancerNodePorts",
    "externalTrafficPolicy",
    "internalTrafficPolicy",
    "ipFamilies",
    "ipFamilyPolicy",
    "loadBalancerClass",
    "loadBalancerIP",
    "loadBalancerSourceRanges",
    "ports",
    "sessionAffinity",
    "trafficDistribution",
)
_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}
_PORT = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "appProtocol": _TEXT,
        "name": _TEXT,
        "nodePort": {"type": "integer"},
        "port": {"type": "integer"},
        "protocol": _TEXT,
        "targetPort": {"type": ["integer", "string"]},
    },
    "required": ["name", "port", "targetPort"],
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "type": {"type": "string", "enum": list(TYPES)},
        "annotations": METADATA_SCHEMA,
        **dict.fromkeys(FIELDS, _TEXT),
        "allocateLoadBalancerNodePorts": {"type": "boolean"},
        "ipFamilies": _TEXTS,
        "loadBalancerSourceRanges": _TEXTS,
        "ports": {"type": "array", "items": _PORT},
    },
}


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
    chart: Chart,
    workload: Workload,
    name: str,
    ports: Mapping[str, Port],
    service_type: Given,
    translator: Translator,
) -> dict[str, Any]:
    """The Service that listens on the ports the program listens on.

    Its values are one mapping, of which few keys are there by default.

    Args:
        chart: The chart it is in.
        workload: Whose Service it is.
        name: The name of the workload's objects.
        ports: The workload's ports.
        service_type: One of :data:`TYPES`, where the definition says nothing else of this one.
        translator: Turns deferred values into leaves.
    """
    options = workload.service
    given = options.type or service_type
    texts = {key: value for key, value in options.annotations.items() if isinstance(value, str)}
    deferred = {key: value for key, value in options.annotations.items() if key not in texts}
    annotations = translator.annotations(deferred, workload, options.where or workload.where, "Service")
    default = {"annotations": texts, "ports": _more_ports(options.ports, ports)}
    user = chart.values.declare(
        Section.SERVICES.value(workload.name),
        {
            **({} if isinstance(given, Parameter) else {"type": given}),
            **{key: part for key, part in default.items() if part},
        },
        kind="object",
        schema=SCHEMA,
    )
    usual = property_value(chart, workload.name, (), given) if isinstance(given, Parameter) else given or TYPES[0]
    spec = {"type": WithDefault(Part(user, "type"), usual), "selector": selector(name), "ports": _ports(ports)}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {**metadata(chart, name), "annotations": OpenMapping(annotations, Part(user, "annotations"))},
        "spec": OpenMapping(spec, user, fields=FIELDS, added=("ports",)),
    }


def _more_ports(wanted: Mapping[int, str], ports: Mapping[str, Port]) -> list[dict[str, Any]]:
    """Further ports of a Service that lead to endpoints of its program."""
    return [
        {
            "name": cut(f"{port.name}-{number}", PORT),
            "port": number,
            "targetPort": port.name,
            **({} if port.protocol == "TCP" else {"protocol": port.protocol}),
        }
        for number, endpoint in wanted.items()
        for port in (_named(endpoint, ports),)
    ]


def _named(endpoint: str, ports: Mapping[str, Port]) -> Port:
    """The port of an endpoint, by the name under which the container has it."""
    port = ports[endpoint]
    return next(
        known for known in distinct(dict(ports)) if (known.number, known.protocol) == (port.number, port.protocol)
    )
