"""Why a container of a pod does not run, or is not ready."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fairlead.drivers.k3s.reasons.creation import why_not_created
from fairlead.drivers.k3s.reasons.events import last_message
from fairlead.drivers.k3s.reasons.image import IMAGE_REASONS, why_no_image
from fairlead.drivers.k3s.reasons.probes import why_killed_by_probe, why_not_ready
from fairlead.drivers.k3s.reasons.reason import Reason

Events = Sequence[Mapping[str, Any]]

_BEING_CREATED: Final = ("ContainerCreating", "PodInitializing")
_EXIT_CODES: Final = {
    126: "its command can't be executed",
    127: "its command was not found",
    134: "it was aborted",
    137: "it was killed",
    139: "it crashed with a segmentation fault",
    143: "it ended on SIGTERM",
}
_CODES_OF_START_ERRORS: Final = ("StartError", "ContainerCannotRun")


@dataclass(frozen=True, slots=True)
class PodContainer:
    """A container of a pod with its status.

    Args:
        spec: As the pod declares it.
        status: As the kubelet reports it; empty before it does.
        is_init: Whether it is an init container, native sidecars included.
        label: What a sentence calls it: "its container" where it is the only one.
    """

    spec: Mapping[str, Any]
    status: Mapping[str, Any]
    is_init: bool
    label: str

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.spec["name"])

    @property
    def is_sidecar(self) -> bool:
        """Whether it is a native sidecar: an init container that goes on running beside the others."""
        return self.is_init and self.spec.get("restartPolicy") == "Always"

    def state(self, name: str) -> Mapping[str, Any] | None:
        """What is known of its present state if it is ``waiting``, ``running`` or ``terminated``; None if not."""
        details = (self.status.get("state") or {}).get(name)
        return None if details is None else dict(details)

    @property
    def last_end(self) -> Mapping[str, Any]:
        """How it ended last; empty if it never did."""
        return self.state("terminated") or (self.status.get("lastState") or {}).get("terminated") or {}


def containers_of(pod: Mapping[str, Any]) -> Iterator[PodContainer]:
    """The containers of a pod, in the order in which they start: init containers first."""
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    is_only_one = len(spec.get("containers", ())) == 1
    for specs, statuses, is_init in (
        ("initContainers", "initContainerStatuses", True),
        ("containers", "containerStatuses", False),
    ):
        known = {entry["name"]: entry for entry in status.get(statuses) or ()}
        for container in spec.get(specs) or ():
            label = _label(container, is_init=is_init, is_only_one=is_only_one)
            yield PodContainer(container, known.get(container["name"], {}), is_init, label)


def _label(container: Mapping[str, Any], *, is_init: bool, is_only_one: bool) -> str:
    if is_init:
        kind = "sidecar" if container.get("restartPolicy") == "Always" else "init container"
        return f"its {kind} {container['name']}"
    return "its container" if is_only_one else f"its container {container['name']}"


def reason_of_container(pod: Mapping[str, Any], container: PodContainer, events: Events, last_log: str) -> str:
    """Why a container holds up its pod, in words; empty if it does not."""
    waiting = container.state("waiting")
    if waiting is not None:
        return _why_waiting(pod, container, waiting, events, last_log)
    if container.state("terminated") is not None:
        return _why_terminated(pod, container, events, last_log)
    if container.state("running") is not None:
        return _why_running(container, events)
    return ""


def _why_waiting(
    pod: Mapping[str, Any], container: PodContainer, waiting: Mapping[str, Any], events: Events, last_log: str
) -> str:
    reason, message = str(waiting.get("reason", "")), str(waiting.get("message") or "")
    if reason in IMAGE_REASONS:
        return why_no_image(container.label, container.spec, reason, message, events)
    if reason == "CrashLoopBackOff":
        return why_crashed(pod, container, events, last_log)
    if reason in _BEING_CREATED:
        return _why_being_created(pod, container, events)
    return why_not_created(container.label, reason, message)


def _why_being_created(pod: Mapping[str, Any], container: PodContainer, events: Events) -> str:
    if reason := _why_volume(events) or _why_sandbox(events):
        return reason
    if _is_behind_an_init_container(pod, container):
        return ""
    pulling, pulled = (_last_index(events, name, container.spec["image"]) for name in ("Pulling", "Pulled"))
    if pulling > pulled:
        return f"the image {container.spec['image']} of {container.label} is being pulled"
    return f"{container.label} is being created"


def _is_behind_an_init_container(pod: Mapping[str, Any], container: PodContainer) -> bool:
    return any(
        other.is_init and not other.is_sidecar and other.state("terminated") is None and other.name != container.name
        for other in containers_of(pod)
    )


def _why_volume(events: Events) -> str:
    # MountVolume.SetUp failed for volume "d" : configmap "settings" not found
    message = last_message(events, "FailedMount", "FailedAttachVolume", "FailedMapVolume")
    if not message:
        return ""
    volume, _, why = message.partition(" : ")
    name = volume.split('"')[1] if '"' in volume else ""
    text = f"its volume {name} can't be mounted: {why or message}" if name else f"a volume can't be mounted: {message}"
    if why.endswith("not found") and why.startswith(("configmap", "secret")):
        return Reason(text, "Create it in the pod's namespace")
    return text


def _why_sandbox(events: Events) -> str:
    created = _last_index(events, "Created", "")
    failed = _last_index(events, "FailedCreatePodSandBox", "")
    if failed <= created:
        return ""
    return f"its network can't be set up: {last_message(events, 'FailedCreatePodSandBox')}"


def _last_index(events: Events, reason: str, text: str) -> int:
    matching = (
        i for i, event in enumerate(events) if event.get("reason") == reason and text in event.get("message", "")
    )
    return max(matching, default=-1)


def _why_terminated(pod: Mapping[str, Any], container: PodContainer, events: Events, last_log: str) -> str:
    end = container.last_end
    has_succeeded = int(end.get("exitCode", 0)) == 0 and end.get("reason") not in ("OOMKilled", "Error")
    if not has_succeeded:
        return why_crashed(pod, container, events, last_log)
    if container.is_init and not container.is_sidecar:
        return ""
    if pod["spec"].get("restartPolicy", "Always") == "Always":
        return f"{container.label} has ended with exit code 0 and will be started again"
    return ""


def why_crashed(pod: Mapping[str, Any], container: PodContainer, events: Events, last_log: str) -> str:
    """Why a container ended that should not have, in words."""
    end = container.last_end
    if end.get("reason") == "OOMKilled":
        return _why_out_of_memory(container)
    if end.get("reason") in _CODES_OF_START_ERRORS:
        return why_not_created(container.label, str(end["reason"]), str(end.get("message") or ""))
    if reason := why_killed_by_probe(container.label, container.name, events):
        return reason
    return f"{container.label} {_ending(pod, container, end)}{_said(end, last_log)}"


def _ending(pod: Mapping[str, Any], container: PodContainer, end: Mapping[str, Any]) -> str:
    code = int(end.get("exitCode", 0))
    meaning = f" ({_EXIT_CODES[code]})" if code in _EXIT_CODES else ""
    restarts = int(container.status.get("restartCount", 0))
    if restarts:
        return (
            f"keeps ending, last with exit code {code}{meaning}, after {restarts} restart{'s' if restarts > 1 else ''}"
        )
    return f"has ended with exit code {code}{meaning}"


def _why_out_of_memory(container: PodContainer) -> str:
    limit = ((container.spec.get("resources") or {}).get("limits") or {}).get("memory")
    if limit:
        return Reason(f"{container.label} ran out of memory; its limit is {limit}", "Raise resources.limits.memory")
    return f"{container.label} was killed as its node ran out of memory"


def _said(end: Mapping[str, Any], last_log: str) -> str:
    text = (last_log.strip() or str(end.get("message") or "").strip()).splitlines()
    return f"; the last line of its log: {text[-1].strip()[:300]}" if text else ""


def _why_running(container: PodContainer, events: Events) -> str:
    """A container that runs holds up its pod while a probe fails; a plain init container until it has ended."""
    if container.is_init and not container.is_sidecar:
        return f"{container.label} is still running"
    is_started = container.status.get("started", True)
    if container.status.get("ready") and is_started is not False:
        return ""
    return why_not_ready(
        container.label, container.name, container.spec, is_started=is_started is not False, events=events
    )
