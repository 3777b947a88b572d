"""What the machine gives a container: memory, processors, devices, folders in memory, and limits of its processes."""

from __future__ import annotations

import re
from typing import Any, Self

from fairlead.model.argument_checks import MAX_NUMBER, kind_of
from fairlead.model.containers.settings import (
    ULIMITS,
    UNSET,
    ContainerSettings,
    Device,
    Gpus,
    Tmpfs,
    Ulimit,
    cpu_quantity,
    memory_quantity,
    size_in_bytes,
)
from fairlead.model.locations import mistake, user_location
from fairlead.model.programs.workload import Workload
from fairlead.records import replaced

_PERMISSIONS = r"(?=[rwm])r?w?m?"
_SHM = "/dev/shm"  # noqa: S108 - a path in the container


class LimitedContainer(Workload):
    """A container that the machine gives more than others, or less."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.settings: ContainerSettings = UNSET

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
            self._need("limits", "memory", memory_quantity(most))
        if least is not None:
            self._set(memory_reservation=least)
            self._need("requests", "memory", memory_quantity(least))
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
            self._need("limits", "cpu", cpu_quantity(most))
        if least is not None:
            self._set(cpu_reservation=least)
            self._need("requests", "cpu", cpu_quantity(least))
        return self

    def with_gpus(self, count: Gpus = "all") -> Self:
        """Give it GPUs of NVIDIA. In a cluster it gets as many, of nodes with NVIDIA's device plugin.

        Args:
            count: How many, or ``"all"``.
        """
        self._declare("with_gpus")
        if count == "all" or self._number("with_gpus", "count", count, 1):
            self._set(gpus=count)
            self._need("limits", "nvidia.com/gpu", "1" if count == "all" else str(count))
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

    # Checks of arguments

    def _set(self, **fields: Any) -> Self:
        self.settings = replaced(self.settings, **fields)
        return self

    def _need(self, kind: str, what: str, quantity: str) -> None:
        """What its container requests in a cluster, or is limited to; ``with_resources`` sets the same."""
        self.resource_needs.setdefault(kind, {})[what] = quantity
        self._needs_where = user_location()

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
