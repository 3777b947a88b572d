"""The settings of a container as what its engine is told."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.definitions import build

from fairlead import AppBuilder, Container
from fairlead.container_options import empty_body
from fairlead.drivers.containers.setting_options import setting_options
from fairlead.engines.containers import ContainerSpec
from fairlead.engines.docker.body import create_body


def body_of(*, gateway: str | None = "172.18.0.1", **options: Any) -> dict[str, Any]:
    """What the engine is told of a container with these options."""
    box = build(lambda app: app.add_container("box", "busybox", **options))["box"]
    assert isinstance(box, Container)
    told = setting_options(box.settings, gateway)
    return create_body(ContainerSpec(name="box", image="busybox", options=told, host_name="box"))


def test_nothing_is_told_where_nothing_is_set() -> None:
    """A container without settings must be described as ever, but for its host name."""
    body = body_of()

    assert body.pop("Hostname") == "box"
    assert body == {**empty_body(), "Image": "busybox"} | {
        "HostConfig": {**empty_body()["HostConfig"], "PortBindings": {}}
    }


@pytest.mark.parametrize(
    ("options", "key", "told"),
    [
        ({"user": "1000:1000"}, "User", "1000:1000"),
        ({"user": 0}, "User", "0"),
        ({"host_name": "mast.example.com"}, "Hostname", "mast.example.com"),
        ({"working_directory": "/srv"}, "WorkingDir", "/srv"),
        ({"labels": {"a": "b=c", "d": ""}}, "Labels", {"a": "b=c", "d": ""}),
    ],
)
def test_what_a_container_is(options: dict[str, Any], key: str, told: object) -> None:
    """Each setting must reach the engine."""
    assert body_of(**options)[key] == told


@pytest.mark.parametrize(
    ("options", "key", "told"),
    [
        ({"read_only_root": True}, "ReadonlyRootfs", True),
        ({"tmpfs": "/tmp"}, "Tmpfs", {"/tmp": ""}),
        ({"shm_size": "256m"}, "ShmSize", 256 << 20),
        ({"shm_size": "1.5Gi"}, "ShmSize", 3 << 29),
        ({"cap_add": ["cap_net_admin"], "cap_drop": ["ALL"]}, "CapAdd", ["NET_ADMIN"]),
        ({"cap_drop": ["ALL"]}, "CapDrop", ["ALL"]),
        ({"sysctls": {"net.core.somaxconn": 1024}}, "Sysctls", {"net.core.somaxconn": "1024"}),
        ({"ulimits": {"memlock": -1}}, "Ulimits", [{"Name": "memlock", "Soft": -1, "Hard": -1}]),
        ({"ulimits": {"nofile": (1024, 65536)}}, "Ulimits", [{"Name": "nofile", "Soft": 1024, "Hard": 65536}]),
        ({"init": True}, "Init", True),
        ({"privileged": True}, "Privileged", True),
        ({"extra_hosts": {"db": "10.0.0.7"}}, "ExtraHosts", ["db:10.0.0.7"]),
        ({"extra_hosts": {"db": "[fd00::7]"}}, "ExtraHosts", ["db:fd00::7"]),
        ({"extra_hosts": {"me": "host-gateway"}}, "ExtraHosts", ["me:172.18.0.1"]),
        ({"extra_hosts": {"me": "host-gateway"}, "gateway": None}, "ExtraHosts", ["me:host-gateway"]),
        ({"extra_hosts": {"host.docker.internal": "host-gateway"}}, "ExtraHosts", []),
        ({"gpus": 2}, "DeviceRequests", [{"Driver": "", "Count": 2, "Capabilities": [["gpu"]]}]),
        ({"gpus": "all"}, "DeviceRequests", [{"Driver": "", "Count": -1, "Capabilities": [["gpu"]]}]),
        ({"log_driver": "local"}, "LogConfig", {"Type": "local"}),
        ({"log_options": {"max_size": 9, "tag": "x"}}, "LogConfig", {"Config": {"max-size": "9", "tag": "x"}}),
        ({"memory": "512m"}, "Memory", 512 << 20),
        ({"memory": 1000}, "Memory", 1000),
        ({"cpu": 1.5}, "NanoCpus", 1_500_000_000),
        (
            {"devices": ["/dev/fuse"]},
            "Devices",
            [{"PathOnHost": "/dev/fuse", "PathInContainer": "/dev/fuse", "CgroupPermissions": "rwm"}],
        ),
    ],
)  # fmt: skip
def test_what_the_machine_gives_it(options: dict[str, Any], key: str, told: object) -> None:
    """Each setting must reach the engine."""
    assert body_of(**options)["HostConfig"][key] == told


def test_details_of_a_folder_in_memory_and_of_a_reservation() -> None:
    """A size and a mode of a folder in memory must reach the engine, and what memory a container needs."""

    def define(app: AppBuilder) -> None:
        box = app.add_container("box", "busybox").with_tmpfs("/run/x", size="1k", mode=0o700)
        box.with_memory("1g", reservation="512m").with_cpu(2, reservation=0.5)

    box = build(define)["box"]
    assert isinstance(box, Container)

    assert setting_options(box.settings, None) == (
        "--tmpfs=/run/x:size=1024,mode=0700",
        "--memory=1g",
        "--memory-reservation=512m",
        "--cpus=2",
    )


def test_a_default_host_name_gives_way() -> None:
    """A container that shares the machine's host name can't be given another one."""
    body = create_body(ContainerSpec(name="box", image="busybox", options=("--uts=host",), host_name="box"))

    assert "Hostname" not in body
