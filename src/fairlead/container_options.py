"""The options of ``docker run``: what is known, what each needs, and where it goes in the description of a container.

They are a table, for two readers. A definition judges by it what it is given, before anything runs; what creates
containers writes by it the body of an engine's create call. So this touches nothing, and knows neither of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from fairlead.errors import EngineError
from fairlead.records import record

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
    "platform": "there is with_platform()",
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


@record
class Option:
    """An option: what it does to the body, and whether it may stand without a value."""

    put: Callable[[Body, str], None]
    is_flag: bool = False


def option_problem(text: str) -> EngineError | None:
    """What no engine would make of an option, or None where nothing speaks against it."""
    try:
        put_option(empty_body(), text)
    except EngineError as error:
        return error
    return None


def empty_body() -> Body:
    """The description of a container of which nothing is said, with all that options add to."""
    return {
        "Env": [],
        "Labels": {},
        "ExposedPorts": {},
        "Volumes": {},
        "HostConfig": {"Mounts": [], "ExtraHosts": []},
        "NetworkingConfig": {},
    }


def put_option(body: Body, text: str) -> None:
    """Write an option into the description of a container.

    Args:
        body: Such as :func:`empty_body` makes.
        text: The option, as ``--name=value`` or ``--name``.

    Raises:
        EngineError: It is not known, is Fairlead's own business, or has a value that makes no sense.
    """
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
        from difflib import get_close_matches

        guess = get_close_matches(name, OPTIONS, n=1, cutoff=0.8)
        remedy = f"Did you mean --{guess[0]}?" if guess else "`docker run --help` shows how each is spelled."
        raise EngineError(f"the container option {given} is not known.", remedy=remedy)
    if not equals and not option.is_flag:
        raise EngineError(f"the container option {given} needs a value.", remedy=f"Write it as '{given}=…'.")
    try:
        option.put(body, value if equals else "true")
    except (ValueError, OverflowError) as error:
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
    if not re.fullmatch(r"\d+(\.\d*)?|\.\d+", text, re.ASCII):
        raise ValueError(f"'{text}' is no number of processors like 1.5")
    return int(float(text) * 1e9)


def _one_of(*words: str) -> Callable[[str], str]:
    def convert(text: str) -> str:
        if text not in words:
            raise ValueError(f"'{text}' is none of {', '.join(words)}")
        return text

    return convert


def _path(text: str) -> str:
    if not text.startswith("/"):
        raise ValueError(f"'{text}' is no absolute path in the container")
    return text


def _nanoseconds(text: str) -> int:
    units = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
    parts = re.findall(r"(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)", text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"'{text}' is no duration like 30s or 1m30s")
    return sum(int(float(number) * units[unit]) for number, unit in parts)


def _pair(text: str, separator: str) -> tuple[str, str]:
    name, found, value = text.partition(separator)
    if not name or not found:
        raise ValueError(f"'{text}' has not the form name{separator}value")
    return name, value


def _ulimit(text: str) -> dict[str, Any]:
    name, values = _pair(text, "=")
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


def _config(key: str, convert: Callable[[str], Any] = str, *, is_flag: bool = False) -> Option:
    def put(body: Body, text: str) -> None:
        body[key] = convert(text)

    return Option(put, is_flag)


def _health(key: str, convert: Callable[[str], Any]) -> Option:
    def put(body: Body, text: str) -> None:
        body.setdefault("Healthcheck", {})[key] = convert(text)

    return Option(put)


def _put_variable(body: Body, text: str) -> None:
    if "=" not in text:
        raise ValueError("a container gets nothing from the environment of this machine; write NAME=value")
    _pair(text, "=")
    body["Env"].append(text)


def _put_host(body: Body, text: str) -> None:
    name, address = _pair(text, ":")
    if name == "host.docker.internal":
        raise ValueError("Fairlead gives each container this name, with the address that leads here")
    body["HostConfig"]["ExtraHosts"].append(f"{name}:{address}")


def _put_exposed(body: Body, text: str) -> None:
    number, _, protocol = text.partition("/")
    if not 1 <= _whole(number) <= 65535 or protocol not in ("", "tcp", "udp", "sctp"):
        raise ValueError(f"'{text}' is no port like 8080 or 53/udp")
    body["ExposedPorts"][f"{number}/{protocol or 'tcp'}"] = {}


def _put_sysctl(body: Body, text: str) -> None:
    name, value = _pair(text, "=")
    body["HostConfig"].setdefault("Sysctls", {})[name] = value


def _put_tmpfs(body: Body, text: str) -> None:
    target, _, options = text.partition(":")
    body["HostConfig"].setdefault("Tmpfs", {})[_path(target)] = options


def _put_volume(body: Body, text: str) -> None:
    source, colon, rest = text.partition(":")
    if not colon:
        body["Volumes"][_path(text)] = {}
        return
    if source.startswith(".") or ("/" in source[1:] and not source.startswith("/")):
        raise ValueError(f"'{source}' is neither an absolute path nor the name of a volume; use with_bind_mount()")
    _path(rest.partition(":")[0])
    body["HostConfig"].setdefault("Binds", []).append(text)


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
    "add-host": Option(_put_host),
    "blkio-weight": _host("BlkioWeight", _whole),
    "cap-add": _host_list("CapAdd"),
    "cap-drop": _host_list("CapDrop"),
    "cgroup-parent": _host("CgroupParent"),
    "cgroupns": _host("CgroupnsMode", _one_of("host", "private")),
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
    "env": Option(_put_variable),
    "expose": Option(_put_exposed),
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
    "security-opt": _host_list("SecurityOpt"),
    "shm-size": _host("ShmSize", _size),
    "stop-signal": _config("StopSignal"),
    "stop-timeout": _config("StopTimeout", _whole),
    "sysctl": Option(_put_sysctl),
    "tmpfs": Option(_put_tmpfs),
    "tty": _config("Tty", _yes_or_no, is_flag=True),
    "ulimit": _host_list("Ulimits", _ulimit),
    "user": _config("User"),
    "userns": _host("UsernsMode"),
    "uts": _host("UTSMode"),
    "volume": Option(_put_volume),
    "volumes-from": _host_list("VolumesFrom"),
    "workdir": _config("WorkingDir", _path),
}
