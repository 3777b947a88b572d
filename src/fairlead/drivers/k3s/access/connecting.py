"""Getting at the API of a cluster whose server has been started."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from fairlead.drivers.containers.files import first_file
from fairlead.drivers.k3s.nodes.node_arguments import node_name
from fairlead.engines.containers import ContainerEngine
from fairlead.engines.kube import KubernetesApi
from fairlead.engines.kube.client import connect
from fairlead.engines.kube.kubeconfig import parse, point_at
from fairlead.errors import EngineError
from fairlead.model.endpoints.consumer import Network
from fairlead.resources.k3s.server import API_PORT

KUBECONFIG_IN_NODE = "/etc/rancher/k3s/k3s.yaml"
_PAUSE = 0.25
"""Seconds between two questions to a server that is coming up."""


async def kubeconfig_of_server(engine: ContainerEngine, container: str) -> dict[str, Any]:
    """The kubeconfig that k3s writes for itself, as soon as it is there.

    It is read by the engine's API and not through a folder of this machine, so that the engine may be anywhere.

    Raises:
        EngineError: It makes no sense.
    """
    while True:
        try:
            data = first_file(await engine.get_archive(container, KUBECONFIG_IN_NODE))
        except EngineError:  # not there yet; an engine that is away comes back
            data = b""
        if data:
            return parse(data.decode(), KUBECONFIG_IN_NODE)
        await asyncio.sleep(_PAUSE)


def kubeconfigs_for(kubeconfig: Mapping[str, Any], cluster: str, host_port: int) -> dict[Network, Mapping[str, Any]]:
    """A kubeconfig for each network, with the address of the API there.

    Args:
        kubeconfig: With all rights, as the server has it.
        cluster: The cluster's name.
        host_port: The API's port of this machine.
    """
    inside = point_at(kubeconfig, f"https://{node_name(cluster)}:{API_PORT}", name=cluster)
    outside = point_at(kubeconfig, f"https://127.0.0.1:{host_port}", name=cluster)
    return {Network.HOST: outside, Network.CONTAINER: inside, Network.POD: inside}


async def connect_when_ready(kubeconfig: Mapping[str, Any], on_reason: Callable[[str], None]) -> KubernetesApi:
    """Connect to an API, and return when it says that it is ready.

    Args:
        kubeconfig: With its address on this machine.
        on_reason: Told what it is waiting for.
    """
    api = await connect(kubeconfig)
    try:
        while reason := await _why_unready(api):
            on_reason(reason)
            await asyncio.sleep(_PAUSE)
    except BaseException:
        await api.close()
        raise
    return api


async def _why_unready(api: KubernetesApi) -> str:
    try:
        unready = await api.unready()
    except EngineError as error:
        return f"its API server does not answer yet: {error.message}"
    return f"its API server is not ready yet: {', '.join(unready)}" if unready else ""


def secrets_of(kubeconfig: Mapping[str, Any]) -> list[str]:
    """The texts of a kubeconfig that nobody is to see."""
    users = [entry.get("user", {}) for entry in kubeconfig.get("users", ())]
    return [user[key] for user in users for key in ("client-key-data", "token", "password") if user.get(key)]
