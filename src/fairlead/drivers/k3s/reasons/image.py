"""Why the image of a container can't be had."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from fairlead.drivers.k3s.reasons.events import last_message
from fairlead.drivers.k3s.reasons.reason import Reason

IMAGE_REASONS: Final = (
    "ErrImagePull",
    "ImagePullBackOff",
    "ErrImageNeverPull",
    "InvalidImageName",
    "ImageInspectError",
    "RegistryUnavailable",
    "SignatureValidationFailed",
)
"""Reasons of a waiting container that concern its image."""

_BARE_BACK_OFF: Final = re.compile(r'^Back-off pulling image "[^"]*"$')
_CAUSES: Final = (
    (("no such host", "i/o timeout", "connection refused", "network is unreachable"), "its registry can't be reached"),
    (("server gave HTTP response to HTTPS client",), "its registry speaks plain HTTP"),
    (("x509:",), "the certificate of its registry is not trusted"),
    (("toomanyrequests", "429 "), "its registry limits the number of pulls"),
    (("insufficient_scope", "unauthorized", "401 ", "403 ", "denied"), "it does not exist, or needs a login"),
    (("not found", "manifest unknown"), "its registry has no such image"),
)


def why_no_image(
    label: str, container: Mapping[str, Any], reason: str, message: str, events: Sequence[Mapping[str, Any]]
) -> str:
    """Why an image can't be had, with the remedy.

    Args:
        label: What the container is called.
        container: Its spec.
        reason: One of ``IMAGE_REASONS``.
        message: What the kubelet says about it.
        events: Those of its pod, which tell more where the kubelet only says that it waits.
    """
    image = str(container["image"])
    if reason == "InvalidImageName":
        return f"{label} has an image whose name is not valid: {image}"
    if reason == "ErrImageNeverPull":
        fact = f"the image {image} of {label} is not in the cluster, and is never pulled"
        return Reason(fact, f'Add cluster.load_image("{image}")')
    if _BARE_BACK_OFF.match(message):  # kubelets before 1.31 leave the error to the event
        message = last_message(events, "Failed", contains="Failed to pull") or message
    cause = _cause(message)
    return Reason(f"the image {image} of {label} can't be pulled: {cause}", _remedy(image, container))


def _cause(message: str) -> str:
    for signs, cause in _CAUSES:
        if any(sign in message for sign in signs):
            return cause
    return message.rpartition("desc = ")[2].strip().rstrip(".") or "the kubelet gives no reason"


def _remedy(image: str, container: Mapping[str, Any]) -> str:
    """An image of this machine is loaded into the nodes; one that is always pulled is not even looked for there."""
    load = f'If this machine has it, add cluster.load_image("{image}")'
    policy = container.get("imagePullPolicy") or ("Always" if _is_latest(image) else "IfNotPresent")
    return f"{load} and set imagePullPolicy: IfNotPresent" if policy == "Always" else load


def _is_latest(image: str) -> bool:
    name = image.rpartition("/")[2]
    return "@" not in name and (":" not in name or name.endswith(":latest"))
