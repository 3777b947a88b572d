"""Networks of the engine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from fairlead.engines.containers import NetworkInfo
from fairlead.engines.docker import errors
from fairlead.engines.docker.api import Api, Refused, label_filter, segment
from fairlead.engines.docker.creation import create_object
from fairlead.engines.docker.responses import network_info
from fairlead.engines.watchdog.guard import Guard
from fairlead.errors import EngineError

_IS_ON_IT: Final = re.compile(r"endpoint with name \S+ already exists in network|is already connected to network")
_IS_NOT_ON_IT: Final = re.compile(r"is not connected to (?:the )?network|not found|no such network")


async def ensure_network(
    api: Api, guard: Guard | None, name: str, labels: Mapping[str, str], subnet: str | None
) -> NetworkInfo:
    """A bridge network of that name, created if it is missing, with a subnet of its own if one is given.

    Raises:
        EngineError: It can't be created, or was removed meanwhile.
    """
    found = await _inspect(api, name)
    if found is None:
        addresses = {"IPAM": {"Config": [{"Subnet": subnet}]}} if subnet else {}
        body = {"Name": name, "Driver": "bridge", "CheckDuplicate": True, "Labels": dict(labels), **addresses}
        try:
            await create_object(api, guard, "network", name, body)
        except Refused as refused:
            if "already" not in refused.message:  # another process was quicker
                raise errors.explain(refused, f"the network '{name}' can't be made") from refused
        found = await _inspect(api, name)
    if found is None:
        raise EngineError(f"the network '{name}' was removed while it was being made.")
    return found


async def remove_network(api: Api, name: str) -> None:
    """Remove a network by name or id, cutting off what is still on it; one that is not there is fine.

    Raises:
        EngineError: It can't be removed.
    """
    raw = await api.call_if_there("GET", f"networks/{segment(name)}")
    if raw is None:
        return
    network = segment(str(raw["Id"]))
    for container in raw.get("Containers") or {}:
        await api.call_if_there("POST", f"networks/{network}/disconnect", body={"Container": container, "Force": True})
    try:
        await api.call_if_there("DELETE", f"networks/{network}")
    except Refused as refused:
        raise errors.explain(refused, f"the network '{name}' can't be removed") from refused


async def list_networks(api: Api, labels: Mapping[str, str]) -> list[NetworkInfo]:
    """The networks that carry all these labels."""
    found = [network_info(raw) for raw in await api.call("GET", "networks", params=label_filter(labels))]
    return [network for network in found if labels.items() <= network.labels.items()]


async def connect_network(
    api: Api, network: str, container: str, aliases: tuple[str, ...], address: str | None
) -> None:
    """Join a container to one more network. One that is on it already stays as it is.

    Raises:
        EngineError: Either of them is not there, or the address can't be had.
    """
    endpoint = {"Aliases": list(aliases), **({"IPAMConfig": {"IPv4Address": address}} if address else {})}
    body = {"Container": container, "EndpointConfig": endpoint}
    try:
        await api.call("POST", f"networks/{segment(network)}/connect", body=body)
    except Refused as refused:
        if not _IS_ON_IT.search(refused.message):
            raise errors.explain(refused, f"the container can't join the network '{network}'") from refused


async def disconnect_network(api: Api, network: str, container: str) -> None:
    """Take a container off a network; it is fine if it is not on it, or either of them is gone.

    Raises:
        EngineError: The engine refuses for another reason.
    """
    body = {"Container": container, "Force": True}
    try:
        await api.call_if_there("POST", f"networks/{segment(network)}/disconnect", body=body)
    except Refused as refused:
        if not _IS_NOT_ON_IT.search(refused.message):
            raise errors.explain(refused, f"the container can't leave the network '{network}'") from refused


async def _inspect(api: Api, name: str) -> NetworkInfo | None:
    raw = await api.call_if_there("GET", f"networks/{segment(name)}")
    return network_info(raw) if raw and raw["Name"] == name else None  # an id's beginning is taken for it, too
