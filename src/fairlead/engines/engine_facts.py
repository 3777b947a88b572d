"""What a container engine says about the machine it runs on, as plain data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineFacts:
    """An engine and its machine. What an engine does not tell is empty, 0 or None.

    Args:
        is_local: Whether the engine runs on this machine itself: not on another one, nor in a virtual machine of this
            one, so that files, ports and limits of this machine are its own too.
        is_rootless: Whether it runs without root's rights.
        remaps_users: Whether root of its containers is another user of its machine (``userns-remap``).
        cgroup_version: 1 or 2; 0 if it is not known.
        cgroup_driver: ``systemd``, ``cgroupfs`` or ``none``.
        limits: Which limits its cgroups can enforce: ``memory``, ``cpu``, ``cpuset`` and ``pids``.
        security_options: Such as ``seccomp``, ``apparmor``, ``selinux``, ``rootless``.
        default_runtime: The runtime that containers get, such as ``runc``.
        storage_driver: Such as ``overlay2``.
        filesystem: The filesystem below its storage, as it calls it, such as ``extfs``.
        root_folder: Its folder for images and volumes.
        memory: Bytes that its machine has.
        cpus: Processors that its machine has.
        kernel: The version of its kernel.
        operating_system: The name of its system.
        http_proxy: The proxy through which it pulls.
        https_proxy: The same for HTTPS.
        no_proxy: What it reaches without its proxy.
        address_pools: The ranges it takes subnets of networks from, where it has been told them.
        machine: The host name of its machine.
        dns_on_loopback: Whether containers on a network of their own ask a name server on their own loopback.
    """

    is_local: bool = False
    is_rootless: bool = False
    remaps_users: bool = False
    cgroup_version: int = 0
    cgroup_driver: str = ""
    limits: frozenset[str] = frozenset()
    security_options: frozenset[str] = frozenset()
    default_runtime: str = ""
    storage_driver: str = ""
    filesystem: str = ""
    root_folder: str = ""
    memory: int = 0
    cpus: int = 0
    kernel: str = ""
    operating_system: str = ""
    http_proxy: str = ""
    https_proxy: str = ""
    no_proxy: str = ""
    address_pools: tuple[str, ...] = ()
    machine: str = ""
    dns_on_loopback: bool = False
