"""What a container is set to beyond its image, variables and mounts, as data: a run and a chart read the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, TypeAlias

from fairlead.records import record

Gpus: TypeAlias = int | Literal["all"]
#: The address that a container engine replaces by its machine's.
HOST_GATEWAY = "host-gateway"
#: The limits of resources that Linux knows (``man setrlimit``), as container engines call them.
ULIMITS = (
    "core",
    "cpu",
    "data",
    "fsize",
    "locks",
    "memlock",
    "msgqueue",
    "nice",
    "nofile",
    "nproc",
    "rss",
    "rtprio",
    "rttime",
    "sigpending",
    "stack",
)
#: The capabilities of Linux, without ``CAP_``; ``ALL`` stands for all of them.
CAPABILITIES = frozenset(
    {
        "ALL",
        "AUDIT_CONTROL",
        "AUDIT_READ",
        "AUDIT_WRITE",
        "BLOCK_SUSPEND",
        "BPF",
        "CHECKPOINT_RESTORE",
        "CHOWN",
        "DAC_OVERRIDE",
        "DAC_READ_SEARCH",
        "FOWNER",
        "FSETID",
        "IPC_LOCK",
        "IPC_OWNER",
        "KILL",
        "LEASE",
        "LINUX_IMMUTABLE",
        "MAC_ADMIN",
        "MAC_OVERRIDE",
        "MKNOD",
        "NET_ADMIN",
        "NET_BIND_SERVICE",
        "NET_BROADCAST",
        "NET_RAW",
        "PERFMON",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYSLOG",
        "SYS_ADMIN",
        "SYS_BOOT",
        "SYS_CHROOT",
        "SYS_MODULE",
        "SYS_NICE",
        "SYS_PACCT",
        "SYS_PTRACE",
        "SYS_RAWIO",
        "SYS_RESOURCE",
        "SYS_TIME",
        "SYS_TTY_CONFIG",
        "WAKE_ALARM",
    }
)
_SIZE = r"(?ai)(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b|i)?"


@record
class Tmpfs:
    """A folder in memory.

    Args:
        target: Its path in the container.
        size: The most that it holds, in bytes; None for the engine's own limit.
        mode: Its permissions; None for those of ``/tmp``.
    """

    target: str
    size: int | None = None
    mode: int | None = None


@record
class Ulimit:
    """A limit of what one process of the container may have; -1 is no limit."""

    name: str
    soft: int
    hard: int


@record
class ExtraHost:
    """A name in the container's hosts file; ``address`` may be :data:`HOST_GATEWAY`."""

    name: str
    address: str


@record
class Device:
    """A device of the machine, with its path in the container and what that may do with it (``rwm``)."""

    host_path: str
    container_path: str
    permissions: str


@record
class ContainerSettings:
    """What a container is set to. Nothing is set by default: the image and the engine decide.

    Args:
        user: ``user`` or ``user:group``, by names or numbers.
        read_only_root: Whether its program can only write to what is mounted.
        tmpfs: Folders in memory.
        shm_size: The size of ``/dev/shm``, in bytes.
        added_capabilities: Capabilities of Linux that it has beyond the engine's, without ``CAP_``.
        dropped_capabilities: Those that it hasn't; ``ALL`` for all.
        sysctls: Kernel parameters of its namespaces, by name.
        ulimits: Limits of its processes.
        init: Whether a first process passes signals on and collects ended ones.
        host_name: What it is called to itself.
        extra_hosts: What it finds in its hosts file.
        privileged: Whether it may do what the machine's root may.
        devices: Devices of the machine.
        gpus: How many GPUs it gets, or ``all``; None for none.
        labels: Its labels, by name.
        log_driver: How the engine keeps its log.
        log_options: Options of that, by name.
        working_directory: The folder that its program starts in.
        memory_limit: The most memory it may use, in bytes.
        memory_reservation: The memory it needs, in bytes.
        cpu_limit: The most processors it may use.
        cpu_reservation: The processors it needs.
    """

    user: str | None = None
    read_only_root: bool = False
    tmpfs: tuple[Tmpfs, ...] = ()
    shm_size: int | None = None
    added_capabilities: tuple[str, ...] = ()
    dropped_capabilities: tuple[str, ...] = ()
    sysctls: tuple[tuple[str, str], ...] = ()
    ulimits: tuple[Ulimit, ...] = ()
    init: bool = False
    host_name: str | None = None
    extra_hosts: tuple[ExtraHost, ...] = ()
    privileged: bool = False
    devices: tuple[Device, ...] = ()
    gpus: Gpus | None = None
    labels: tuple[tuple[str, str], ...] = ()
    log_driver: str | None = None
    log_options: tuple[tuple[str, str], ...] = ()
    working_directory: str | None = None
    memory_limit: int | None = None
    memory_reservation: int | None = None
    cpu_limit: float | None = None
    cpu_reservation: float | None = None

    @property
    def user_ids(self) -> tuple[int, int | None] | None:
        """The numbers of the user and its group, as a cluster takes them; None where one of them is a name."""
        parts = (self.user or "").split(":")
        if not all(re.fullmatch("(?a)[0-9]+", part) for part in parts):
            return None
        return int(parts[0]), int(parts[1]) if len(parts) == 2 else None


#: What a container is set to where the definition says nothing.
UNSET = ContainerSettings()


def size_in_bytes(size: str | int) -> int | None:
    """A size such as ``256m``, ``1.5g`` or ``512Mi``, or a number of bytes; None for what is no size.

    All units are those of 1024, whichever way they are written, as container engines take them.
    """
    if isinstance(size, int):
        return size if size > 0 and not isinstance(size, bool) else None
    match = re.fullmatch(_SIZE, size.strip())
    if match is None:
        return None
    return int(float(match[1]) * 1024 ** " kmgt".index(match[2].lower() or " ")) or None


def memory_quantity(size: int) -> str:
    """A size in bytes as a quantity of Kubernetes."""
    return in_largest_unit(size, ("Ki", "Mi", "Gi"))


def in_largest_unit(size: int, units: Sequence[str]) -> str:
    """A size in bytes, in the largest unit that it is a whole number of.

    Args:
        size: The size.
        units: What the powers of 1024 are called, from the first one on.
    """
    for power in range(len(units), 0, -1):
        if size % 1024**power == 0:
            return f"{size // 1024**power}{units[power - 1]}"
    return str(size)


def cpu_quantity(processors: float) -> str:
    """A number of processors as a quantity of Kubernetes."""
    return f"{processors:.0f}" if processors == int(processors) else f"{round(processors * 1000)}m"
