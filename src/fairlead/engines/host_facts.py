"""What this machine has, as plain data. It says something of an engine's containers only if that runs here."""

from __future__ import annotations

import ipaddress
import os
import re
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fairlead.engines.docker.transport.discovery import read_docker_config

_DEVICES: Final = (Path("/dev/fuse"), Path("/dev/mapper"))
_CA_BUNDLES: Final = (
    Path("/etc/ssl/certs/ca-certificates.crt"),
    Path("/etc/pki/tls/certs/ca-bundle.crt"),
    Path("/etc/ssl/ca-bundle.pem"),
    Path("/etc/ssl/cert.pem"),
)
"""Where systems keep the certificates that they trust, as one file (Debian, Fedora, openSUSE, Alpine and macOS)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A route of this machine.

    Args:
        subnet: Where it leads.
        interface: By which interface.
    """

    subnet: ipaddress.IPv4Network | ipaddress.IPv6Network
    interface: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFacts:
    """This machine; what it does not tell is empty or None.

    Args:
        inotify_instances: How many inotify instances a user may have.
        inotify_watches: How many files a user may watch.
        disk_free: Bytes that are free where the engine keeps its images and volumes.
        disk_total: Bytes that are there in all.
        filesystem: The filesystem there, as the kernel calls it.
        memory_available: Bytes of memory that programs can still get.
        routes: Where this machine sends packets, without its default route.
        dns_servers: The name servers that programs of other machines could ask too: none on a loopback address.
        dns_search: The domains in which short names are looked up.
        devices: Which of ``/dev/fuse`` and ``/dev/mapper`` are there.
        proxies: ``HTTP_PROXY``, ``HTTPS_PROXY`` and ``NO_PROXY`` of this environment, or what the ``docker`` command
            is told to give containers.
        ca_bundle: The certificates that programs of this machine trust beyond what they bring along, as a file;
            None if none are known.
        ca_is_chosen: Whether the user named that file, by ``SSL_CERT_FILE``.
    """

    inotify_instances: int | None = None
    inotify_watches: int | None = None
    disk_free: int | None = None
    disk_total: int | None = None
    filesystem: str = ""
    memory_available: int | None = None
    routes: tuple[Route, ...] = ()
    dns_servers: tuple[str, ...] = ()
    dns_search: tuple[str, ...] = ()
    devices: frozenset[str] = frozenset()
    proxies: Mapping[str, str] = field(default_factory=dict)
    ca_bundle: Path | None = None
    ca_is_chosen: bool = False


def observe_host(root_folder: str = "", environment: Mapping[str, str] = os.environ) -> HostFacts:
    """Look at this machine, which takes it about a millisecond.

    Args:
        root_folder: The engine's folder for images and volumes, whose disk is looked at.
        environment: The user's environment.
    """
    servers, search = _name_servers()
    chosen = environment.get("SSL_CERT_FILE")
    disk = _disk(root_folder)
    return HostFacts(
        inotify_instances=_kernel_number("/proc/sys/fs/inotify/max_user_instances"),
        inotify_watches=_kernel_number("/proc/sys/fs/inotify/max_user_watches"),
        disk_free=disk[0] if disk else None,
        disk_total=disk[1] if disk else None,
        filesystem=filesystem_of(root_folder, _read("/proc/self/mountinfo")),
        memory_available=_available_memory(_read("/proc/meminfo")),
        routes=tuple((*ipv4_routes(_read("/proc/net/route")), *ipv6_routes(_read("/proc/net/ipv6_route")))),
        dns_servers=servers,
        dns_search=search,
        devices=frozenset(str(device) for device in _DEVICES if device.exists()),
        proxies=proxies_of(environment),
        ca_bundle=Path(chosen) if chosen else next(filter(Path.is_file, _CA_BUNDLES), None),
        ca_is_chosen=bool(chosen),
    )


def proxies_of(environment: Mapping[str, str]) -> dict[str, str]:
    """The proxies of an environment; without any, those that the ``docker`` command is told to give containers.

    Args:
        environment: The user's environment; a name in lower case counts as well, and wins, as for most programs.
    """
    names = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
    found = {name: environment.get(name.lower()) or environment.get(name, "") for name in names}
    if not found["HTTP_PROXY"] and not found["HTTPS_PROXY"]:
        # {"proxies": {"default": {"httpProxy": "http://…", "httpsProxy": "http://…", "noProxy": "a,b"}}}
        told = (read_docker_config(environment).get("proxies") or {}).get("default") or {}
        keys = dict(zip(names, ("httpProxy", "httpsProxy", "noProxy"), strict=True))
        found = {name: str(told.get(key) or found[name]) for name, key in keys.items()}
    return {name: value for name, value in found.items() if value}


