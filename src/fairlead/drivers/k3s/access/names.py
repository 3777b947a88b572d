"""Names both ways: keeps CoreDNS of a cluster told of the addresses that the app's resources have."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from functools import partial

from fairlead.drivers.containers.naming import APP, RESOURCE
from fairlead.drivers.containers.network import network_of
from fairlead.drivers.k3s.access.pod_names import (
    HOSTS_KEY,
    SERVER_KEY,
    address_in_lookup,
    addresses_of_names,
    has_view_plugin,
    hosts_file,
    known_names,
    server_block,
)
from fairlead.drivers.k3s.link import ClusterLink
from fairlead.engines.kube import ApiRefusal, KubernetesApi, NotFound, Object, ObjectKind, ObjectRef
from fairlead.errors import EngineError, EngineUnavailable
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.endpoints.placement import HOST_FROM_CONTAINER
from fairlead.model.resource import Resource
from fairlead.resources.k3s.server import K3sServer

MANAGER = "fairlead-names"
"""Owns the keys, and not ``fairlead``: a manifest of the user's may have other keys in the same ConfigMap."""
_NAMESPACE = "kube-system"
_CONFIG_MAP = ObjectKind("v1", "ConfigMap")
_CONFIG = ObjectRef(_CONFIG_MAP, "coredns-custom", _NAMESPACE)
_POD = ObjectKind("v1", "Pod")
_DNS_PODS = {"k8s-app": "kube-dns"}
_ANNOTATION = "dev.fairlead/names"
_RETRY_SECONDS = 0.5
"""Between two tries to tell a cluster that does not answer, or is not complete yet."""


async def keep_names(context: DriverContext, link: ClusterLink) -> None:
    """Let pods find the app's resources by the names that containers know, and keep that right until cancelled.

    Returns at once, with a line in the log, where the cluster can't be told.

    Args:
        context: The start of the cluster.
        link: The cluster.
    """
    cluster = context.resource
    assert isinstance(cluster, K3sServer)
    if (reason := why_untold(cluster)) is not None:
        context.log(f"Pods can't find the app's resources by their names: {reason}")
        return
    resources = tuple(resource for resource in context.app if context.snapshot(resource.name) is not None)
    keeper = _NameKeeper(context, link, resources)
    while True:
        seen = keeper.view()
        if not await keeper.refresh():
            await asyncio.sleep(_RETRY_SECONDS)
            continue
        await context.wait_until(partial(keeper.differs, seen), keeper.ids)


def why_untold(cluster: K3sServer) -> str | None:
    """Why a cluster's DNS can't be told of names, as the end of a sentence; None where it can."""
    if "coredns" in cluster.disabled_components:
        return "its CoreDNS is disabled"
    image = cluster.image_reference or ""
    return None if has_view_plugin(image) else f"the CoreDNS of {image} is too old; k3s v1.27 and later can"


class _NameKeeper:
    """Tells a cluster's DNS of the addresses of resources."""

    def __init__(self, context: DriverContext, link: ClusterLink, resources: tuple[Resource, ...]) -> None:
        self._context = context
        self._link = link
        self._resources = resources
        self._refusal = ""
        self.ids = tuple(resource.name for resource in resources if resource.placement.is_container)

    def view(self) -> tuple[object, ...]:
        """What of the containers' snapshots tells that an address may have changed."""
        snapshots = [self._context.snapshot(id) for id in self.ids]
        return tuple(
            (each.state, each.starts, dict(each.properties).get("container")) for each in snapshots if each is not None
        )

    def differs(self, seen: tuple[object, ...]) -> bool:
        """Whether something has changed since a view."""
        return self.view() != seen

    async def refresh(self) -> bool:
        """Tell the DNS of the addresses as they are now; whether that is done, or it makes no sense to try again."""
        try:
            host = await self._host()
            addresses = addresses_of_names(self._resources, await self._containers(), host)
            await tell(self._link.api, server_block(known_names(self._resources, host)), hosts_file(addresses))
        except (EngineUnavailable, NotFound):  # an engine or a cluster on its way up, or down
            return False
        except EngineError as error:
            if error.message != self._refusal:
                self._refusal = error.message
                self._context.log(f"Pods may not find the app's resources by their names: {error.explanation}")
        return True

    async def _containers(self) -> dict[str, str]:
        """The addresses of the containers that run, by the names of their resources."""
        infos = await self._link.engine.containers({APP: self._context.app_id})
        addresses = {
            info.labels.get(RESOURCE, ""): info.networks.get(self._link.network, "")
            for info in infos
            if info.state == "running"
        }
        return {name: address for name, address in addresses.items() if address}

    async def _host(self) -> str | None:
        """The address at which pods reach this machine: the gateway, or what an engine in a virtual machine says."""
        network = await network_of(self._context)
        if not self._link.engine.is_desktop:
            return network.info.gateway
        _, output = await self._link.engine.exec(self._link.server, ("nslookup", HOST_FROM_CONTAINER))
        return address_in_lookup(output.decode("utf-8", "replace"))


async def tell(api: KubernetesApi, block: str, hosts: str) -> None:
    """Give CoreDNS a server block and a hosts file, so that it knows them within seconds.

    The kubelet brings a changed ConfigMap into a pod after up to a minute, and at once when an annotation of the pod
    changes (Kubernetes documentation, "Configure a Pod to Use a ConfigMap"). CoreDNS looks at the hosts file each
    second; at the server block only every half a minute, so it is started anew for that. The block changes only between
    runs.

    Args:
        api: The cluster's API.
        block: The server block.
        hosts: The hosts file.
    """
    data = {SERVER_KEY: block, HOSTS_KEY: hosts}
    before: Mapping[str, str] = (await api.get(_CONFIG) or {}).get("data") or {}
    if all(before.get(key) == text for key, text in data.items()):
        return
    config = {"metadata": {"name": _CONFIG.name, "namespace": _NAMESPACE}, "data": data}
    await api.apply({"apiVersion": "v1", "kind": "ConfigMap", **config}, manager=MANAGER, force=True)
    for pod in (await api.list(_POD, namespace=_NAMESPACE, labels=_DNS_PODS)).items:
        if "nodeName" not in pod.get("spec", {}):
            continue  # it has not begun, and will find all of it
        if before.get(SERVER_KEY) != block:
            await api.delete(ObjectRef.of(pod))
        else:
            await _refresh_volumes(api, pod, hosts)


async def _refresh_volumes(api: KubernetesApi, pod: Object, hosts: str) -> None:
    ref = ObjectRef.of(pod)
    digest = hashlib.sha256(hosts.encode()).hexdigest()[:16]
    metadata = {"name": ref.name, "namespace": ref.namespace, "annotations": {_ANNOTATION: digest}}
    try:
        await api.apply({"apiVersion": "v1", "kind": "Pod", "metadata": metadata}, manager=MANAGER, force=True)
    except ApiRefusal as error:
        # it has gone meanwhile, and what is applied then is no complete pod; the one that replaces it finds all
        if await api.get(ref) is not None:
            raise error
