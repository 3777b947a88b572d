"""A container as the engine wants it described: the body of its create call."""

from __future__ import annotations

from pathlib import Path

from fairlead.container_options import Body, empty_body, put_option
from fairlead.engines.containers import ContainerSpec, Mount, MountKind
from fairlead.errors import EngineError


def create_body(spec: ContainerSpec, any_address: str = "0.0.0.0") -> Body:
    """Describe a container to the engine.

    Args:
        spec: The container.
        any_address: How the engine wants it said that a port is published on all addresses.

    Raises:
        EngineError: One of its options is not known, is Fairlead's own business, or has a value that makes no sense.
    """
    body = empty_body()
    body["Image"] = spec.image
    body["Env"] += [f"{name}={value}" for name, value in spec.env.items()]
    body["Labels"] |= spec.labels
    body["ExposedPorts"] |= {f"{port.container_port}/{port.protocol}": {} for port in spec.ports}
    body["HostConfig"]["PortBindings"] = _bindings(spec, any_address)
    body["HostConfig"]["ExtraHosts"] += [f"{name}:{address}" for name, address in spec.extra_hosts.items()]
    if spec.entrypoint is not None:
        body["Entrypoint"] = list(spec.entrypoint)
    if spec.command is not None:
        body["Cmd"] = list(spec.command)
    if spec.network is not None:
        body["HostConfig"]["NetworkMode"] = spec.network
        body["NetworkingConfig"]["EndpointsConfig"] = {spec.network: {"Aliases": list(spec.aliases)}}
    for mount in spec.mounts:
        _put_mount(body, mount)
    for option in spec.options:
        put_option(body, option)
    if spec.host_name is not None and "UTSMode" not in body["HostConfig"]:
        body.setdefault("Hostname", spec.host_name)
    _put_profiles(body["HostConfig"])
    return body


def mounts_of(spec: ContainerSpec) -> list[Mount]:
    """All that is mounted in a container, also what its options ask for.

    Raises:
        EngineError: As for :func:`create_body`.
    """
    body = create_body(spec)
    host = body["HostConfig"]
    found = [Mount("volume", None, target) for target in body["Volumes"]]
    found += [Mount(raw["Type"], raw.get("Source"), raw["Target"], raw["ReadOnly"]) for raw in host["Mounts"]]
    found += [Mount("tmpfs", None, target) for target in host.get("Tmpfs", {})]
    for bind in host.get("Binds", []):  # /source/or/volume:/target[:ro,…]
        source, _, rest = bind.partition(":")
        target, _, rights = rest.partition(":")
        kind: MountKind = "bind" if source.startswith(("/", ".")) else "volume"
        found.append(Mount(kind, source, target, "ro" in rights.split(",")))
    return found


def _bindings(spec: ContainerSpec, any_address: str) -> dict[str, list[dict[str, str]]]:
    bindings: dict[str, list[dict[str, str]]] = {}
    for port in spec.ports:
        address = any_address if port.host_ip == "0.0.0.0" else port.host_ip
        entry = {"HostIp": address, "HostPort": str(port.host_port)}
        bindings.setdefault(f"{port.container_port}/{port.protocol}", []).append(entry)
    return bindings


def _put_mount(body: Body, mount: Mount) -> None:
    if mount.kind == "volume" and mount.source is None:
        body["Volumes"][mount.target] = {}
        return
    body["HostConfig"]["Mounts"].append(
        {"Type": mount.kind, "Source": mount.source, "Target": mount.target, "ReadOnly": mount.read_only}
    )


def _put_profiles(host: Body) -> None:
    """Put the profiles themselves in the place of the paths to them, which an engine can't read."""
    options = host.get("SecurityOpt", [])
    for place, option in enumerate(options):
        name, _, value = option.partition("=")
        if name == "seccomp" and value not in ("unconfined", "builtin"):
            try:
                options[place] = f"seccomp={Path(value).read_text()}"
            except (OSError, UnicodeDecodeError) as error:
                raise EngineError(
                    f"the container option '--security-opt={option}' can't be used: {error}.",
                    remedy="Give the path of a profile that is there.",
                ) from error
