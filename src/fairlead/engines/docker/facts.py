"""What an engine's answer to ``GET /info`` says, in our words; Podman's has the same form."""

from __future__ import annotations

from typing import Any, Final

from fairlead.engines.engine_facts import EngineFacts

_LIMITS: Final = {"MemoryLimit": "memory", "CpuCfsQuota": "cpu", "CPUSet": "cpuset", "PidsLimit": "pids"}


def engine_facts(name: str, raw: dict[str, Any], own_machine: str | None) -> EngineFacts:
    """The facts in an answer.

    Args:
        name: ``docker`` or ``podman``.
        raw: The answer.
        own_machine: The host name of this machine, if the engine may run on it; None if it can't.
    """
    storage = {str(key): str(value) for key, value in raw.get("DriverStatus") or []}
    security = frozenset(_name(str(option)) for option in raw.get("SecurityOptions") or [])
    machine = str(raw.get("Name") or "")
    return EngineFacts(
        # a socket that a development container was given leads to an engine outside it, which has another name
        is_local=own_machine is not None and machine == own_machine,
        is_rootless=bool(raw.get("Rootless")) or "rootless" in security,
        remaps_users="userns" in security,
        cgroup_version=_number(raw.get("CgroupVersion")),
        cgroup_driver=str(raw.get("CgroupDriver") or ""),
        limits=frozenset(limit for key, limit in _LIMITS.items() if raw.get(key)),
        security_options=security,
        default_runtime=str(raw.get("DefaultRuntime") or ""),
        storage_driver=str(raw.get("Driver") or ""),
        filesystem=storage.get("Backing Filesystem", ""),
        root_folder=str(raw.get("DockerRootDir") or ""),
        memory=_number(raw.get("MemTotal")),
        cpus=_number(raw.get("NCPU")),
        kernel=str(raw.get("KernelVersion") or ""),
        operating_system=str(raw.get("OperatingSystem") or ""),
        http_proxy=str(raw.get("HttpProxy") or ""),
        https_proxy=str(raw.get("HttpsProxy") or ""),
        no_proxy=str(raw.get("NoProxy") or ""),
        address_pools=tuple(str(pool["Base"]) for pool in raw.get("DefaultAddressPools") or [] if pool.get("Base")),
        machine=machine,
        dns_on_loopback=name == "docker",  # at 127.0.0.11; Podman's is at the network's gateway
    )


def _name(option: str) -> str:
    """``seccomp`` of ``name=seccomp,profile=default``."""
    fields = dict(field.partition("=")[::2] for field in option.split(","))
    return fields.get("name", option)


def _number(value: object) -> int:
    """A number, also where it comes as text; 0 for anything else."""
    try:
        return int(str(value or 0))
    except ValueError:
        return 0
