"""Which names pods find the app's resources by, and how CoreDNS is told: pure functions of the app and of addresses.

K3s's CoreDNS imports ``*.server`` of the ConfigMap ``coredns-custom`` as further server blocks (K3s documentation,
"CoreDNS Custom Configuration Imports"). The block names all resources that could ever have an address, so it stays the
same during a run; the addresses are in a hosts file beside it, which CoreDNS reads again by itself as soon as it has
changed. The block answers for the plain names alone: a resource ``app`` must not take over all of the domain ``.app``.
A pod looks a name up in its own namespace first, so a Service of that name there goes before a resource.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from fairlead.model.endpoints.placement import HOST_FROM_CONTAINER, PlacementKind
from fairlead.model.names import normal_form
from fairlead.model.resource import Resource

SERVER_KEY = "fairlead.server"
HOSTS_KEY = "fairlead.hosts"
_FOLDER = "/etc/coredns/custom"
_FIRST_MINOR = 27
"""The minor version of Kubernetes from which on k3s brings a CoreDNS (1.10) that has the ``view`` plugin."""

# CoreDNS documentation, "view" and "hosts". A name without an address gets SERVFAIL, which resolvers take for a
# temporary failure: it is never asked of name servers outside.
_BLOCK = """\
{zones} {{
    view fairlead {{
        expr name() in [{names}]
    }}
    errors
    hosts {folder}/{hosts} {{
        ttl 1
        reload 1s
    }}
}}
"""


def names_of(resource: Resource) -> tuple[str, ...]:
    """The names of a resource that containers know, in lower case, as DNS has it; none where nothing of it listens."""
    listens = resource.placement.is_container or (resource.driver is not None and bool(resource.endpoints))
    if not listens or resource.placement.kind is PlacementKind.POD:
        return ()
    return tuple(dict.fromkeys((normal_form(resource.name), resource.name.lower())))


def known_names(resources: Iterable[Resource], host: str | None) -> tuple[str, ...]:
    """All names that pods are to find, sorted.

    Args:
        resources: The resources of the run.
        host: This machine's address on the app's network; without one its name is left to the DNS of the nodes.
    """
    own = {name for resource in resources for name in names_of(resource)}
    return tuple(sorted(own if host is None else {HOST_FROM_CONTAINER, *own}))


def addresses_of_names(
    resources: Iterable[Resource], containers: Mapping[str, str], host: str | None
) -> dict[str, str]:
    """The addresses of the names that have one now.

    Args:
        resources: The resources of the run.
        containers: The address of each container on the app's network, by the name of its resource.
        host: This machine's address on that network; None where it has none.
    """
    found = {} if host is None else {HOST_FROM_CONTAINER: host}
    for resource in resources:
        address = _address_of(resource, containers, host)
        if address is not None:
            found |= dict.fromkeys(names_of(resource), address)
    return dict(sorted(found.items()))


def _address_of(resource: Resource, containers: Mapping[str, str], host: str | None) -> str | None:
    match resource.placement.kind:
        case PlacementKind.PROCESS:
            return host
        case PlacementKind.PORT:
            return containers.get(resource.placement.of or "")
        case _:
            return containers.get(resource.name)


def server_block(names: Iterable[str]) -> str:
    """The server block of CoreDNS that answers for these names, and for nothing below them."""
    names = tuple(names)
    return _BLOCK.format(
        zones=" ".join(f"{name}:53" for name in names),
        names=", ".join(f"'{name}.'" for name in names),
        folder=_FOLDER,
        hosts=HOSTS_KEY,
    )


def hosts_file(addresses: Mapping[str, str]) -> str:
    """The hosts file with these addresses."""
    return "".join(f"{address} {name}\n" for name, address in addresses.items())


def has_view_plugin(image: str) -> bool:
    """Whether the CoreDNS of an image of k3s can be told, judged by its tag; an unknown tag is taken for a new one."""
    version = re.search(r":v1\.(\d+)\.\d+", image)
    return version is None or int(version[1]) >= _FIRST_MINOR


def address_in_lookup(output: str) -> str | None:
    """The address that ``nslookup`` has found, from what it wrote; None where it has found none.

    Its first address is that of the server it asked.
    """
    # Name:	host.docker.internal
    # Address 1: 192.168.65.254          or "Address: 192.168.65.254"
    _, _, answer = output.partition("Name:")
    address = re.search(r"Address(?: \d+)?:\s*(\d+\.\d+\.\d+\.\d+)", answer)
    return address[1] if address else None
