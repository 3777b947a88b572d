"""A container as the engine wants it described: the body of its create call.

The options of ``docker run`` are a table, so that what is known, what it needs and where it goes can be read off.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from fairlead.engines.containers import ContainerSpec, Mount, MountKind
from fairlead.errors import EngineError

Body = dict[str, Any]

OURS: Final = {
    "name": "Fairlead names its containers",
    "network": "all containers of an app share its network",
    "net": "all containers of an app share its network",
    "publish": "a port is published by with_endpoint()",
    "publish-all": "a port is published by with_endpoint()",
    "detach": "Fairlead follows the container's output",
    "interactive": "there is nobody to type into it",
    "attach": "Fairlead follows the container's output",
    "rm": "Fairlead removes it, see with_lifetime()",
    "entrypoint": "there is with_entrypoint()",
    "env-file": "there is with_environment()",
    "cidfile": "Fairlead keeps track of it",
    "platform": "one for another platform is named by its digest",
    "pull": "there is with_pull_policy()",
}
"""Options that would get in Fairlead's way, and why."""
SHORT: Final = {
    "a": "attach",
    "c": "cpu-shares",
    "d": "detach",
    "e": "env",
    "h": "hostname",
    "i": "interactive",
    "l": "label",
    "m": "memory",
    "p": "publish",
    "P": "publish-all",
    "t": "tty",
    "u": "user",
    "v": "volume",
    "w": "workdir",
}


@dataclass(frozen=True, slots=True)
class Option:
    """An option: what it does to the body, and whether it may stand without a value."""

    put: Callable[[Body, str], None]
    is_flag: bool = False


def create_body(spec: ContainerSpec, any_address: str = "0.0.0.0") -> Body:
    """Describe a container to the engine.

    Args:
        spec: The container.
        any_address: How the engine wants it said that a port is published on all addresses.

    Raises:
        EngineError: One of its options is not known, is Fairlead's own business, or has a value that makes no sense.
    """
    body: Body = {
        "Image": spec.image,
        "Env": [f"{name}={value}" for name, value in spec.env.items()],
        "Labels": dict(spec.labels),
        "ExposedPorts": {f"{port.container_port}/{port.protocol}": {} for port in spec.ports},
        "Volumes": {},
        "HostConfig": {
            "PortBindings": _bindings(spec, any_address),
            "Mounts": [],
            "ExtraHosts": [f"{name}:{address}" for name, address in spec.extra_hosts.items()],
        },
        "NetworkingConfig": {},
    }
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
        _put_option(body, option)
    return body


def mounts_of(spec: ContainerSpec) -> list[Mount]:
    """All that is mounted in a container, also what its options ask for.

    Raises:
        EngineError: As for :func:`create_body`.
    """
    host = create_body(spec)["HostConfig"]
    found = [Mount("volume", None, mount.target) for mount in spec.mounts if mount.source is None]
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


def _put_option(body: Body, text: str) -> None:
    given, equals, value = text.partition("=")
    name = given.lstrip("-")
    if given.startswith("-") and not given.startswith("--"):
        name = SHORT.get(name, name)
    if not given.startswith("-") or " " in name:
        raise EngineError(
            f"the container option {text!r} can't be understood.",
            remedy="Write each option as one text with its value, like '--memory=256m' or '--privileged'.",
        )
    if name in OURS:
        raise EngineError(f"the container option {given} can't be used: {OURS[name]}.", remedy="Leave it out.")
    option = OPTIONS.get(name)
    if option is None:
        guess = get_close_matches(name, OPTIONS, n=1, cutoff=0.8)
        remedy = f"Did you mean --{guess[0]}?" if guess else "`docker run --help` shows how each is spelled."
        raise EngineError(f"the container option {given} is not known.", remedy=remedy)
    if not equals and not option.is_flag:
        raise EngineError(f"the container option {given} needs a value.", remedy=f"Write it as '{given}=…'.")
    try:
        option.put(body, value if equals else "true")
    except (ValueError, OSError) as error:
        raise EngineError(f"the container option {text!r} can't be used: {error}.") from error


# How an option's text becomes a value of the body


def _size(text: str) -> int:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([bkmgt]?)(?:i?b)?", text.lower())
    if match is None:
        raise ValueError(f"'{text}' is no size like 512m or 2g")
    return int(float(match[1]) * 1024 ** "bkmgt".index(match[2] or "b"))


