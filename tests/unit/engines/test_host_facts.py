"""What this machine has, from the kernel's files and the environment."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fairlead.engines.host_facts import (
    filesystem_of,
    ipv4_routes,
    ipv6_routes,
    name_servers_of,
    observe_host,
    proxies_of,
)

IPV4 = """Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT
eth0 00000000 010200C0 0003 0 0 0 00000000 0 0 0
docker0 000011AC 00000000 0001 0 0 0 0000FFFF 0 0 0
tun0 00002A0A 00000000 0001 0 0 0 0000FFFF 0 0 0
"""
IPV6 = """00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 \
00000400 00000001 00000000 00000003 eth0
fd420000000000000000000000000000 10 00000000000000000000000000000000 00 00000000000000000000000000000000 \
00000100 00000001 00000000 00000001 tun0
fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 \
00000100 00000001 00000000 00000001 eth0
00000000000000000000000000000001 80 00000000000000000000000000000000 00 00000000000000000000000000000000 \
00000000 00000003 00000000 80200001 lo
"""
MOUNTS = """27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
31 23 0:28 / /var rw,relatime - xfs /dev/vdb rw
42 27 254:0 /x /var/lib/docker rw,relatime shared:1 - btrfs /dev/vdc rw
43 27 254:0 /x /var/lib/docker-old rw,relatime - zfs pool rw
"""


def test_routes() -> None:
    """The routes must be read in the machine's byte order; what leads everywhere clashes with nothing."""
    assert [(str(route.subnet), route.interface) for route in ipv4_routes(IPV4)] == [
        ("172.17.0.0/16", "docker0"),
        ("10.42.0.0/16", "tun0"),
    ]
    assert [(str(route.subnet), route.interface) for route in ipv6_routes(IPV6)] == [("fd42::/16", "tun0")]


@pytest.mark.parametrize(
    ("folder", "filesystem"),
    [
        ("/var/lib/docker", "btrfs"),
        ("/var/lib/docker/volumes", "btrfs"),
        ("/var/lib/docker-old", "zfs"),
        ("/var/lib/dockers", "xfs"),
        ("/srv", "ext4"),
        ("", ""),
    ],
)
def test_the_filesystem_of_a_folder(folder: str, filesystem: str) -> None:
    """It is that of the innermost mount that the folder is below."""
    assert filesystem_of(folder, MOUNTS) == filesystem


@pytest.mark.parametrize(
    ("text", "servers", "search"),
    [
        (
            "nameserver 10.0.0.2\nnameserver fd00::2\nsearch a.test b.test\n",
            ("10.0.0.2", "fd00::2"),
            ("a.test", "b.test"),
        ),
        ("nameserver 127.0.0.53\noptions edns0\nsearch .\n", (), ()),
        ("nameserver ::1\nnameserver fe80::1%eth0\nnameserver 9.9.9.9\n", ("9.9.9.9",), ()),
        ("# nameserver 1.1.1.1\nnameserver\nnameserver x\ndomain corp.test\n", (), ("corp.test",)),
    ],
)
def test_name_servers(text: str, servers: tuple[str, ...], search: tuple[str, ...]) -> None:
    """Only servers count that a pod could ask too."""
    assert name_servers_of(text) == (servers, search)


@pytest.mark.parametrize(
    ("environment", "proxies"),
    [
        ({}, {}),
        ({"HTTP_PROXY": "http://p:1"}, {"HTTP_PROXY": "http://p:1"}),
        (
            {"HTTP_PROXY": "http://p:1", "http_proxy": "http://q:1", "https_proxy": "http://q:2", "no_proxy": "a,b"},
            {"HTTP_PROXY": "http://q:1", "HTTPS_PROXY": "http://q:2", "NO_PROXY": "a,b"},
        ),
    ],
)
def test_proxies_of_the_environment(environment: dict[str, str], proxies: dict[str, str], tmp_path: Path) -> None:
    """Both spellings count, and the lower one wins, as for other programs."""
    assert proxies_of({**environment, "DOCKER_CONFIG": str(tmp_path)}) == proxies


def test_proxies_of_the_docker_command(tmp_path: Path) -> None:
    """What the docker command gives containers must count where the environment names no proxy."""
    told = {"proxies": {"default": {"httpProxy": "http://d:1", "noProxy": "c"}}}
    (tmp_path / "config.json").write_text(json.dumps(told))
    environment = {"DOCKER_CONFIG": str(tmp_path)}
    assert proxies_of(environment) == {"HTTP_PROXY": "http://d:1", "NO_PROXY": "c"}
    own = {**environment, "HTTPS_PROXY": "http://e:1"}
    assert proxies_of(own) == {"HTTPS_PROXY": "http://e:1"}


def test_this_machine(tmp_path: Path) -> None:
    """Looking at this machine must give what it has, and nothing where a folder is not there."""
    facts = observe_host(str(tmp_path / "not" / "there"), {"SSL_CERT_FILE": "/own.pem", "DOCKER_CONFIG": str(tmp_path)})
    assert facts.disk_free is not None
    assert facts.disk_total is not None
    assert 0 < facts.disk_free <= facts.disk_total
    assert (facts.ca_bundle, facts.ca_is_chosen) == (Path("/own.pem"), True)
    assert facts.proxies == {}
    assert observe_host().disk_free is None
