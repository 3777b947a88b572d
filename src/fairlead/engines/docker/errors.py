"""What an engine's refusals mean, and what to do about them.

The engines' own words tell experts what happened ("driver failed programming external connectivity on endpoint …").
These functions say what it means for the container, volume or image concerned; what they don't know is passed on in
the engine's words, without its nested prefixes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from fairlead.engines.containers import ContainerInfo, ContainerSpec
from fairlead.errors import EngineError

NAME_TAKEN: Final = re.compile(r"name \"?/?(?P<name>[^\"\s]+)\"? is already in use by (?:container )?\"?(?P<id>\w+)")
PORT_TAKEN: Final = re.compile(
    r"(?:Bind for |listen (?:tcp|udp)[46]? |bind host port (?:for )?|exposing port \w+ )"
    r"\[?(?P<address>[\d.]*|[\da-f:]*)\]?:(?P<port>\d+)\b.*?already",
    re.DOTALL,
)
NOTHING_LEFT: Final = re.compile(r"no space left on device|disk quota exceeded")


def explain(refusal: EngineError, what: str) -> EngineError:
    """Say what a refusal means, whatever was asked of the engine.

    Args:
        refusal: What the engine said.
        what: What can't be done because of it, as the beginning of a sentence.
    """
    text = refusal.message
    for pattern, say in _MEANINGS:
        if match := pattern.search(text):
            reason, remedy = say(match)
            return EngineError(f"{what}: {reason}.", remedy=remedy, raw=text)
    return EngineError(f"{what}: {short(text)}.")


def name_taken(spec: ContainerSpec, holder: ContainerInfo | None) -> EngineError:
    """A container can't have its name because another one has it."""
    who = "another container"
    if holder is not None:
        who = f"the container {holder.id[:12]} (image {holder.image}, {holder.state})"
    return EngineError(
        f"the container name '{spec.name}' is taken by {who}.",
        remedy=f"Remove that container (docker rm -f {spec.name}) or give this one another name.",
    )


def port_taken(port: int, owner: str) -> EngineError:
    """A container can't publish a port because somebody has it."""
    return EngineError(
        f"port {port} of this machine is taken by {owner}.",
        remedy="Stop that, or choose another port for the endpoint.",
    )


def volume_in_use(name: str, users: list[str]) -> EngineError:
    """A volume can't be removed because containers have it."""
    who = f"by {', '.join(users)}" if users else "by a container"
    return EngineError(f"the volume '{name}' is in use {who}.", remedy="Remove what uses it first.")


def short(text: str) -> str:
    """An engine's words without the layers of software that they went through."""
    for prefix in (
        "failed to create shim task: ",
        "failed to create task for container: ",
        "OCI runtime create failed: ",
        "runc create failed: ",
        "runc: ",
        "crun: ",
        "unable to start container process: ",
        "error during container init: ",
    ):
        text = text.rpartition(prefix)[2]
    text = re.sub(r"container_linux\.go:\d+: starting container process caused: ", "", text)
    return text.strip().removesuffix(": unknown").removesuffix(".").removesuffix(": OCI runtime error")


_ALLOW_PRIVILEGED: Final = "Use an engine that allows privileged containers: Docker or Podman as root of its machine."

