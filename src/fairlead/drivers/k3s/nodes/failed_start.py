"""Why a node of a cluster has ended or does not come up, read from the last lines of its log.

The words are those of k3s, the kubelet and the other components of Kubernetes, which say what went wrong to those who
know them. A pattern here says it to everybody else, with what to do. What no pattern knows is passed on: the line with
which k3s ended, else the last error of a component.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from fairlead.drivers.finding import Finding

Meaning = Callable[[re.Match[str]], tuple[str, str]]
_FREE_SPACE: Final = "Make room, for example by docker system prune."
_RAISE_INOTIFY: Final = "Run: sudo sysctl -w fs.inotify.max_user_instances=1024 fs.inotify.max_user_watches=524288"
_OWN: Final = {level: re.compile(rf"level={level} msg=\"(?P<text>(?:[^\"\\]|\\.)*)\"") for level in ("fatal", "error")}
_LASTING: Final = re.compile(r"Node password rejected|not authorized|token CA hash|snapshotter cannot be enabled")
"""What k3s goes on trying in spite of, at any level of its log, though it never gets better by itself."""
_ERROR = re.compile(r"^E\d{4} [\d:.]+ +\d+ [\w.]+:\d+\] (?P<text>.*)$", re.MULTILINE)
_COMPONENT_EXITED = re.compile(r"^[\w-]+ exited: ")
_LONGEST: Final = 300


class Explanation(NamedTuple):
    """Why a node failed: a sentence without its point, and what to do about it, which may be empty."""

    text: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.text}. {self.remedy}" if self.remedy else self.text


def explain_failed_start(findings: Iterable[Finding], lines: Sequence[str]) -> Explanation | None:
    """Why a node failed; None where neither its log nor what was seen before its start tells.

    Args:
        findings: What was seen before its start.
        lines: The last lines of its log.
    """
    log = "\n".join(lines)
    said = last_error(log)
    known = _meaning(said) or _meaning(log)  # a line above may complain of what k3s does without
    if known is not None:
        return known
    suspicions = [finding for finding in findings if finding.result != "fine"]
    if not suspicions:
        return Explanation(said) if said else None
    suspicion = "; ".join(finding.text for finding in suspicions)
    text = f"{said}; perhaps because {suspicion}" if said else f"perhaps because {suspicion}"
    return Explanation(text, " ".join(dict.fromkeys(finding.remedy for finding in suspicions if finding.remedy)))


def complaint(lines: Sequence[str]) -> str:
    """What a node that runs complains of last, explained where the words are known; empty for nothing.

    Args:
        lines: The last lines of its log.
    """
    for line in reversed(lines):
        if _LASTING.search(line) and (known := _meaning(line)) is not None:
            return str(known)
    said = last_error("\n".join(lines))
    return str(_meaning(said) or said)


def last_error(log: str) -> str:
    """What k3s ended with, in its own words, or the last error of one of its components; empty where there is none."""
    fatal, own = ([match["text"] for match in _OWN[level].finditer(log)] for level in ("fatal", "error"))
    errors = [match["text"] for match in _ERROR.finditer(log)]
    text = fatal[-1] if fatal else ""
    if not text or _COMPONENT_EXITED.match(text):
        text = (errors or own or [text])[-1]
    return text.replace('\\"', '"').strip()[:_LONGEST].rstrip(". ")


def _meaning(text: str) -> Explanation | None:
    """What a text of a log means, if one of the patterns knows it."""
    for pattern, say in _MEANINGS:
        if match := pattern.search(text):
            return Explanation(*say(match))
    return None


def _flag(match: re.Match[str]) -> tuple[str, str]:
    name = match["name"].lstrip("-")
    component = match["component"] if "component" in match.re.groupindex else ""
    if component:
        text = f"{component} does not know the flag --{name}"
        return text, f"Correct the argument --{component}-arg={name}… of the cluster."
    return f"this version of k3s does not know the flag --{name}", "Correct with_extra_arg() or with_agent_arg()."


# In this order: what is more exact comes first.
_MEANINGS: Final[tuple[tuple[re.Pattern[str], Meaning], ...]] = (
    (
        re.compile(r"failed to parse (?P<component>kubelet) flag: unknown flag: (?P<name>[\w-]+)"),
        _flag,
    ),
    (
        re.compile(r"unknown flag: (?P<name>[\w-]+)[^\0]*?msg=\"?(?P<component>kube-[a-z-]+) exited"),
        _flag,
    ),
    (
        re.compile(r"(?:flag provided but not defined|unknown flag): (?P<name>-[\w-]+)"),
        _flag,
    ),
    (
        re.compile(r"configured to not run on a host using cgroup v1"),
        lambda match: (
            "its kubelet refuses control groups of version 1",
            "Leave out --kubelet-arg=fail-cgroupv1=true, or boot the engine's machine with version 2.",
        ),
    ),
    (
        re.compile(r"cidr (?P<old>[^\s\"]+) is out the range of cluster cidr (?P<new>[^\s\"]+)"),
        lambda match: (
            f"its volume holds a cluster whose pods have addresses of {match['old']}, outside of {match['new']}",
            "Change with_pod_subnet() back, or start afresh: fairlead down --volumes.",
        ),
    ),
    (
        re.compile(r"Node password rejected"),
        lambda match: (
            "the server knows a node of this name with another password: one that was removed without its volume",
            "Remove the volumes of the cluster with fairlead down --volumes, or run kubectl delete node and secret of "
            "that node.",
        ),
    ),
    (
        re.compile(r"bootstrap data already found and encrypted with different token"),
        lambda match: (
            "its volume holds a cluster that was made with another token",
            "Set the parameter of its token to that one, or remove the volume with fairlead down --volumes.",
        ),
    ),
    (
        re.compile(
            r"not authorized: invalid token|token CA hash does not match|invalid token|failed to (?:get|retrieve).*"
            r"(?:401 Unauthorized|not authorized)"
        ),
        lambda match: (
            "the server does not accept its token: it belongs to another cluster, or to an earlier one",
            "Start server and agents together; where volumes are kept, remove them with fairlead down --volumes.",
        ),
    ),
    (
        re.compile(
            r"(?:inotify|fsnotify)[^\n]*(?:too many open files|no space left on device)|inotify watch limit"
            r"|too many open files"
        ),
        lambda match: (
            "the kernel's limits for inotify or open files are used up on the engine's machine",
            f"{_RAISE_INOTIFY}.",
        ),
    ),
    (
        re.compile(r"no space left on device|disk quota exceeded"),
        lambda match: ("the disk of the engine is full", _FREE_SPACE),
    ),
    (
        re.compile(r"listen (?:tcp|udp)[^\n]*?:(?P<port>\d+): bind: address already in use"),
        lambda match: (
            f"something in its container already listens on port {match['port']}",
            "Choose another port in the argument that names it.",
        ),
    ),
    (
        re.compile(r"invalid CIDR address: (?P<cidr>[^\s)\"\\]+)"),
        lambda match: (
            f"{match['cidr']} is no range of addresses",
            "Correct with_pod_subnet(), with_service_subnet() or the argument that has it.",
        ),
    ),
    (
        re.compile(r"(?P<what>(?:cluster|service)-cidr[^\n\"]*(?:overlap|invalid|must|mismatch)[^\n\"]*)", re.I),
        lambda match: (
            f"its ranges of addresses do not go together: {match['what'].strip()[:_LONGEST]}",
            "Correct with_pod_subnet() or with_service_subnet().",
        ),
    ),
    (
        re.compile(r"\"(?P<name>[\w-]+)\\?\" snapshotter cannot be enabled"),
        lambda match: (
            f"the filesystem of the engine can't carry {match['name']}, by which images are unpacked",
            'Choose another one: with_extra_arg("--snapshotter=native") and with_agent_arg("--snapshotter=native").',
        ),
    ),
    (
        re.compile(
            r"(?:pids|memory|cpuset) cgroup controller not found|failed to find memory cgroup"
            r"|delegated cgroup v2 controllers are required"
        ),
        lambda match: (
            "the engine does not give its container the control groups that a kubelet needs",
            "Delegate them: https://rootlesscontaine.rs/getting-started/common/cgroup2/",
        ),
    ),
    (
        re.compile(
            r"failed to evacuate root cgroup|cannot enter cgroupv2|/sys/fs/cgroup[^\n]*"
            r"(?:read-only file system|device or resource busy)"
        ),
        lambda match: (
            "k3s can't divide its control groups, as it is not the first process of a privileged container",
            "Leave out with_entrypoint() and the runtime options --init, --cgroupns and --privileged=false.",
        ),
    ),
    (
        re.compile(
            r"/dev/kmsg: (?:no such file|operation not permitted|permission denied)"
            r"|(?:mount|sysctl|iptables|unshare|modprobe)[^\n]*(?:operation not permitted|permission denied)",
            re.I,
        ),
        lambda match: (
            "its container lacks the rights of a privileged one",
            "Use an engine that allows privileged containers: Docker or Podman as root of its machine.",
        ),
    ),
    (
        re.compile(r"can't initialize ip6?tables table|Could not fetch rule set generation id|iptables[^\n]*insmod"),
        lambda match: (
            "the kernel of the engine's machine lacks modules for iptables",
            "Load them: sudo modprobe -a ip_tables iptable_nat nf_conntrack br_netfilter",
        ),
    ),
    (
        re.compile(r"certificate has expired or is not yet valid"),
        lambda match: (
            "its certificates are not valid at the time that the engine's clock shows",
            "Set the clock, or remove the volumes of the cluster with fairlead down --volumes.",
        ),
    ),
)