def ipv4_routes(text: str) -> list[Route]:
    """The routes in ``/proc/net/route``, without the default one."""
    # Iface  Destination Gateway  Flags RefCnt Use Metric Mask     …   (addresses are in the machine's byte order)
    # eth0   000011AC    00000000 0001  0      0   0      0000FFFF …
    routes = []
    for line in text.splitlines()[1:]:
        fields = line.split()
        if len(fields) > 7 and fields[7] != "00000000":
            address, mask = (bytes.fromhex(field) for field in (fields[1], fields[7]))
            if sys.byteorder == "little":
                address, mask = address[::-1], mask[::-1]
            length = int.from_bytes(mask).bit_count()
            routes.append(Route(subnet=ipaddress.IPv4Network((address, length), strict=False), interface=fields[0]))
    return routes


def ipv6_routes(text: str) -> list[Route]:
    """The routes in ``/proc/net/ipv6_route``, without default, multicast, link-local and loopback ones."""
    # fd00…0000 40 0000…0000 00 0000…0000 00000100 00000001 00000000 00000001     eth0
    routes = []
    for line in text.splitlines():
        fields = line.split()
        if len(fields) == 10 and fields[1] != "00":
            network = ipaddress.IPv6Network((bytes.fromhex(fields[0]), int(fields[1], 16)), strict=False)
            if not (network.is_multicast or network.is_link_local or network.is_loopback or fields[9] == "lo"):
                routes.append(Route(subnet=network, interface=fields[9]))
    return routes


def name_servers_of(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The name servers of a ``resolv.conf`` that can be asked from other machines too, and its search domains."""
    servers: list[str] = []
    search: tuple[str, ...] = ()
    for words in map(str.split, text.splitlines()):
        if len(words) > 1 and words[0] == "nameserver" and is_for_others(words[1]):
            servers.append(words[1])
        elif len(words) > 1 and words[0] in ("search", "domain"):
            search = tuple(word for word in words[1:] if word != ".")
    return tuple(servers), search


def filesystem_of(folder: str, mountinfo: str) -> str:
    """The filesystem that a folder is on, from ``/proc/self/mountinfo``; empty if it is not known."""
    # 42 27 254:0 /var/lib/docker /var/lib/docker rw,relatime shared:1 - ext4 /dev/vda rw,discard
    best, found = "", ""
    for line in mountinfo.splitlines():
        head, _, tail = line.partition(" - ")
        fields, kind = head.split(), tail.split()
        if len(fields) > 4 and kind and folder and _is_below(folder, fields[4]) and len(fields[4]) >= len(best):
            best, found = fields[4], kind[0]
    return found


def _is_below(path: str, folder: str) -> bool:
    return folder == "/" or path == folder or path.startswith(f"{folder}/")


def is_for_others(address: str) -> bool:
    """Whether an address is one that other machines, and pods, could reach as well."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return not (found.is_loopback or found.is_link_local or found.is_multicast or found.is_unspecified)


def _name_servers() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Those of this machine; where they are behind a resolver on loopback, the ones that systemd-resolved asks."""
    servers, search = name_servers_of(_read("/etc/resolv.conf"))
    if not servers:
        servers, others = name_servers_of(_read("/run/systemd/resolve/resolv.conf"))
        search = search or others
    return servers, search


def _read(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""


def _kernel_number(path: str) -> int | None:
    text = _read(path).strip()
    return int(text) if text.isdecimal() else None


def _available_memory(text: str) -> int | None:
    found = re.search(r"^MemAvailable:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) * 1024 if found else None


def _disk(folder: str) -> tuple[int, int] | None:
    for place in _with_parents(folder):
        try:
            usage = shutil.disk_usage(place)
        except OSError:  # the folder of another user's engine: what is above it may be readable
            continue
        return usage.free, usage.total
    return None


def _with_parents(folder: str) -> Iterable[Path]:
    return (Path(folder), *Path(folder).parents) if folder else ()
