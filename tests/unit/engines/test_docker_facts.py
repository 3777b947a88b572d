"""What an engine's answer to the question for itself means."""

from __future__ import annotations

from typing import Any

import pytest

from fairlead.engines.docker.facts import engine_facts
from fairlead.engines.engine_facts import EngineFacts

DOCKER = {
    "Driver": "overlay2",
    "DriverStatus": [["Backing Filesystem", "btrfs"], ["Supports d_type", "true"]],
    "MemoryLimit": True,
    "CpuCfsQuota": True,
    "CPUSet": True,
    "PidsLimit": True,
    "CgroupDriver": "systemd",
    "CgroupVersion": "2",
    "SecurityOptions": ["name=seccomp,profile=default", "name=selinux"],
    "DefaultRuntime": "runc",
    "DockerRootDir": "/srv/docker",
    "MemTotal": 8 << 30,
    "NCPU": 4,
    "KernelVersion": "6.1.0",
    "OperatingSystem": "Debian GNU/Linux 12",
    "HttpProxy": "http://proxy:3128",
    "NoProxy": "localhost",
    "DefaultAddressPools": [{"Base": "10.200.0.0/16", "Size": 24}],
    "Name": "desk",
}


def test_what_docker_says() -> None:
    """Every fact must come from the engine's own answer."""
    assert engine_facts("docker", DOCKER, "desk") == EngineFacts(
        is_local=True,
        cgroup_version=2,
        cgroup_driver="systemd",
        limits=frozenset({"memory", "cpu", "cpuset", "pids"}),
        security_options=frozenset({"seccomp", "selinux"}),
        default_runtime="runc",
        storage_driver="overlay2",
        filesystem="btrfs",
        root_folder="/srv/docker",
        memory=8 << 30,
        cpus=4,
        kernel="6.1.0",
        operating_system="Debian GNU/Linux 12",
        http_proxy="http://proxy:3128",
        no_proxy="localhost",
        address_pools=("10.200.0.0/16",),
        machine="desk",
        dns_on_loopback=True,
    )


@pytest.mark.parametrize(
    ("raw", "own_machine", "is_local"),
    [
        ({"Name": "desk"}, "desk", True),
        ({"Name": "desk"}, "4f2a", False),  # in a development container that was given the socket
        ({"Name": "desk"}, None, False),  # over the network, or in a virtual machine
        ({}, "desk", False),
    ],
)
def test_whether_it_runs_here(raw: dict[str, Any], own_machine: str | None, is_local: bool) -> None:
    """An engine is local only if it can be, and its machine has our name."""
    assert engine_facts("docker", raw, own_machine).is_local == is_local


@pytest.mark.parametrize(
    ("raw", "is_rootless", "remaps_users"),
    [
        ({"SecurityOptions": ["name=rootless", "name=cgroupns"]}, True, False),  # Docker
        ({"Rootless": True}, True, False),  # Podman
        ({"SecurityOptions": ["name=userns"]}, False, True),
        ({"SecurityOptions": ["seccomp"]}, False, False),  # before Docker 1.13
    ],
)
def test_whose_rights_it_has(raw: dict[str, Any], is_rootless: bool, remaps_users: bool) -> None:
    """That root of a container is not root of the machine must be known, however it is said."""
    facts = engine_facts("docker", raw, None)
    assert (facts.is_rootless, facts.remaps_users) == (is_rootless, remaps_users)


def test_an_engine_that_says_little() -> None:
    """What an engine leaves out, or gives in another form, must be unknown, and no error."""
    raw: dict[str, Any] = {
        "CgroupVersion": "none",
        "DriverStatus": None,
        "SecurityOptions": None,
        "DefaultAddressPools": [{}],
    }
    assert engine_facts("podman", raw, None) == EngineFacts()
