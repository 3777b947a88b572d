"""Settings of a container that most need none of: whom it runs as, what it may do, what the machine gives it."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Self

from fairlead.container_options import option_problem
from fairlead.model.argument_checks import MAX_NUMBER, kind_of
from fairlead.model.container_settings import (
    CAPABILITIES,
    HOST_GATEWAY,
    ULIMITS,
    UNSET,
    ContainerSettings,
    Device,
    ExtraHost,
    Gpus,
    Tmpfs,
    Ulimit,
    size_in_bytes,
)
from fairlead.model.locations import mistake
from fairlead.model.placement import HOST_FROM_CONTAINER
from fairlead.model.workload import Workload
from fairlead.records import replaced

_USER = r"(?a)[^:\s]+(:[^:\s]+)?"
_HOST_NAME = r"(?a)[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"
_PERMISSIONS = r"(?=[rwm])r?w?m?"
_OURS = "dev.fairlead."
_SHM = "/dev/shm"  # noqa: S108 - a path in the container


class ConfigurableContainer(Workload):
    """A container with settings. A run gives them to the engine; a chart has what a cluster knows of them."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.settings: ContainerSettings = UNSET

    # Whom it runs as, and what it may do

    def with_user(self, user: str | int) -> Self:
        """Run its program as another user than the image's.

        Args:
            user: A user, or a user and a group as ``"1000:1000"``. A cluster takes numbers only.
        """
        self._declare("with_user")
        text = str(user) if isinstance(user, int) and not isinstance(user, bool) and user >= 0 else user
        if self._matches("with_user", "user", text, _USER, "Write it like '1000', '1000:1000' or 'node'."):
            self._set(user=text)
        return self

    def with_privileged(self) -> Self:
        """Let it do all that the machine's root may do."""
        self._declare("with_privileged")
        return self._set(privileged=True)

    def with_capabilities(self, add: Collection[str] = (), drop: Collection[str] = ()) -> Self:
        """Add capabilities of Linux to those that the engine gives it, or take some away.

        Args:
            add: Such as ``["SYS_PTRACE"]``, with or without ``CAP_``.
            drop: The same; ``["ALL"]`` for all but the added ones.
        """
        self._declare("with_capabilities")
        added, dropped = self._capability_names("add", add), self._capability_names("drop", drop)
        if added is not None and dropped is not None:
            self._set(
                added_capabilities=_united(self.settings.added_capabilities, added),
                dropped_capabilities=_united(self.settings.dropped_capabilities, dropped),
            )
        return self

    def with_sysctl(self, name: str, value: str | int) -> Self:
        """Set a kernel parameter of its own namespaces.

        A chart has those that Kubernetes calls safe; others it leaves out, as nodes refuse pods that ask for them.

        Args:
            name: Such as ``net.core.somaxconn``.
            value: Its value.
        """
        self._declare("with_sysctl")
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        named = self._matches("with_sysctl", "name", name, r"[^=\s]+", "Write it like 'net.core.somaxconn'.")
        if self._text("with_sysctl", "value", text) and named:
            self._set(sysctls=_with_entry(self.settings.sysctls, name, str(text)))
        return self

    def with_ulimit(self, name: str, soft: int, hard: int | None = None) -> Self:
        """Set a limit of what each of its processes may have. A cluster has no counterpart.

        Args:
            name: Such as ``nofile`` or ``memlock``.
            soft: The limit; -1 for none.
            hard: The most that the program can raise it to; by default the same.
        """
        self._declare("with_ulimit")
        most = soft if hard is None else hard
        valid = [self._one_of("with_ulimit", "name", name, ULIMITS)]
        valid += [self._limit(what, number) for what, number in (("soft", soft), ("hard", most))]
        if all(valid):
            others = tuple(limit for limit in self.settings.ulimits if limit.name != name)
            self._set(ulimits=(*others, Ulimit(name, soft, most)))
        return self

    # Its file system

    def with_read_only_root(self) -> Self:
        """Let its program write to volumes, mounts and folders in memory only."""
        self._declare("with_read_only_root")
        return self._set(read_only_root=True)

    def with_tmpfs(self, target: str, *, size: str | int | None = None, mode: int | None = None) -> Self:
        """Mount a folder in memory, which ends with the container.

        Args:
            target: Absolute path in the container.
            size: The most that it holds, such as ``"64m"``, or a number of bytes; by default half of the memory.
            mode: Its permissions, such as ``0o1777``, which is the default.
        """
        self._declare("with_tmpfs")
        amount = self._size("with_tmpfs", "size", size)
        valid = mode is None or self._number("with_tmpfs", "mode", mode, 0, 0o7777)
        valid &= size is None or amount is not None
        if self._path("with_tmpfs", "target", target) and valid and self._is_free(target):
            self._set(tmpfs=(*self.settings.tmpfs, Tmpfs(target, amount, mode)))
        return self

    def with_shm_size(self, size: str | int) -> Self:
        """Set the size of ``/dev/shm``, the memory that its processes share; engines give it 64 MiB.

        Args:
            size: Such as ``"256m"``, or a number of bytes.
        """
        self._declare("with_shm_size")
        amount = self._required_size("with_shm_size", "size", size)
        if amount is not None and (self.settings.shm_size is not None or self._is_free(_SHM)):
            self._set(shm_size=amount)
        return self

    def with_working_directory(self, path: str) -> Self:
        """Start its program in another folder than the image's.

        Args:
            path: Absolute path in the container.
        """
        self._declare("with_working_directory")
        if self._path("with_working_directory", "path", path):
            self._set(working_directory=path)
        return self

    # Its names and its log

    def with_host_name(self, name: str) -> Self:
        """Give it another host name than the resource's.

        Args:
            name: What it is called to itself. On the app's network it keeps the resource's name.
        """
        self._declare("with_host_name")
        remedy = "Use up to 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends."
        if self._matches("with_host_name", "name", name, _HOST_NAME, remedy):
            self._set(host_name=name)
        return self

    def with_extra_host(self, name: str, address: str) -> Self:
        """Let it find an address under a name, by its hosts file.

        Args:
            name: The name.
            address: An IP address; ``"host-gateway"`` for this machine, which is ``host.docker.internal`` anyway.
        """
        self._declare("with_extra_host")
        named = self._matches("with_extra_host", "name", name, r"[^\s:]+", "Give the name of a host.")
        place = address.strip("[]") if isinstance(address, str) else address
        if not self._is_address(place) or not named:
            return self
        if name == HOST_FROM_CONTAINER and place != HOST_GATEWAY:
            mistake(
                f"with_extra_host() got {name!r}, which leads to this machine",
                resource=self.name,
                remedy="Use another name for that address.",
            )
        else:
            hosts = dict.fromkeys((*self.settings.extra_hosts, ExtraHost(name, place)))
            self._set(extra_hosts=tuple(hosts))
        return self

    def with_label(self, name: str, value: str = "") -> Self:
        """Label it in the engine. In a chart it is an annotation of its pods.

        Args:
            name: Such as ``com.example.team``.
            value: Its value.
        """
        self._declare("with_label")
        named = self._matches("with_label", "name", name, r"[^=\s]+", "Write it like 'com.example.team'.")
        if named and name.startswith(_OURS):
            mistake(
                f"with_label() got {name!r}, and by labels of this name Fairlead finds what it has to remove",
                resource=self.name,
                remedy="Use another name.",
            )
        elif named and (value == "" or self._text("with_label", "value", value)):
            self._set(labels=_with_entry(self.settings.labels, name, value))
        return self

    def with_log_options(self, driver: str | None = None, **options: str | int) -> Self:
        """Say how the engine keeps its log. A cluster's nodes keep logs in their own way.

        Args:
            driver: ``json-file``, ``local``, ``journald`` or ``k8s-file``; by default the engine's.
            **options: Options of that, with ``_`` for each ``-``: ``max_size="10m", max_file=3``.
        """
        self._declare("with_log_options")
        valid = driver is None or self._is_log_driver(driver)
        entries = self.settings.log_options
        for name, value in options.items():
            text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
            if self._text("with_log_options", name, text):
                entries = _with_entry(entries, name.replace("_", "-"), str(text))
        if valid:
            self._set(log_driver=self.settings.log_driver if driver is None else driver, log_options=entries)
        return self

    def with_init(self) -> Self:
        """Start a small first process in it, which passes signals on and collects processes that have ended."""
        self._declare("with_init")
        return self._set(init=True)

    # What the machine gives it

    def with_memory(self, limit: str | int | None = None, *, reservation: str | int | None = None) -> Self:
        """Limit its memory, in a run and, as the limit of its container, in a cluster.

        Args:
            limit: The most it may use, such as ``"512m"``, or a number of bytes; it is ended when it needs more.
            reservation: What it needs: in a cluster the request of its container.
        """
        self._declare("with_memory")
        most, least = self._size("with_memory", "limit", limit), self._size("with_memory", "reservation", reservation)
        if limit is None and reservation is None:
            self._required_size("with_memory", "limit", limit)
        if most is not None and least is not None and least > most:
            self._report_reservation("with_memory")
            return self
        if most is not None:
            self._set(memory_limit=most)
        if least is not None:
            self._set(memory_reservation=least)
        return self

    def with_cpu(self, limit: float | str | None = None, *, reservation: float | str | None = None) -> Self:
        """Limit its use of processors, in a run and, as the limit of its container, in a cluster.

        Args:
            limit: The most it may use, such as 1.5 processors.
            reservation: What it needs: in a cluster the request of its container. A run takes no notice of it.
        """
        self._declare("with_cpu")
        most, least = self._processors("limit", limit), self._processors("reservation", reservation)
        if limit is None and reservation is None:
            mistake("with_cpu() got no limit", resource=self.name, remedy="Give a number of processors, such as 1.5.")
        if most is not None and least is not None and least > most:
            self._report_reservation("with_cpu")
            return self
        if most is not None:
            self._set(cpu_limit=most)
        if least is not None:
            self._set(cpu_reservation=least)
        return self

    def with_gpus(self, count: Gpus = "all") -> Self:
        """Give it GPUs of NVIDIA. In a cluster it gets as many, of nodes with NVIDIA's device plugin.

        Args:
            count: How many, or ``"all"``.
        """
        self._declare("with_gpus")
        if count == "all" or self._number("with_gpus", "count", count, 1):
            self._set(gpus=count)
        return self

    def with_device(self, host_path: str, container_path: str | None = None, *, permissions: str = "rwm") -> Self:
        """Give it a device of this machine. A cluster has no counterpart.

        Args:
            host_path: Such as ``/dev/ttyUSB0``.
            container_path: Its path in the container; by default the same.
            permissions: What it may do with it: ``r`` read, ``w`` write, ``m`` create.
        """
        self._declare("with_device")
        valid = [self._path("with_device", "host_path", host_path)]
        valid.append(container_path is None or self._path("with_device", "container_path", container_path))
        remedy = "Use some of 'r', 'w' and 'm', in this order."
        valid.append(self._matches("with_device", "permissions", permissions, _PERMISSIONS, remedy))
        if all(valid):
            device = Device(host_path, container_path or host_path, permissions)
            self._set(devices=(*self.settings.devices, device))
        return self

    # Checks of arguments

    def _set(self, **fields: Any) -> Self:
        self.settings = replaced(self.settings, **fields)
        return self

    def _mounted_paths(self) -> set[str]:
        """Also the folders in memory."""
        paths = super()._mounted_paths() | {folder.target.rstrip("/") for folder in self.settings.tmpfs}
        return paths if self.settings.shm_size is None else paths | {_SHM}

    def _matches(self, method: str, what: str, value: object, pattern: str, remedy: str) -> bool:
        """Whether a value is a text of a certain form."""
        if not self._text(method, what, value):
            return False
        found = re.fullmatch(pattern, str(value)) is not None
        if not found:
            mistake(f"{method}() got {value!r} as {what}", resource=self.name, remedy=remedy)
        return found

    def _capability_names(self, what: str, names: object) -> tuple[str, ...] | None:
        """The names of capabilities without ``CAP_``; None, reported, where they are none."""
        if isinstance(names, Collection) and not isinstance(names, (str, bytes)):
            known = tuple(str(name).strip().upper().removeprefix("CAP_") for name in names)
            if set(known) <= CAPABILITIES:
                return known
        mistake(
            f"with_capabilities() got {names!r} as {what}" if names else f"with_capabilities() got no list as {what}",
            resource=self.name,
            remedy="Write them like ['NET_ADMIN', 'SYS_PTRACE']; `man capabilities` lists them.",
        )
        return None

    def _limit(self, what: str, number: object) -> bool:
        """Whether a number can be a limit of a process; -1 is none."""
        if isinstance(number, int) and not isinstance(number, bool) and -1 <= number < 2**63:
            return True
        mistake(
            f"with_ulimit() needs a number as {what}, not {number if isinstance(number, int) else kind_of(number)}",
            resource=self.name,
            remedy="Give 0 or more, or -1 for no limit.",
        )
        return False

    def _size(self, method: str, what: str, size: str | int | None) -> int | None:
        """A size in bytes; None where there is none, or a wrong one, which is reported."""
        return None if size is None else self._required_size(method, what, size)

    def _required_size(self, method: str, what: str, size: object) -> int | None:
        amount = size_in_bytes(size) if isinstance(size, (str, int)) else None
        if amount is None:
            mistake(
                f"{method}() got {size!r} as {what}" if isinstance(size, (str, int)) else f"{method}() got no {what}",
                resource=self.name,
                remedy="Write it like '256m' or '1g', or give a number of bytes.",
            )
        return amount

    def _processors(self, what: str, given: object) -> float | None:
        """A number of processors; None where there is none, or a wrong one, which is reported."""
        if given is None:
            return None
        is_text = isinstance(given, str) and re.fullmatch(r"(?a)\d+(\.\d*)?|\.\d+", given) is not None
        if is_text or (isinstance(given, (int, float)) and not isinstance(given, bool)):
            number = float(given)  # type: ignore[arg-type]
            if 0.001 <= number <= MAX_NUMBER:
                return number
        mistake(
            f"with_cpu() got {given!r} as {what}",
            resource=self.name,
            remedy="Give a number of processors, such as 0.5 or 2.",
        )
        return None

    def _report_reservation(self, method: str) -> None:
        mistake(
            f"{method}() got a reservation above the limit",
            resource=self.name,
            remedy="Raise the limit, or leave the reservation out.",
        )

    def _is_address(self, address: object) -> bool:
        """Whether something is an IP address, or stands for this machine's."""
        if address == HOST_GATEWAY:
            return True
        from ipaddress import ip_address  # few containers have such a host

        try:
            ip_address(str(address))
        except ValueError:
            mistake(
                f"with_extra_host() got {address!r} as address",
                resource=self.name,
                remedy='Give an IP address, or "host-gateway" for this machine.',
            )
            return False
        return True

    def _is_log_driver(self, driver: object) -> bool:
        if not self._text("with_log_options", "driver", driver):
            return False
        problem = option_problem(f"--log-driver={driver}")
        if problem is not None:
            mistake(
                f"with_log_options() got {driver!r} as driver, and Fairlead could not read what it writes",
                resource=self.name,
                remedy="Use json-file, local, journald or k8s-file.",
            )
        return problem is None


def _united(known: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *more)))


def _with_entry(entries: tuple[tuple[str, str], ...], name: str, value: str) -> tuple[tuple[str, str], ...]:
    """Entries with one more, which replaces one of its name."""
    return tuple({**dict(entries), name: value}.items())
