"""What a node that goes on from run to run is brought up to date with: this machine's name servers and certificates.

They are files, so a laptop on another network needs no other node. CoreDNS has read them when it started, and passes
questions on to the servers that were there then; so it is started again on a node whose name servers have changed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from fairlead.drivers.containers.files import FileContent, archive, first_file
from fairlead.drivers.k3s.link import ClusterLinks
from fairlead.drivers.k3s.nodes.workarounds import RESOLV_CONF
from fairlead.engines.containers import ContainerEngine
from fairlead.engines.host_facts import is_for_others
from fairlead.engines.kube import KubernetesApi, ObjectKind, ObjectRef
from fairlead.errors import EngineError
from fairlead.model.driving.driver_context import DriverContext

_POD = ObjectKind("v1", "Pod")
_DNS_PODS = {"k8s-app": "kube-dns"}
_NAMESPACE = "kube-system"


async def renew_files(engine: ContainerEngine, container: str, files: Sequence[FileContent]) -> bool:
    """Write files of this machine into a node that was there already.

    Args:
        engine: The engine it runs in.
        container: The node's container.
        files: The files.

    Returns:
        Whether the node's name servers are others now.

    Raises:
        EngineError: The engine refuses.
    """
    servers = next((file.data for file in files if file.path == RESOLV_CONF), None)
    before = await _read(engine, container, RESOLV_CONF) if servers is not None else None
    if files:
        await engine.put_archive(container, archive(files, 0, 0))
    return servers != before


async def learned_name_servers(engine: ContainerEngine, container: str) -> tuple[str, ...]:
    """The name servers to which the engine passes on what a running container asks; none where it does not say."""
    text = await _read(engine, container, "/etc/resolv.conf")
    return external_servers((text or b"").decode(errors="replace"))


def external_servers(text: str) -> tuple[str, ...]:
    """The name servers behind Docker's own one, as newer versions note them; those on loopback are of no use."""
    # # ExtServers: [host(192.168.65.7) 10.0.0.2]
    noted = re.search(r"^# ExtServers: \[(?P<servers>[^\]]*)\]", text, re.MULTILINE)
    words = re.sub(r"host\(([^)]*)\)", r"\1", noted["servers"]).split() if noted else []
    return tuple(word for word in words if is_for_others(word))


async def restart_dns(context: DriverContext, cluster: str, node: str) -> None:
    """Start CoreDNS again where it runs on a node, once the cluster is up.

    Args:
        context: The node's start.
        cluster: The name of its cluster.
        node: The node's name in the cluster.
    """
    links = await context.shared(ClusterLinks, ClusterLinks.make)
    await context.wait_until(lambda: links.get(cluster) is not None, [cluster])
    link = links.get(cluster)
    try:
        if link is not None and await delete_dns_pods(link.api, node):
            context.log("The name servers of this machine have changed: CoreDNS is started again")
    except EngineError as error:
        context.log(f"CoreDNS still asks the name servers that this machine had before: {error.message}")


async def delete_dns_pods(api: KubernetesApi, node: str) -> int:
    """Delete the pods of CoreDNS on a node, which its Deployment replaces, and tell how many there were."""
    pods = (await api.list(_POD, namespace=_NAMESPACE, labels=_DNS_PODS)).items
    names = [pod["metadata"]["name"] for pod in pods if pod.get("spec", {}).get("nodeName") == node]
    for name in names:
        await api.delete(ObjectRef(_POD, name, _NAMESPACE))
    return len(names)


async def _read(engine: ContainerEngine, container: str, path: str) -> bytes | None:
    try:
        return first_file(await engine.get_archive(container, path))
    except EngineError:
        return None
