"""The addresses of an app's resources, as spans may name them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from fairlead.dashboard.telemetry.queries.peers import Peers, local_host, written_address
from fairlead.model.endpoints.consumer import Network
from fairlead.model.names import normal_form
from fairlead.model.resource import Resource
from fairlead.runtime.lifecycle.run import Run


def peers_of(run: Run, senders: frozenset[str]) -> Peers:
    """Return what spans of a run may call.

    Args:
        run: The run.
        senders: The resources that send spans.
    """
    addresses: dict[tuple[str, int], str] = {}
    names: defaultdict[str, set[str]] = defaultdict(set)
    for resource in run.app:
        names[resource.name.lower()].add(resource.name)
        names[normal_form(resource.name)].add(resource.name)
    for id, host, port in (*_endpoints(run), *_shown(run)):
        addresses.setdefault((host, port), id)
        names[host].add(id)
    names.pop(local_host("localhost"), None)
    return Peers(addresses, _unambiguous(names), _databases(run), _systems(run), senders)


def _endpoints(run: Run) -> Iterator[tuple[str, str, int]]:
    """Ids of resources with the hosts and ports of their endpoints, for this machine and for containers."""
    for resource in run.app:
        for spec in resource.endpoints.values():
            for network in (Network.HOST, Network.CONTAINER):
                try:
                    host, port = run.addresses.address(resource, spec, network)
                except LookupError:  # nobody in that network asks for it
                    continue
                yield resource.name, local_host(host), port


def _shown(run: Run) -> Iterator[tuple[str, str, int]]:
    """The same of what is shown of resources: external services, and what is reached through other resources."""
    for snapshot in run.bus.all():
        told = [value for name, value in snapshot.properties if name == "url"]
        for text in (*told, *(link.url for link in snapshot.urls), *(each.address for each in snapshot.endpoints)):
            host, port = written_address(text)
            if host and port:
                yield snapshot.id, host, port


def _databases(run: Run) -> dict[tuple[str, str], str]:
    """Databases by their server and their own name."""
    databases: dict[tuple[str, str], str] = {}
    for resource in run.app:
        name = resource.connection_properties.get("DATABASENAME")
        if resource.parent is not None and isinstance(name, str):
            databases[resource.parent.name, name] = resource.name
    return databases


def _systems(run: Run) -> Mapping[str, str]:
    """Resources by the first word of their kind."""
    kinds: defaultdict[str, set[str]] = defaultdict(set)
    for resource in run.app:
        if _is_server(resource):
            kinds[resource.kind.lower().split()[0]].add(resource.name)
    return _unambiguous(kinds)


def _is_server(resource: Resource) -> bool:
    return bool(resource.endpoints) and resource.parent is None


def _unambiguous(names: Mapping[str, set[str]]) -> dict[str, str]:
    return {name: next(iter(ids)) for name, ids in names.items() if len(ids) == 1}
