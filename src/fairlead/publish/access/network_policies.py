"""NetworkPolicies: only those may connect to a resource whose definition says that they do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fairlead.model.resource import Resource
from fairlead.model.wait import WaitKind
from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.labels import NAME, metadata, selector
from fairlead.publish.chart.names import object_name
from fairlead.publish.chart.ports import Port, distinct

#: Who connects to which endpoint of whom, by their names.
Connections = Iterable[tuple[str, str, str]]


def add_network_policies(
    chart: Chart, resources: Iterable[Resource], ports: Mapping[str, Mapping[str, Port]], connections: Connections
) -> None:
    """Add a policy for the pods of each resource.

    Args:
        chart: The chart, with the objects of all resources.
        resources: The resources that get pods: workloads, and databases that a Job creates.
        ports: The ports of all resources.
        connections: The endpoints that are in somebody's environment.
    """
    callers: dict[tuple[str, str], list[str]] = {}
    for consumer, owner, endpoint in [*connections, *_connections_of_waits(chart, ports)]:
        callers.setdefault((owner, endpoint), []).append(consumer)
    pods = _pods(chart)
    for resource in resources:
        name = object_name(resource.name)
        rules = [
            _rule(port, callers.get((resource.name, endpoint), []), pods) for endpoint, port in _own(resource, ports)
        ]
        chart.add(
            resource,
            {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "NetworkPolicy",
                "metadata": metadata(chart, name),
                "spec": {
                    "podSelector": {"matchLabels": selector(pods.get(resource.name, [name])[0])},
                    "policyTypes": ["Ingress"],
                    "ingress": [rule for rule in rules if rule is not None],
                },
            },
        )


def _own(resource: Resource, ports: Mapping[str, Mapping[str, Port]]) -> list[tuple[str, Port]]:
    own = dict(ports.get(resource.name, {}))
    return [(port.spec.name, port) for port in distinct(own)]


def _rule(port: Port, callers: list[str], pods: Mapping[str, list[str]]) -> dict[str, Any] | None:
    """Who may connect to a port: anybody where it is external, nobody where no one refers to it."""
    allowed: dict[str, Any] = {"ports": [{"port": port.number, "protocol": port.protocol}]}
    if port.spec.external:
        return allowed
    names = dict.fromkeys(name for caller in callers for name in pods.get(caller, []))
    peers = [{"podSelector": {"matchLabels": selector(name)}} for name in names]
    return {"from": peers, **allowed} if peers else None


def _pods(chart: Chart) -> dict[str, list[str]]:
    """What the pods of each resource are labelled with as their name."""
    found: dict[str, list[str]] = {}
    for made in chart.objects:
        labels = _template(made.body).get("metadata", {}).get("labels", {})
        if NAME in labels:
            found.setdefault(made.owner.name, []).append(labels[NAME])
    return found


def _template(body: Mapping[str, Any]) -> Mapping[str, Any]:
    spec = body.get("spec", {})
    if "jobTemplate" in spec:
        spec = spec["jobTemplate"]["spec"]
    found: Mapping[str, Any] = spec.get("template", {})
    return found


def _connections_of_waits(chart: Chart, ports: Mapping[str, Mapping[str, Port]]) -> Iterable[tuple[str, str, str]]:
    """Who asks whether another answers: those that wait for it, and what was made for a part of it."""
    owners: dict[str, Resource] = {made.owner.name: made.owner for made in chart.objects}
    for name, owner in owners.items():
        targets = [wait.target for wait in owner.waits if wait.kind is not WaitKind.COMPLETED]
        targets += [target.parent for target in targets if target.parent is not None]
        targets += [owner.parent] if owner.parent is not None else []
        for target in targets:
            for endpoint in ports.get(target.name, ()):
                yield name, target.name, endpoint