def _size_or_none(text: str) -> int:
    return -1 if text == "-1" else _size(text)


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"'{text}' is no whole number") from None


def _yes_or_no(text: str) -> bool:
    if text.lower() not in ("true", "false", "1", "0"):
        raise ValueError(f"'{text}' is neither true nor false")
    return text.lower() in ("true", "1")


def _nano_cpus(text: str) -> int:
    try:
        return int(float(text) * 1e9)
    except ValueError:
        raise ValueError(f"'{text}' is no number of processors like 1.5") from None


def _nanoseconds(text: str) -> int:
    units = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
    parts = re.findall(r"(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)", text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"'{text}' is no duration like 30s or 1m30s")
    return sum(int(float(number) * units[unit]) for number, unit in parts)


def _security(text: str) -> str:
    name, _, value = text.partition("=")
    if name == "seccomp" and value not in ("unconfined", "builtin"):
        return f"seccomp={Path(value).read_text()}"  # the engine wants the profile itself
    return text


def _ulimit(text: str) -> dict[str, Any]:
    name, _, values = text.partition("=")
    soft, _, hard = values.partition(":")
    return {"Name": name, "Soft": _whole(soft), "Hard": _whole(hard or soft)}


def _device(text: str) -> dict[str, str]:
    host, _, rest = text.partition(":")
    inside, _, rights = rest.partition(":")
    return {"PathOnHost": host, "PathInContainer": inside or host, "CgroupPermissions": rights or "rwm"}


def _gpus(text: str) -> dict[str, Any]:
    count = -1 if text == "all" else _whole(text)
    return {"Driver": "", "Count": count, "Capabilities": [["gpu"]]}


# Where it goes


def _host(key: str, convert: Callable[[str], Any] = str, *, is_flag: bool = False) -> Option:
    def put(body: Body, text: str) -> None:
        body["HostConfig"][key] = convert(text)

    return Option(put, is_flag)


def _host_list(key: str, convert: Callable[[str], Any] = str) -> Option:
    return Option(lambda body, text: body["HostConfig"].setdefault(key, []).append(convert(text)))


def _host_map(key: str, separator: str) -> Option:
    def put(body: Body, text: str) -> None:
        name, _, value = text.partition(separator)
        body["HostConfig"].setdefault(key, {})[name] = value

    return Option(put)


def _config(key: str, convert: Callable[[str], Any] = str, *, is_flag: bool = False) -> Option:
    def put(body: Body, text: str) -> None:
        body[key] = convert(text)

    return Option(put, is_flag)


def _health(key: str, convert: Callable[[str], Any]) -> Option:
    def put(body: Body, text: str) -> None:
        body.setdefault("Healthcheck", {})[key] = convert(text)

    return Option(put)


def _put_label(body: Body, text: str) -> None:
    name, _, value = text.partition("=")
    if name.startswith("dev.fairlead."):
        raise ValueError("by labels of this name Fairlead finds what it has to remove")
    body["Labels"][name] = value


def _put_alias(body: Body, text: str) -> None:
    for endpoint in body["NetworkingConfig"].get("EndpointsConfig", {}).values():
        endpoint["Aliases"].append(text)


def _put_address(body: Body, text: str) -> None:
    for endpoint in body["NetworkingConfig"].get("EndpointsConfig", {}).values():
        endpoint["IPAMConfig"] = {"IPv4Address": text}


def _put_log_option(body: Body, text: str) -> None:
    name, _, value = text.partition("=")
    body["HostConfig"].setdefault("LogConfig", {}).setdefault("Config", {})[name] = value


def _put_log_driver(body: Body, text: str) -> None:
    if text not in ("json-file", "local", "journald", "k8s-file"):
        raise ValueError("Fairlead could not read what it writes; use json-file, local, journald or k8s-file")
    body["HostConfig"].setdefault("LogConfig", {})["Type"] = text