Meaning = Callable[[re.Match[str]], tuple[str, str]]
_MEANINGS: Final[tuple[tuple[re.Pattern[str], Meaning], ...]] = (
    (
        NOTHING_LEFT,
        lambda match: (
            "the container engine has no space left on its disk",
            "Free some, for example by docker system prune.",
        ),
    ),
    (
        re.compile(r"exec format error"),
        lambda match: (
            "its image is for another kind of processor, or its command is a script without a #! line",
            "Use an image for this machine's architecture, or correct the script.",
        ),
    ),
    (
        re.compile(r"exec: \"?(?P<command>[^\":]+)\"?: (?:stat .*?: )?(?:executable file not found|no such file)"),
        lambda match: (
            f"there is no command '{match['command']}' in the image",
            "Correct its entrypoint or its arguments.",
        ),
    ),
    (
        re.compile(r"executable file `?(?P<command>[^`:]+)`? not found"),  # crun
        lambda match: (
            f"there is no command '{match['command']}' in the image",
            "Correct its entrypoint or its arguments.",
        ),
    ),
    (
        re.compile(r"exec: \"?(?P<command>[^\":]+)\"?: (?:permission denied|is a directory)"),
        lambda match: (
            f"'{match['command']}' in the image is not executable",
            "Correct its entrypoint, or its mode in the image.",
        ),
    ),
    (
        re.compile(r"unable to find (?P<what>user|group) (?P<name>\S+?):"),
        lambda match: (
            f"there is no {match['what']} '{match['name']}' in the image",
            "Use a number, or a name that the image has.",
        ),
    ),
    (
        re.compile(r"authorization denied by plugin (?P<plugin>[^:]+): *(?P<words>.*)", re.DOTALL),
        lambda match: (
            f"the engine's authorization plugin {match['plugin']} forbids it: {short(match['words'])}",
            "Ask whoever runs the engine to allow it, or use another engine.",
        ),
    ),
    (
        re.compile(r"[Pp]rivileged mode is incompatible with user namespaces"),
        lambda match: (
            "the engine gives containers users of their own, which a privileged container can't have",
            "Add the option --userns=host.",
        ),
    ),
    (
        re.compile(r"privileged (?:mode|containers?)[^.]*(?:not allowed|disallowed|forbidden|denied|disabled)", re.I),
        lambda match: ("the engine allows no privileged containers", _ALLOW_PRIVILEGED),
    ),
    (
        re.compile(r"unable to apply caps: operation not permitted"),
        lambda match: ("the engine lacks rights of root that it would have to give away", _ALLOW_PRIVILEGED),
    ),
    (
        re.compile(r"cgroup namespaces aren't enabled in the kernel"),
        lambda match: (
            "the kernel of the engine's machine has no namespaces for control groups",
            "Use an engine on Linux 4.6 or newer.",
        ),
    ),
    (
        re.compile(r"container rootfs is marked read-only"),
        lambda match: (
            "its file system is read-only because of the option --read-only, also for that",
            "Leave the option out, or use with_bind_mount() for what it is to find.",
        ),
    ),
    (
        re.compile(r"container-init binary not found"),
        lambda match: (
            "Podman lacks the program that the option --init runs",
            "Install catatonit, or leave the option out.",
        ),
    ),
    (
        re.compile(r"is not running|can only create exec sessions on running containers"),
        lambda match: ("it is not running", "Start it first."),
    ),
    (
        re.compile(r"(?:bind source path does not exist: |statfs )(?P<path>/[^\s:]+)"),
        lambda match: (
            f"there is no {match['path']} on the engine's machine to mount",
            "Create it, or correct the path of the bind mount.",
        ),
    ),
    (
        re.compile(r"mounting \"(?P<source>[^\"]+)\" to rootfs at \"(?P<target>[^\"]+)\".*not a directory", re.DOTALL),
        lambda match: (
            f"{match['source']} can't be mounted at {match['target']}: one is a file and the other a folder",
            "Mount a file on a file, a folder on a folder.",
        ),
    ),
    (
        re.compile(r"[Nn]o such image:? (?P<image>\S+)|(?P<image2>\S+): image not known"),
        lambda match: (
            f"the engine does not have the image {match['image'] or match['image2']}",
            "Pull or build it first.",
        ),
    ),
    (
        re.compile(
            r"network (?P<name>\S+?):? not found|unable to find network (?:with name or ID )?(?P<name2>[^\s:]+)"
        ),
        lambda match: (
            f"there is no network '{match['name'] or match['name2']}'",
            "It was removed meanwhile; start the app again.",
        ),
    ),
    (
        re.compile(r"supported only when connecting to networks with user configured subnets"),
        lambda match: (
            "an address can be chosen only in a network that was created with a subnet",
            "Give ensure_network() a subnet, or leave the address out.",
        ),
    ),
    (
        re.compile(r"(?:non-overlapping|available) (?:IPv4 )?(?:address )?(?:pool|subnet)|could not find free subnet"),
        lambda match: (
            "the container engine has no address range left for another network",
            "Remove networks that nobody uses, by docker network prune.",
        ),
    ),
    (
        re.compile(
            r"permission denied.*(?:low|privileged) port|rootlessport cannot expose privileged port (?P<port>\d+)"
        ),
        lambda match: (
            "a port below 1024 can't be published by an engine that does not run as root",
            "Choose a higher port for the endpoint.",
        ),
    ),
)
