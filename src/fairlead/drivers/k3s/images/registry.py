"""The registry of a cluster: how it runs, how the nodes are told of it, and how other tools find it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

import yaml

from fairlead.drivers.container import ContainerDriver
from fairlead.drivers.k3s.link import ClusterLink
from fairlead.engines.kube import NotFound
from fairlead.engines.services.http_status import http_status
from fairlead.engines.sockets import LOCAL_HOST
from fairlead.errors import EngineError, EngineUnavailable
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.endpoints.consumer import Network
from fairlead.model.health import Health
from fairlead.model.names import normal_form
from fairlead.model.volume import ContainerFile
from fairlead.resources.k3s.registry import REGISTRY_PORT, K3sRegistry
from fairlead.resources.k3s.server import K3sServer

REGISTRIES_FILE: Final = "/etc/rancher/k3s/registries.yaml"
"""Where k3s reads, when it starts, which registries its nodes pull from (K3s documentation, "Private Registry")."""
_LOOPBACK: Final = ("localhost", "127.0.0.1")
_ANSWER_SECONDS: Final = 5.0
_RETRY_SECONDS: Final = 0.5
"""Between two tries to tell a cluster that does not answer, or is not complete yet."""


class RegistryDriver(ContainerDriver):
    """Runs a registry."""

    async def health(self) -> Health | None:
        """Healthy when it answers as registries do."""
        try:
            status = await http_status(f"http://{LOCAL_HOST}:{self.context.host_port('http')}/v2/", _ANSWER_SECONDS)
        except EngineError as error:
            return Health.unhealthy(error.message)
        if status in (HTTPStatus.OK, HTTPStatus.UNAUTHORIZED):  # the latter of one that asks first who it is
            return Health.healthy("answers as a registry does")
        return Health.unhealthy(f"answers with {status}, as no registry does")


def registry_files(context: DriverContext, cluster: K3sServer) -> tuple[ContainerFile, ...]:
    """What the nodes of a cluster find in their containers because of its registry; nothing if it has none.

    Args:
        context: The start of a node.
        cluster: Its cluster.
    """
    if cluster.registry is None:
        return ()
    contents = registries_yaml(registry_hosts(context, cluster.registry), cluster.registry)
    return (ContainerFile(REGISTRIES_FILE, contents),)


def registry_hosts(context: DriverContext, registry: K3sRegistry) -> tuple[str, ...]:
    """What stands for a registry in names of images: this machine's port of it first, its name on the network last."""
    port = context.address(registry.endpoint("http"), Network.HOST).port
    return (*(f"{host}:{port}" for host in _LOOPBACK), _inside(registry))


def registries_yaml(hosts: Iterable[str], registry: K3sRegistry) -> str:
    """k3s's ``registries.yaml`` by which nodes pull from a registry, whatever it is called in the name of an image.

    Args:
        hosts: What it is called in names of images.
        registry: The registry, which speaks HTTP on the app's network.
    """
    endpoint = f"http://{_inside(registry)}"
    return yaml.safe_dump({"mirrors": {host: {"endpoint": [endpoint]} for host in hosts}}, sort_keys=False)


async def announce_registry(context: DriverContext, link: ClusterLink) -> None:
    """Tell tools such as Tilt and Skaffold where to push, in the ConfigMap that KEP-1755 has for it.

    Args:
        context: The start of the cluster.
        link: The cluster.
    """
    cluster = context.resource
    assert isinstance(cluster, K3sServer)
    if cluster.registry is None:
        return
    outside, *_, inside = registry_hosts(context, cluster.registry)
    hosting = {"host": outside, "hostFromContainerRuntime": inside, "hostFromClusterNetwork": inside}
    metadata = {"name": "local-registry-hosting", "namespace": "kube-public"}
    data = {"localRegistryHosting.v1": yaml.safe_dump(hosting, sort_keys=False)}
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}
    while True:
        try:
            await link.api.apply(config, force=True)
            return
        except (NotFound, EngineUnavailable):  # the namespace comes a moment after the API
            await asyncio.sleep(_RETRY_SECONDS)
        except EngineError as error:
            context.log(f"The registry can't be announced to other tools: {error.explanation}")
            return


def _inside(registry: K3sRegistry) -> str:
    return f"{normal_form(registry.name)}:{REGISTRY_PORT}"
