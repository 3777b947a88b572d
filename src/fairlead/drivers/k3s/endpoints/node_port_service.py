"""The Service that Fairlead keeps beside a declared one, so that the node's kernel leads to its pods: pure data.

It has the same selector and target port, and a node port that was chosen before the cluster's node was created. For a
Service without a selector, whose EndpointSlices come from its user, those are mirrored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from fairlead.drivers.k3s.own_labels import FAIRLEAD, MANAGED_BY, cut, is_own, own_name
from fairlead.engines.kube import Object, ObjectKind
from fairlead.model.names import listing, nearest

SERVICE: Final = ObjectKind("v1", "Service")
ENDPOINT_SLICE: Final = ObjectKind("discovery.k8s.io/v1", "EndpointSlice")
SERVICE_NAME: Final = "kubernetes.io/service-name"
"""The label by which an EndpointSlice belongs to a Service."""
FOR_SERVICE: Final = "dev.fairlead.service"
"""The annotation with the name of the declared Service that one of ours is for."""
SLICE_MANAGED_BY: Final = "endpointslice.kubernetes.io/managed-by"
_MOST_NAMED = 10
# What callers notice, and a copy keeps.
_COPIED = ("publishNotReadyAddresses", "sessionAffinity", "sessionAffinityConfig")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a service endpoint leads to, and how.

    Args:
        resource: The endpoint's name in the app.
        service: The Service.
        namespace: Its namespace.
        port: Its port, by number or name.
        protocol: The transport that callers use.
        node_port: The node port that was chosen for it.
        labels: The labels of what is created.
    """

    resource: str
    service: str
    namespace: str
    port: int | str
    protocol: str
    node_port: int
    labels: Mapping[str, str]

    @property
    def name(self) -> str:
        """The name of the Service that is kept beside."""
        return own_name(self.resource)


class Problem(NamedTuple):
    """Why a Service can't be led to, as a sentence, and what to do."""

    message: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.message}. {self.remedy}" if self.remedy else self.message


@dataclass(frozen=True, slots=True)
class OwnObjects:
    """What is to be kept in the cluster.

    Args:
        service: The Service beside the declared one.
        slices: Its EndpointSlices; none where Kubernetes makes them from its selector.
    """

    service: Object
    slices: tuple[Object, ...] = ()


def plan_own_objects(
    services: Mapping[str, Object], slices: Mapping[str, Object], wanted: Wanted
) -> OwnObjects | Problem:
    """What is to be kept in the cluster for a service endpoint, or why nothing can be.

    Args:
        services: The Services of its namespace by name.
        slices: The EndpointSlices of its namespace by name.
        wanted: The endpoint.
    """
    service = services.get(wanted.service)
    if service is None:
        return _no_service(services, wanted)
    spec = service["spec"]
    if spec.get("type") == "ExternalName":
        return Problem(
            f"Service {wanted.service} is an ExternalName for {spec.get('externalName')}, which has no pods to lead to",
            "Use that address itself: app.add_external_service().",
        )
    holder = services.get(wanted.name)
    if holder is not None and not is_own(holder, wanted.labels):
        return Problem(
            f"the name {wanted.name} in namespace {wanted.namespace} is taken by a Service that Fairlead did not make",
            f"Remove it (kubectl delete service {wanted.name} -n {wanted.namespace}), or rename the resource.",
        )
    port = find_port(spec.get("ports") or (), wanted)
    if isinstance(port, Problem):
        return port
    return OwnObjects(
        _own_service(service, port, wanted),
        () if spec.get("selector") else tuple(_mirrored(slices.values(), port, holder, wanted)),
    )


def find_port(ports: Iterable[Mapping[str, Any]], wanted: Wanted) -> Mapping[str, Any] | Problem:
    """The port of a Service that has the number or name, and the transport, that an endpoint asks for."""
    ports = list(ports)
    key = "port" if isinstance(wanted.port, int) else "name"
    named = [port for port in ports if port.get(key) == wanted.port]
    alike = [port for port in named if port.get("protocol", "TCP") == wanted.protocol]
    if alike:
        return alike[0]
    if named:
        transport = named[0].get("protocol", "TCP")
        scheme = "scheme='udp'" if transport == "UDP" else "another scheme than 'udp'"
        return Problem(
            f"port {wanted.port} of Service {wanted.service} is {transport}, not {wanted.protocol}",
            f"Give add_service_endpoint() {scheme}." if transport in ("TCP", "UDP") else "Only TCP and UDP are led to.",
        )
    known = ", ".join(_port_text(port) for port in ports) or "none"
    return Problem(
        f"Service {wanted.service} in namespace {wanted.namespace} has no port {wanted.port!r}; its ports are {known}",
        "Use one of those.",
    )


