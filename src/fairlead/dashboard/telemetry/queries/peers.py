"""Which resource a span calls: by the address that it names, so that what sends no spans has its place in a trace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from fairlead.dashboard.telemetry.queries.attributes import find_number, find_text
from fairlead.dashboard.telemetry.records import Attributes, Span

PEER_ATTRIBUTE = "fairlead.peer"
"""The attribute of an exported span that says which resource it calls."""
IMPORTED_ATTRIBUTE = "fairlead.imported"
"""The attribute of a sender that says that its records were imported: the addresses in them are of another run."""

_LOCAL = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0", "[::1]"})
_PORTS = {"http": 80, "https": 443, "postgresql": 5432, "redis": 6379, "mysql": 3306, "mongodb": 27017}


@dataclass(frozen=True, slots=True)
class Peers:
    """The resources of an app by what spans say of those that they call.

    Args:
        addresses: Resources by host and port, hosts in lower case, this machine as ``127.0.0.1``.
        names: Resources by host name or name, in lower case; where several share a host they are left out.
        databases: Databases by their server and their own name.
        systems: Resources by the word that their ``db.system`` begins with, where there is only one of a system.
        senders: The resources that send spans of their own.
    """

    addresses: Mapping[tuple[str, int], str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    databases: Mapping[tuple[str, str], str] = field(default_factory=dict)
    systems: Mapping[str, str] = field(default_factory=dict)
    senders: frozenset[str] = frozenset()

    def drawn_under(self, span: Span) -> str:
        """The resource that a span is drawn under: the one it calls, if that sends none; else its sender."""
        if span.kind not in ("client", "producer"):
            return span.sender.resource
        called = self.called_by(span)
        if called is None or (called in self.senders and not _is_imported(span)):
            return span.sender.resource
        return called

    def called_by(self, span: Span) -> str | None:
        """The resource that a span calls; None where that is not known, or is its sender itself."""
        marked = find_text(span.attributes, PEER_ATTRIBUTE)
        if marked or _is_imported(span):
            return marked or None
        called = self._server(span.attributes)
        if called is None:
            return None
        database = find_text(span.attributes, "db.namespace", "db.name").rpartition("|")[2]
        called = self.databases.get((called, database), called)
        return None if called == span.sender.resource else called

    def _server(self, attributes: Attributes) -> str | None:
        system = database_system(attributes)
        host, port = peer_address(attributes)
        if host:
            port = _PORTS.get(system, 0) if port is None else port
            found = self.addresses.get((host, port))
            if found is None and host not in _LOCAL:
                found = self.names.get(host)
            return found
        service = find_text(attributes, "peer.service", "service.peer.name").lower()
        by_system = (resource for word, resource in self.systems.items() if system.startswith(word))
        return self.names.get(service) or next(by_system, None)


def _is_imported(span: Span) -> bool:
    return bool(span.sender.attributes.get(IMPORTED_ATTRIBUTE))


def local_host(host: str) -> str:
    """A host name as addresses are compared: in lower case, and all of this machine's as one."""
    host = host.lower()
    return "127.0.0.1" if host in _LOCAL else host


def database_system(attributes: Attributes) -> str:
    """The system of the database that a span calls, such as ``postgresql``; empty without."""
    return find_text(attributes, "db.system.name", "db.system").lower()


def peer_address(attributes: Attributes) -> tuple[str, int | None]:
    """The host and the port that a span names; an empty host, and None for the port, where it names none."""
    url = find_text(attributes, "url.full", "http.url")
    host = find_text(attributes, "server.address", "net.peer.name", "network.peer.address", "net.peer.ip")
    port = find_number(attributes, "server.port", "net.peer.port", "network.peer.port")
    if url and not (host and port):
        url_host, url_port = url_address(url)
        host, port = host or url_host, port or url_port
    if host.count(":") == 1:  # some instrumentations write host:port
        host, _, end = host.partition(":")
        port = port or (int(end) if end.isdecimal() else None)
    return local_host(host), None if port is None else int(port)


def url_address(url: str) -> tuple[str, int | None]:
    """The host and the port of a URL, those of its scheme where it names none; empty and None where it is none."""
    try:
        parts = urlsplit(url)
        return local_host(parts.hostname or ""), parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return "", None


def written_address(text: str) -> tuple[str, int | None]:
    """The host and the port of a URL, or of what is written as ``host:port``."""
    return url_address(text if "://" in text else f"//{text}")