def _put_mount_option(body: Body, text: str) -> None:
    fields = dict(field.partition("=")[::2] for field in text.split(","))
    kind = fields.get("type", "volume")
    target = next((fields[key] for key in ("target", "destination", "dst") if key in fields), None)
    if kind not in ("bind", "volume", "tmpfs") or target is None:
        raise ValueError("it needs a type of bind, volume or tmpfs, and a target")
    source = fields.get("source", fields.get("src"))
    read_only = any(fields.get(key, "no") in ("", "true", "1") for key in ("readonly", "ro"))
    mount = {"Type": kind, "Target": target, "ReadOnly": read_only} | ({"Source": source} if source else {})
    body["HostConfig"]["Mounts"].append(mount)


def _put_restart(body: Body, text: str) -> None:
    if text != "no":
        raise ValueError("Fairlead itself restarts resources; only --restart=no is possible")


OPTIONS: Final[dict[str, Option]] = {
    "add-host": _host_list("ExtraHosts"),
    "blkio-weight": _host("BlkioWeight", _whole),
    "cap-add": _host_list("CapAdd"),
    "cap-drop": _host_list("CapDrop"),
    "cgroup-parent": _host("CgroupParent"),
    "cgroupns": _host("CgroupnsMode"),
    "cpu-period": _host("CpuPeriod", _whole),
    "cpu-quota": _host("CpuQuota", _whole),
    "cpu-shares": _host("CpuShares", _whole),
    "cpus": _host("NanoCpus", _nano_cpus),
    "cpuset-cpus": _host("CpusetCpus"),
    "cpuset-mems": _host("CpusetMems"),
    "device": _host_list("Devices", _device),
    "device-cgroup-rule": _host_list("DeviceCgroupRules"),
    "dns": _host_list("Dns"),
    "dns-option": _host_list("DnsOptions"),
    "dns-search": _host_list("DnsSearch"),
    "domainname": _config("Domainname"),
    "env": Option(lambda body, text: body["Env"].append(text)),
    "expose": Option(lambda body, text: body["ExposedPorts"].update({text if "/" in text else f"{text}/tcp": {}})),
    "gpus": _host_list("DeviceRequests", _gpus),
    "group-add": _host_list("GroupAdd"),
    "health-cmd": _health("Test", lambda text: ["CMD-SHELL", text]),
    "health-interval": _health("Interval", _nanoseconds),
    "health-retries": _health("Retries", _whole),
    "health-start-period": _health("StartPeriod", _nanoseconds),
    "health-timeout": _health("Timeout", _nanoseconds),
    "hostname": _config("Hostname"),
    "init": _host("Init", _yes_or_no, is_flag=True),
    "ip": Option(_put_address),
    "ipc": _host("IpcMode"),
    "label": Option(_put_label),
    "log-driver": Option(_put_log_driver),
    "log-opt": Option(_put_log_option),
    "mac-address": _config("MacAddress"),
    "memory": _host("Memory", _size),
    "memory-reservation": _host("MemoryReservation", _size),
    "memory-swap": _host("MemorySwap", _size_or_none),
    "memory-swappiness": _host("MemorySwappiness", _whole),
    "mount": Option(_put_mount_option),
    "network-alias": Option(_put_alias),
    "no-healthcheck": _config("Healthcheck", lambda text: {"Test": ["NONE"]}, is_flag=True),
    "oom-kill-disable": _host("OomKillDisable", _yes_or_no, is_flag=True),
    "oom-score-adj": _host("OomScoreAdj", _whole),
    "pid": _host("PidMode"),
    "pids-limit": _host("PidsLimit", _whole),
    "privileged": _host("Privileged", _yes_or_no, is_flag=True),
    "read-only": _host("ReadonlyRootfs", _yes_or_no, is_flag=True),
    "restart": Option(_put_restart),
    "runtime": _host("Runtime"),
    "security-opt": _host_list("SecurityOpt", _security),
    "shm-size": _host("ShmSize", _size),
    "stop-signal": _config("StopSignal"),
    "stop-timeout": _config("StopTimeout", _whole),
    "sysctl": _host_map("Sysctls", "="),
    "tmpfs": _host_map("Tmpfs", ":"),
    "tty": _config("Tty", _yes_or_no, is_flag=True),
    "ulimit": _host_list("Ulimits", _ulimit),
    "user": _config("User"),
    "userns": _host("UsernsMode"),
    "uts": _host("UTSMode"),
    "volume": _host_list("Binds"),
    "volumes-from": _host_list("VolumesFrom"),
    "workdir": _config("WorkingDir"),
}
