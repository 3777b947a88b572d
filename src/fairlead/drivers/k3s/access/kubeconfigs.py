"""Kubeconfigs for those who refer to a cluster: each its own, with the address that it reaches the API at.

A process of this machine gets the path of a file, a container a copy of it. A container that runs already when the
cluster is created anew gets the new one in the place of the old.
"""

from __future__ import annotations

import io
import shutil
import tarfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from fairlead.engines.containers import ContainerEngine
from fairlead.engines.kube.kubeconfig import dump
from fairlead.errors import EngineError, StateError
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.endpoints.consumer import Network
from fairlead.model.resource import Consumer
from fairlead.resources.container import Container
from fairlead.resources.k3s.server import kubeconfig_output, kubeconfig_path
from fairlead.runtime.store.files import private_folder, write_private

Kubeconfigs = Mapping[Network, Mapping[str, Any]]


def kubeconfig_folder(context: DriverContext, cluster: str) -> Path:
    """The folder with the kubeconfigs of a cluster for this machine."""
    return private_folder(private_folder(context.state_folder / "clusters") / cluster)


def forget_kubeconfigs(context: DriverContext, cluster: str) -> None:
    """Remove the kubeconfigs of a cluster that is gone."""
    with suppress(OSError, StateError):
        shutil.rmtree(kubeconfig_folder(context, cluster))


def write_own(context: DriverContext, cluster: str, kubeconfigs: Kubeconfigs) -> Path:
    """Write the kubeconfig with all rights, and make it known to those who take it as a value.

    Returns:
        The file.

    Raises:
        StateError: It can't be written.
    """
    path = kubeconfig_folder(context, cluster) / "kubeconfig"
    write_private(path, dump(kubeconfigs[Network.HOST]).encode())
    for network, kubeconfig in kubeconfigs.items():
        context.set_output("kubeconfig", dump(kubeconfig), network=network)
    return path


async def deliver(
    context: DriverContext, engine: ContainerEngine, consumer: Consumer, cluster: str, kubeconfig: Mapping[str, Any]
) -> None:
    """Give a consumer its kubeconfig.

    Args:
        context: The start of the cluster.
        engine: The engine in which a container runs.
        consumer: Who gets it.
        cluster: The cluster's name.
        kubeconfig: With the address for its network, and the rights that it is to have.

    Raises:
        StateError: The file can't be written.
    """
    name = kubeconfig_output(consumer.resource.name, consumer.service_account)
    text = dump(kubeconfig)
    if consumer.network is Network.HOST:
        path = kubeconfig_folder(context, cluster) / f"{_file_name(consumer)}.kubeconfig"
        write_private(path, text.encode())
        context.set_output(name, str(path), network=Network.HOST)
        return
    context.set_output(name, text, network=consumer.network)
    if isinstance(consumer.resource, Container):
        container = context.known(consumer.resource.container_id)
        if container is not None:
            with suppress(EngineError):  # it is gone, and gets the new one when it starts
                await _replace(engine, container, kubeconfig_path(cluster), text.encode())


def _file_name(consumer: Consumer) -> str:
    account = f"-as-{consumer.service_account.replace('/', '.')}" if consumer.service_account else ""
    return f"{consumer.resource.name}{account}"


async def _replace(engine: ContainerEngine, container: str, path: str, data: bytes) -> None:
    """Replace a file in a container, and leave it to those who own it."""
    with tarfile.open(fileobj=io.BytesIO(await engine.get_archive(container, path))) as known:
        entry = known.next()
    if entry is None:
        return
    entry.name, entry.size = path.lstrip("/"), len(data)
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as new:
        new.addfile(entry, io.BytesIO(data))
    await engine.put_archive(container, archive.getvalue())
