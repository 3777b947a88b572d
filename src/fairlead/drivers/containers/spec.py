"""From a container as the definition describes it to one that an engine can make, and whether it is still the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fairlead.drivers.containers.files import FileContent, check_targets, contents_of, file_volumes
from fairlead.drivers.containers.images import PresentImage
from fairlead.drivers.containers.naming import FIELDS, labels, object_name
from fairlead.drivers.containers.network import AppNetwork
from fairlead.drivers.containers.setting_options import setting_options
from fairlead.drivers.paths import host_path
from fairlead.engines.containers import ContainerSpec, ImageInfo, Mount, NetworkInfo, PublishedPort
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.health import CommandCheck
from fairlead.model.lifetime import Lifetime
from fairlead.model.names import normal_form
from fairlead.model.volume import BindMount, ContainerFile, VolumeMount
from fairlead.resources.container import Container

_LONGEST_HOST_NAME = 63  # of Linux, and of DNS
EVERYWHERE = "0.0.0.0"
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Additions:
    """What the driver of a kind adds to the container that the definition describes.

    Args:
        arguments: In front of those of the definition.
        environment: Variables below those of the definition.
        options: Options of ``docker run`` in front of those of the definition.
        files: What else is copied in.
        labels: What else is written on it.
        parts: Further parts, as plain data, whose change makes it another container.
        unhashed: Parts that may differ without the container being another one, by their names in the hash.
        describe_arguments: Whether each argument is a part of its own, named by its flag.
    """

    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    files: tuple[ContainerFile, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, Any] = field(default_factory=dict)
    unhashed: frozenset[str] = frozenset()
    describe_arguments: bool = False


@dataclass(frozen=True, slots=True)
class Desired:
    """What a container is to be.

    Args:
        spec: For the engine.
        files: What is copied in.
        user: Whom they belong to, as images name users.
        volumes: Named volumes that have to exist.
        file_volumes: The folders of files with a volume of their own.
        fields: A keyed hash of each part, by which it is compared with what is there.
    """

    spec: ContainerSpec
    files: tuple[FileContent, ...]
    user: str
    volumes: tuple[str, ...]
    fields: Mapping[str, str]
    file_volumes: tuple[str, ...] = ()


async def desired_container(
    context: DriverContext, image: PresentImage, network: AppNetwork, lifetime: Lifetime, additions: Additions
) -> Desired:
    """Resolve everything a container is made from.

    Args:
        context: Its start.
        image: Its image.
        network: The network it joins.
        lifetime: How long it lives.
        additions: What its kind adds.
    """
    resource = context.resource
    assert isinstance(resource, Container)
    environment = {**additions.environment, **await context.environment()}
    arguments = [*additions.arguments, *await context.arguments()]
    contributions = context.contributions
    contributed = (file for contribution in contributions for file in contribution.files)
    files = await contents_of([*additions.files, *resource.container_files, *contributed], context)
    mounts = tuple(_mounts(context, resource))
    hosts = dict(network.extra_hosts)
    for contribution in contributions:
        hosts |= contribution.extra_hosts
    ports = tuple(
        PublishedPort(port.container_port, port.host_port, port.protocol, EVERYWHERE if port.external else LOOPBACK)
        for port in context.container_ports
    )
    spec = ContainerSpec(
        name=object_name(context.app_id, resource.name),
        image=image.reference,
        env=environment,
        entrypoint=tuple(resource.entrypoint) if resource.entrypoint else None,
        command=tuple(arguments) if arguments else None,
        ports=ports,
        network=network.name,
        aliases=_aliases(resource.name),
        mounts=mounts,
        extra_hosts=hosts,
        options=(*additions.options, *_options(resource, network.info.gateway)),
        platform=resource.platform,
        host_name=_default_host_name(resource),
    )
    volumes = file_volumes(files, spec)
    spec = replace(spec, mounts=(*mounts, *(Mount("volume", None, folder) for folder in volumes)))
    check_targets(files, spec)
    parts = {**_fields(spec, image.info, network.info, files), **additions.parts}
    if additions.describe_arguments:
        parts |= _argument_fields(parts.pop("arguments"))
    fields = context.field_hashes({name: part for name, part in parts.items() if name not in additions.unhashed})
    owned = labels(context.app_id, context.run_id, lifetime, resource.name) | {FIELDS: json.dumps(fields)}
    owned |= additions.labels
    named = tuple(mount.source for mount in mounts if mount.kind == "volume" and mount.source is not None)
    return Desired(replace(spec, labels=owned), tuple(files), user_of(spec, image.info), named, fields, volumes)


def _options(resource: Container, gateway: str | None) -> tuple[str, ...]:
    """Its options of ``docker run``; the ones that the definition gives as such win."""
    signal = () if resource.stop_signal is None else (f"--stop-signal={resource.stop_signal}",)
    host_name = (f"--hostname={normal_form(resource.name)}",) if resource.stable_host_name else ()
    is_replaced = any(isinstance(check, CommandCheck) for check in resource.health_checks)
    health = ("--no-healthcheck",) if is_replaced or not resource.image_health_check else ()
    return (*signal, *host_name, *health, *setting_options(resource.settings, gateway), *resource.runtime_args)


def _default_host_name(resource: Container) -> str | None:
    """The resource's name, so that a program finds what it keeps under its host name again in the next container.

    It is no part of what makes a container another one: containers of earlier versions, which have none, are kept.
    """
    name = normal_form(resource.name)
    return name if len(name) <= _LONGEST_HOST_NAME else None


def _aliases(name: str) -> tuple[str, ...]:
    """The names on the network: the one that it has in a cluster, and the one that the definition gives it."""
    return tuple(dict.fromkeys((normal_form(name), name.lower(), name)))


def user_of(spec: ContainerSpec, image: ImageInfo) -> str:
    """Whom the program in a container runs as: what its options say, else what the image says; empty for root."""
    named = option_of(spec, "--user", "-u")
    return image.user if named is None else named


def option_of(spec: ContainerSpec, *names: str) -> str | None:
    """What the last of its options with one of these names says, or None."""
    given = (option.partition("=") for option in spec.options)
    return next((value for name, _, value in reversed([*given]) if name in names), None)


def changed_fields(known: Mapping[str, str], fields: Mapping[str, str]) -> list[str]:
    """The parts in which a container that is there differs from the one that is wanted, from its label."""
    try:
        before = json.loads(known.get(FIELDS, ""))
    except ValueError:
        return ["all of it"]
    return sorted(name for name in {*before, *fields} if before.get(name) != fields.get(name))


def _mounts(context: DriverContext, resource: Container) -> Iterable[Mount]:
    volumes = [*resource.volumes]
    binds = [*resource.bind_mounts]
    for contribution in context.contributions:
        volumes += [mount for mount in contribution.mounts if isinstance(mount, VolumeMount)]
        binds += [mount for mount in contribution.mounts if isinstance(mount, BindMount)]
    for volume in volumes:
        name = None if volume.name is None else object_name(context.app_id, volume.name)
        yield Mount("volume", name, volume.target, volume.read_only)
    for bind in binds:
        source = str(host_path(context.directory, bind.source))
        yield Mount("bind", source, bind.target, bind.read_only)


def _argument_fields(arguments: Iterable[str]) -> dict[str, list[str]]:
    """Arguments of the form ``--flag=value`` by their flags, in order."""
    found: dict[str, list[str]] = {}
    for argument in arguments:
        flag, _, value = argument.partition("=")
        found.setdefault(f"argument {flag}", []).append(value)
    return found


def _fields(
    spec: ContainerSpec, image: ImageInfo, network: NetworkInfo, files: Iterable[FileContent]
) -> dict[str, Any]:
    """The parts by name, finer where a person asks which one: each variable, port, mount and file is one."""
    fields: dict[str, Any] = {
        "image": image.id,
        "entrypoint": spec.entrypoint,
        "arguments": spec.command,
        "network": network.id,  # one that was made anew under its name has other containers on it
        "extra hosts": sorted(spec.extra_hosts.items()),
        "runtime arguments": spec.options,
    }
    if spec.platform is not None:  # those that were made before there was this have no such part
        fields["platform"] = spec.platform
    fields |= {f"variable {name}": value for name, value in spec.env.items()}
    fields |= {f"port {port.container_port}/{port.protocol}": (port.host_ip, port.host_port) for port in spec.ports}
    fields |= {f"mount {mount.target}": (mount.kind, mount.source, mount.read_only) for mount in spec.mounts}
    fields |= {f"file {file.path}": (hashlib.sha256(file.data).hexdigest(), file.mode) for file in files}
    return fields
