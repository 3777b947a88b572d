"""Why nothing is behind a Service, from its pods: what a user has to know who waits for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from fairlead.drivers.k3s.endpoints.node_port_service import ready_endpoints
from fairlead.drivers.k3s.reasons import reason_of_pod
from fairlead.engines.kube import KubernetesApi, Object, ObjectKind, ObjectList
from fairlead.engines.kube.times import seconds_since_epoch

POD: Final = ObjectKind("v1", "Pod")
EVENT: Final = ObjectKind("v1", "Event")


async def why_no_endpoint(api: KubernetesApi, service: Object) -> str:
    """Why a Service has no ready endpoint.

    Args:
        api: The cluster.
        service: The Service.
    """
    metadata, selector = service["metadata"], service["spec"].get("selector")
    if not selector:
        return f"no endpoint in the EndpointSlices of Service {metadata['name']} is ready"
    pods = (await pods_of(api, service)).items
    unready = next((pod for pod in pods if reason_of_pod(pod)), None)
    events: Sequence[Object] = ()
    if unready is not None:
        about = {"involvedObject.name": unready["metadata"]["name"]}
        events = (await api.list(EVENT, namespace=metadata["namespace"], fields=about)).items
    return reason_of_service(service, pods, events)


async def pods_of(api: KubernetesApi, service: Object) -> ObjectList:
    """The pods that the selector of a Service matches."""
    return await api.list(POD, namespace=service["metadata"]["namespace"], labels=service["spec"]["selector"])


def reason_of_service(
    service: Mapping[str, Any], pods: Sequence[Mapping[str, Any]], events: Iterable[Mapping[str, Any]] = ()
) -> str:
    """Why a Service with a selector has no ready endpoint.

    Args:
        service: The Service.
        pods: The pods that its selector matches.
        events: Events about the first of them that is not well.
    """
    selector = ",".join(f"{name}={value}" for name, value in service["spec"]["selector"].items())
    if not pods:
        return f"no pod has the labels {selector} that its Service {service['metadata']['name']} selects"
    events = list(events)
    for pod in pods:
        if reason := reason_of_pod(pod, events):
            return f"pod {pod['metadata']['name']}: {reason}"
    named = sorted({port["targetPort"] for port in service["spec"]["ports"] if isinstance(port.get("targetPort"), str)})
    if named and not any(set(named) & _port_names(pod) for pod in pods):
        return f"its pods are ready, but none has a container port named {' or '.join(named)}"
    return "its pods are ready, and Kubernetes has not made them its endpoints yet"


def is_from_before(pod: Mapping[str, Any], node_starts: Mapping[str, float]) -> bool:
    """Whether what is known of a pod is from before its node was started again.

    Until the node reports, its pods count as ready at addresses that are other pods' by then.

    Args:
        pod: The pod.
        node_starts: When each node's container was started, in seconds since the epoch.
    """
    started = node_starts.get((pod.get("spec") or {}).get("nodeName", ""))
    if started is None:
        return False
    statuses = (pod.get("status") or {}).get("containerStatuses") or ()
    running = (status["state"]["running"] for status in statuses if status.get("state", {}).get("running"))
    # the cluster's times are cut to seconds
    return any(seconds_since_epoch(state["startedAt"]) < int(started) for state in running if state.get("startedAt"))


def has_present_endpoint(
    slices: Iterable[Mapping[str, Any]], pods: Iterable[Mapping[str, Any]], node_starts: Mapping[str, float]
) -> bool:
    """Whether a ready endpoint is not known to be of a time before its node was started again.

    Args:
        slices: The EndpointSlices.
        pods: The pods that may be in them.
        node_starts: As for :func:`is_from_before`.
    """
    by_name = {pod["metadata"]["name"]: pod for pod in pods}
    for endpoint in ready_endpoints(slices):
        pod = by_name.get((endpoint.get("targetRef") or {}).get("name", ""))
        if pod is None:
            return True
        addresses = {address["ip"] for address in (pod.get("status") or {}).get("podIPs") or ()}
        if not is_from_before(pod, node_starts) and not addresses.isdisjoint(endpoint["addresses"]):
            return True
    return False


def _port_names(pod: Mapping[str, Any]) -> set[str]:
    """The names of a pod's ports; those of sidecars, which are init containers that keep running, count as well."""
    spec = pod["spec"]
    sidecars = [each for each in spec.get("initContainers") or () if each.get("restartPolicy") == "Always"]
    containers = [*spec["containers"], *sidecars]
    return {port["name"] for each in containers for port in each.get("ports") or () if port.get("name")}
