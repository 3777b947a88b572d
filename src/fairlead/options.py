"""Keywords of ``add_…``: each stands for calls on the resource that is added."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from signal import Signals
from typing import Any, TypedDict, TypeVar

from fairlead.model.argument_checks import kind_of
from fairlead.model.containers.settings import Gpus
from fairlead.model.lifetime import Lifetime, LifetimeText
from fairlead.model.locations import mistake
from fairlead.model.names import listing, nearest, with_article
from fairlead.model.programs.image import Image
from fairlead.model.programs.inputs import Argument, EnvironmentEntry
from fairlead.model.programs.program import RestartPolicy
from fairlead.model.programs.workload import Workload
from fairlead.model.resource import Endpoint, Resource
from fairlead.resources.container import Container
from fairlead.resources.executable import Executable, Stdin

W = TypeVar("W", bound=Workload)


class Options(TypedDict, total=False):
    """Keywords of ``add_…`` for what a ``with_…`` or ``wait_…`` call would say; each is the same as that call.

    ``ports`` maps names of endpoints to target ports. A list stands for several calls. ``args`` are the first
    arguments; ``with_args`` appends to them. ``max_restarts`` goes with ``restart``. ``watch`` names files and folders
    whose change starts it again.
    """

    env: Mapping[str, EnvironmentEntry]
    env_file: str | os.PathLike[str]
    args: Sequence[Argument]
    ports: Mapping[str, int]
    references: Resource | Endpoint | Iterable[Resource | Endpoint]
    wait_for: Resource | Iterable[Resource]
    wait_for_completion: Resource | Iterable[Resource]
    replicas: int
    explicit_start: bool
    group: str | Iterable[str]
    restart: RestartPolicy
    max_restarts: int
    stop_signal: str | Signals
    stop_timeout: float
    health_command: str | Sequence[str]
    image_health_check: bool
    watch: str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


class ProcessOptions(Options, total=False):
    """The keywords of what runs as a process; ``image`` is what a published app runs it from."""

    stdin: Stdin
    image: str | Image


class ServerOptions(Options, total=False):
    """The keywords of containers but ``user``, which servers have for users of their own.

    ``volumes`` maps names of volumes to absolute paths in the container.

    ``ulimits`` maps names to limits, or to pairs of a soft and a hard one; ``extra_hosts`` maps names to addresses;
    ``tmpfs`` has paths, and ``devices`` those of this machine. ``memory`` and ``cpu`` are limits.
    """

    volumes: Mapping[str, str]
    lifetime: Lifetime | LifetimeText
    platform: str
    read_only_root: bool
    tmpfs: str | Sequence[str]
    shm_size: str | int
    cap_add: Sequence[str]
    cap_drop: Sequence[str]
    sysctls: Mapping[str, str | int]
    ulimits: Mapping[str, int | tuple[int, int]]
    init: bool
    host_name: str
    extra_hosts: Mapping[str, str]
    privileged: bool
    devices: str | Sequence[str]
    gpus: Gpus
    labels: Mapping[str, str]
    log_driver: str
    log_options: Mapping[str, str | int]
    working_directory: str
    memory: str | int
    cpu: float | str


class ContainerOptions(ServerOptions, total=False):
    """The keywords of containers: those of :class:`ServerOptions`, and the user that the program runs as."""

    user: str | int


def apply_options(resource: W, options: Mapping[str, Any]) -> W:
    """Make the calls that the keywords of an ``add_…`` stand for.

    Args:
        resource: What was added.
        options: :class:`ContainerOptions` of a container, :class:`ProcessOptions` of a process.
    """
    known = _options_of(resource).__annotations__
    if not options.keys().isdisjoint(_RESTART):
        _apply_restart(resource, options)
    for name, given in options.items():
        if name in _RESTART:
            continue
        if name in known:
            _apply_option(resource, name, given)
        else:
            guess = nearest(name, known)
            mistake(
                f"there is no option {name!r} for {with_article(resource.kind)}",
                resource=resource.name,
                remedy=f"Did you mean {guess!r}?" if guess else f"It has {listing(known)}.",
            )
    return resource


def _options_of(resource: Workload) -> type[Options]:
    """The class with the keywords of a resource."""
    if isinstance(resource, Container):
        return ContainerOptions
    return ProcessOptions if isinstance(resource, Executable) else Options


def _apply_option(resource: Workload, name: str, given: Any) -> None:
    """Make the calls for one keyword."""
    if name in _PER_ENTRY:
        for key, value in _mapping(resource, name, given).items():
            _PER_ENTRY[name](resource, key, value)
    elif name in _PER_ITEM:
        for item in _one_or_many(resource, name, given):
            _PER_ITEM[name](resource, item)
    else:
        _ONCE[name](resource, given)


def _apply_restart(resource: Workload, options: Mapping[str, Any]) -> None:
    """Make the one call that two keywords stand for."""
    if "restart" in options:
        resource.with_restart(options["restart"], max_restarts=options.get("max_restarts"))
    else:
        mistake("max_restarts= needs restart=", resource=resource.name, remedy='Add restart="on-failure".')


def _flag(option: str, call: Callable[[Any], object]) -> Callable[[Any, Any], object]:
    """What makes a call for True, and none for False."""

    def apply(resource: Workload, given: Any) -> None:
        if given is True:
            call(resource)
        elif given is not False:
            mistake(
                f"{option}= needs True or False, not {kind_of(given)}",
                resource=resource.name,
                remedy="Write True, or leave it out.",
            )

    return apply


def _ulimit(resource: Any, name: str, limit: Any) -> None:
    resource.with_ulimit(name, *(limit if isinstance(limit, (tuple, list)) and len(limit) == 2 else (limit,)))


_RESTART = ("restart", "max_restarts")
# What each other keyword of the option classes stands for: a call per entry of a mapping, per item of a list, or one.
_PER_ENTRY: dict[str, Callable[[Any, Any, Any], object]] = {
    "env": lambda resource, name, value: resource.with_environment(name, value),
    "ports": lambda resource, name, port: resource.with_endpoint(name, target_port=port),
    "volumes": lambda resource, name, target: resource.with_volume(name, target),
    "sysctls": lambda resource, name, value: resource.with_sysctl(name, value),
    "ulimits": _ulimit,
    "extra_hosts": lambda resource, name, address: resource.with_extra_host(name, address),
    "labels": lambda resource, name, value: resource.with_label(name, value),
    "log_options": lambda resource, name, value: resource.with_log_options(**{name: value}),
}
_PER_ITEM: dict[str, Callable[[Any, Any], object]] = {
    "references": lambda resource, other: resource.with_reference(other),
    "wait_for": lambda resource, other: resource.wait_for(other),
    "wait_for_completion": lambda resource, other: resource.wait_for_completion(other),
}
_ONCE: dict[str, Callable[[Any, Any], object]] = {
    "env_file": lambda resource, path: resource.with_env_file(path),
    "args": lambda resource, args: resource.with_args(*_sequence(resource, "args", args)),
    "replicas": lambda resource, count: resource.with_replicas(count),
    "explicit_start": _flag("explicit_start", lambda resource: resource.with_explicit_start()),
    "group": lambda resource, names: resource.with_group(
        *([names] if isinstance(names, str) else _sequence(resource, "group", names))
    ),
    "stop_signal": lambda resource, signal: resource.with_stop_signal(signal),
    "stop_timeout": lambda resource, seconds: resource.with_stop_timeout(seconds),
    "image": lambda resource, image: resource.with_image(image),
    "stdin": lambda resource, stdin: resource.with_stdin(stdin),
    "lifetime": lambda resource, lifetime: resource.with_lifetime(lifetime),
    "platform": lambda resource, platform: resource.with_platform(platform),
    "health_command": lambda resource, command: resource.with_command_health_check(command),
    "image_health_check": lambda resource, enabled: resource.with_image_health_check(enabled),
    "user": lambda resource, user: resource.with_user(user),
    "read_only_root": _flag("read_only_root", lambda resource: resource.with_read_only_root()),
    "tmpfs": lambda resource, given: [resource.with_tmpfs(target) for target in _texts(resource, "tmpfs", given)],
    "devices": lambda resource, given: [resource.with_device(path) for path in _texts(resource, "devices", given)],
    "shm_size": lambda resource, size: resource.with_shm_size(size),
    "cap_add": lambda resource, names: resource.with_capabilities(add=names),
    "cap_drop": lambda resource, names: resource.with_capabilities(drop=names),
    "init": _flag("init", lambda resource: resource.with_init()),
    "host_name": lambda resource, name: resource.with_host_name(name),
    "privileged": _flag("privileged", lambda resource: resource.with_privileged()),
    "gpus": lambda resource, count: resource.with_gpus(count),
    "log_driver": lambda resource, driver: resource.with_log_options(driver),
    "working_directory": lambda resource, path: resource.with_working_directory(path),
    "memory": lambda resource, limit: resource.with_memory(limit),
    "cpu": lambda resource, limit: resource.with_cpu(limit),
    "watch": lambda resource, paths: resource.with_watch(*_paths(resource, paths)),
}


def _mapping(resource: Resource, option: str, given: Any) -> Mapping[str, Any]:
    if isinstance(given, Mapping):
        return given
    mistake(f"{option}= needs a mapping, not {kind_of(given)}", resource=resource.name, remedy="Write {name: …}.")
    return {}


def _sequence(resource: Resource, option: str, given: Any) -> Iterable[Any]:
    if isinstance(given, Iterable) and not isinstance(given, (str, bytes)):
        return given
    mistake(f"{option}= needs a list, not {kind_of(given)}", resource=resource.name, remedy="Write […].")
    return ()


def _paths(resource: Resource, given: Any) -> Iterable[Any]:
    return [given] if isinstance(given, (str, os.PathLike)) else _sequence(resource, "watch", given)


def _one_or_many(resource: Resource, option: str, given: Any) -> Iterable[Any]:
    return [given] if isinstance(given, (Resource, Endpoint)) else _sequence(resource, option, given)


def _texts(resource: Resource, option: str, given: Any) -> Iterable[Any]:
    return [given] if isinstance(given, str) else _sequence(resource, option, given)
