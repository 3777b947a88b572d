"""The settings of a container as options of ``docker run``."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.model.containers.settings import HOST_GATEWAY, ContainerSettings, Tmpfs, in_largest_unit
from fairlead.model.endpoints.placement import HOST_FROM_CONTAINER


def setting_options(settings: ContainerSettings, gateway: str | None) -> tuple[str, ...]:
    """The options that give a container its settings.

    Args:
        settings: The settings.
        gateway: This machine's address for containers; None where the engine knows it.
    """
    return (
        *_identity(settings),
        *_rights(settings),
        *_file_system(settings),
        *_hosts(settings, gateway or HOST_GATEWAY),
        *_amounts(settings),
        *_of_engine(settings),
    )


def _identity(settings: ContainerSettings) -> Iterator[str]:
    if settings.user is not None:
        yield f"--user={settings.user}"
    if settings.host_name is not None:
        yield f"--hostname={settings.host_name}"
    if settings.working_directory is not None:
        yield f"--workdir={settings.working_directory}"
    if settings.init:
        yield "--init"


def _rights(settings: ContainerSettings) -> Iterator[str]:
    if settings.privileged:
        yield "--privileged"
    yield from (f"--cap-add={name}" for name in settings.added_capabilities)
    yield from (f"--cap-drop={name}" for name in settings.dropped_capabilities)
    yield from (f"--sysctl={name}={value}" for name, value in settings.sysctls)
    yield from (f"--ulimit={limit.name}={limit.soft}:{limit.hard}" for limit in settings.ulimits)
    for device in settings.devices:
        yield f"--device={device.host_path}:{device.container_path}:{device.permissions}"


def _file_system(settings: ContainerSettings) -> Iterator[str]:
    if settings.read_only_root:
        yield "--read-only"
    yield from (f"--tmpfs={_tmpfs(folder)}" for folder in settings.tmpfs)
    if settings.shm_size is not None:
        yield f"--shm-size={_size(settings.shm_size)}"


def _tmpfs(folder: Tmpfs) -> str:
    options = [] if folder.size is None else [f"size={folder.size}"]
    options += [] if folder.mode is None else [f"mode={folder.mode:04o}"]
    return f"{folder.target}:{','.join(options)}" if options else folder.target


def _hosts(settings: ContainerSettings, gateway: str) -> Iterator[str]:
    for host in settings.extra_hosts:
        if host.name != HOST_FROM_CONTAINER:  # each container has it
            yield f"--add-host={host.name}:{gateway if host.address == HOST_GATEWAY else host.address}"


def _amounts(settings: ContainerSettings) -> Iterator[str]:
    if settings.memory_limit is not None:
        yield f"--memory={_size(settings.memory_limit)}"
    if settings.memory_reservation is not None:
        yield f"--memory-reservation={_size(settings.memory_reservation)}"
    if settings.cpu_limit is not None:
        yield f"--cpus={settings.cpu_limit:.9g}"
    if settings.gpus is not None:
        yield f"--gpus={settings.gpus}"


def _of_engine(settings: ContainerSettings) -> Iterator[str]:
    yield from (f"--label={name}={value}" for name, value in settings.labels)
    if settings.log_driver is not None:
        yield f"--log-driver={settings.log_driver}"
    yield from (f"--log-opt={name}={value}" for name, value in settings.log_options)


def _size(amount: int) -> str:
    """A size in the largest unit that it is a whole number of, since messages show it."""
    return in_largest_unit(amount, ("k", "m", "g"))
