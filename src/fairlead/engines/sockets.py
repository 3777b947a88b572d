"""Whether a TCP port is free, and who has it if not."""

from __future__ import annotations

import errno
import ipaddress
import socket
import sys

LOCAL_HOST = "localhost"
LOOPBACKS = ("127.0.0.1", "::1")
"""Where a process of this machine may listen that is called at ``localhost``, in the order in which they are tried."""


def port_is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen on a port right now.

    A listener on all addresses takes the port as well. For a loopback address both families are asked, because
    ``localhost`` may mean either.

    Args:
        port: The port.
        host: Address (not name) to listen on.
    """
    return all(_can_listen(address, port) for address in _addresses(host))


def is_own_address(host: str) -> bool:
    """Whether an address is one of this machine's at present."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, 0))
        except OSError as error:
            return error.errno != errno.EADDRNOTAVAIL
    return True


def port_owner(port: int, host: str = "127.0.0.1") -> str | None:
    """Who listens on a port.

    Returns:
        None if it is free, else ``pid 123 (nginx)``, or ``another process`` where the system does not say.
    """
    if port_is_free(port, host):
        return None
    import psutil  # 20 ms that only a taken port is worth

    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.Error:  # macOS tells root only
        return "another process"
    addresses = {*_addresses(host), "0.0.0.0", "::"}
    everywhere = ipaddress.ip_address(_addresses(host)[0]).is_unspecified
    owners = {
        connection.pid
        for connection in connections
        if connection.status == psutil.CONN_LISTEN
        and connection.laddr
        and connection.laddr.port == port
        and (everywhere or connection.laddr.ip in addresses)
    }
    for pid in sorted(pid for pid in owners if pid):
        try:
            return f"pid {pid} ({psutil.Process(pid).name()})"
        except psutil.Error:
            continue
    return "another process"


def _addresses(host: str) -> list[str]:
    address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    if address.is_loopback:
        return [str(address), "::1" if address.version == 4 else "127.0.0.1"]
    return [str(address)]


def _can_listen(address: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        probe = socket.socket(family, socket.SOCK_STREAM)
    except OSError:  # this machine does not know the family
        return True
    with probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: closed connections don't count
        try:
            probe.bind((address, port))
        except OSError as error:
            # A low port may be free and yet not ours to bind; a container engine can.
            return error.errno != errno.EADDRINUSE and not _answers(family, address, port)
    # BSD and macOS let an address be bound beside a listener on all of them.
    return sys.platform == "linux" or not _answers(family, address, port)


def _answers(family: socket.AddressFamily, address: str, port: int) -> bool:
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.2)
        return probe.connect_ex((address, port)) == 0