def is_kept(observed: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether all that was given for an object is in it as the cluster has it."""
    return _contains(observed, wanted)


def slices_of(slices: Iterable[Object], service: str) -> list[Object]:
    """The EndpointSlices of a Service."""
    return [each for each in slices if (each["metadata"].get("labels") or {}).get(SERVICE_NAME) == service]


def mirrored_slices(slices: Iterable[Object], wanted: Wanted) -> list[Object]:
    """The EndpointSlices that were mirrored for an endpoint.

    Those that Kubernetes makes carry the labels of our Service too, so the labels that say whose it is don't tell.
    """
    return [
        each
        for each in slices_of(slices, wanted.name)
        if (each["metadata"].get("labels") or {}).get(SLICE_MANAGED_BY) == FAIRLEAD
    ]


def ready_endpoints(slices: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The endpoints of some EndpointSlices that get traffic; one that says nothing of it is ready."""
    for each in slices:
        for endpoint in each.get("endpoints") or () if each.get("ports") else ():
            if (endpoint.get("conditions") or {}).get("ready") is not False:
                yield endpoint


def count_ready(slices: Iterable[Mapping[str, Any]]) -> int:
    """How many endpoints of some EndpointSlices get traffic."""
    return len({endpoint["addresses"][0] for endpoint in ready_endpoints(slices)})


def _no_service(services: Mapping[str, Object], wanted: Wanted) -> Problem:
    names = [
        name
        for name, service in services.items()
        if (service["metadata"].get("labels") or {}).get(MANAGED_BY) != FAIRLEAD
    ]
    shown = listing(names[:_MOST_NAMED]) + (" and others" if len(names) > _MOST_NAMED else "")
    there = f"there are {shown}" if names else "it has none"
    guess = nearest(wanted.service, names)
    return Problem(
        f"there is no Service {wanted.service!r} in namespace {wanted.namespace} yet; {there}",
        f"Did you mean {guess!r}?" if guess else "",
    )


def _port_text(port: Mapping[str, Any]) -> str:
    name = f" ({port['name']})" if port.get("name") else ""
    protocol = port.get("protocol", "TCP")
    return f"{port['port']}{name}" + (f"/{protocol}" if protocol != "TCP" else "")


def _own_service(service: Object, port: Mapping[str, Any], wanted: Wanted) -> Object:
    spec = service["spec"]
    kept = {key: port[key] for key in ("name", "appProtocol") if port.get(key)}
    own_port = {
        **kept,
        "port": port["port"],
        "targetPort": port.get("targetPort", port["port"]),
        "protocol": port.get("protocol", "TCP"),
        "nodePort": wanted.node_port,
    }
    own_spec: dict[str, Any] = {
        "type": "NodePort",
        # also from other nodes and other clients than the node itself, whatever the declared Service says
        "internalTrafficPolicy": "Cluster",
        "externalTrafficPolicy": "Cluster",
        "ports": [own_port],
        **{key: spec[key] for key in _COPIED if spec.get(key)},
    }
    if spec.get("selector"):
        own_spec["selector"] = dict(spec["selector"])
    metadata = {
        "name": wanted.name,
        "namespace": wanted.namespace,
        "labels": dict(wanted.labels),
        "annotations": {FOR_SERVICE: wanted.service},
        # the cluster removes it with the declared one, also while no host runs
        "ownerReferences": [_owner(service)],
    }
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": own_spec}


def _mirrored(
    slices: Iterable[Object], port: Mapping[str, Any], own_service: Object | None, wanted: Wanted
) -> Iterable[Object]:
    """Copies of the declared Service's EndpointSlices, with the one port; a port is matched by its name."""
    for each in slices_of(slices, wanted.service):
        ports = [entry for entry in each.get("ports") or () if (entry.get("name") or "") == (port.get("name") or "")]
        if each.get("addressType") == "FQDN" or not ports:
            continue
        metadata: dict[str, Any] = {
            "name": cut(f"{wanted.name}-{each['metadata']['name']}"),
            "namespace": wanted.namespace,
            "labels": {**wanted.labels, SERVICE_NAME: wanted.name, SLICE_MANAGED_BY: FAIRLEAD},
        }
        if own_service is not None:
            metadata["ownerReferences"] = [_owner(own_service)]
        yield {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": metadata,
            "addressType": each["addressType"],
            "endpoints": each.get("endpoints") or [],
            "ports": ports,
        }


def _owner(service: Object) -> dict[str, Any]:
    metadata = service["metadata"]
    return {"apiVersion": "v1", "kind": "Service", "name": metadata["name"], "uid": metadata["uid"]}


def _contains(observed: Any, wanted: Any) -> bool:
    if isinstance(wanted, Mapping):
        return isinstance(observed, Mapping) and all(
            key in observed and _contains(observed[key], value) for key, value in wanted.items()
        )
    if isinstance(wanted, list):
        return isinstance(observed, list) and len(observed) == len(wanted) and all(map(_contains, observed, wanted))
    return bool(observed == wanted)
