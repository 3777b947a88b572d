"""Whether what a cluster has kept in its volume goes with what the definition says now.

A cluster can't give its Services other addresses. One that is told of another range goes on with the old ones, while
its pods ask for names at an address of the new range, where nothing answers.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from fairlead.engines.kube import KubernetesApi, Object, ObjectKind, ObjectRef
from fairlead.errors import StartError
from fairlead.resources.k3s.server import DEFAULT_SERVICE_SUBNET, K3sServer

_FIRST_SERVICE = ObjectRef(ObjectKind("v1", "Service"), "kubernetes", "default")


def what_is_lost(cluster: K3sServer) -> str:
    """What becomes of a cluster whose containers are created anew, as the end of a sentence."""
    if cluster.keeps_data:
        return "what is in it stays, in its volume"
    return "it is empty now, as only with_data_volume() keeps what is in it"


async def check_kept_data(api: KubernetesApi, cluster: K3sServer) -> None:
    """See to it that a cluster's data is that of the cluster that the definition describes.

    Args:
        api: The cluster's API.
        cluster: The cluster.

    Raises:
        StartError: It is not.
    """
    if not cluster.keeps_data:
        return
    subnet = cluster.service_subnet or DEFAULT_SERVICE_SUBNET
    address = address_outside(await api.get(_FIRST_SERVICE), subnet)
    if address is not None:
        raise StartError(
            f"its volume holds a cluster whose services have addresses like {address}, outside of {subnet}",
            remedy="Change with_service_subnet() back, or start afresh: fairlead down --volumes.",
        )


def address_outside(service: Object | None, subnet: str) -> str | None:
    """The address of a Service, if it has one that is in no range of a subnet."""
    address = (service or {}).get("spec", {}).get("clusterIP")
    if not address or address == "None":
        return None
    return None if any(ip_address(address) in ip_network(part) for part in subnet.split(",")) else str(address)
