"""Why a container can't be created or started, though its image is there."""

from __future__ import annotations

import re
from typing import Final

from fairlead.drivers.k3s.reasons.reason import Reason

_MISSING_OBJECT: Final = re.compile(r'^(secret|configmap) "([^"]+)" not found$')
_MISSING_KEY: Final = re.compile(r"couldn't find key (\S+) in (Secret|ConfigMap) ([^/]+)/(\S+)")
_MISSING_PROGRAM: Final = re.compile(
    r'exec: "([^"]+)": (executable file not found in \$PATH|stat .*no such file or directory)'
)
_KINDS: Final = {"secret": "Secret", "configmap": "ConfigMap"}


def why_not_created(label: str, reason: str, message: str) -> str:
    """Why a container can't be created or started, in words, with the remedy where there is one.

    Args:
        label: What the container is called.
        reason: The kubelet's, such as ``CreateContainerConfigError``.
        message: What it says about it.
    """
    message = message.strip().rstrip(".")
    if missing := _MISSING_OBJECT.search(message):
        kind = _KINDS[missing[1]]
        return Reason(
            f"{label} needs the {kind} {missing[2]}, which does not exist", "Create it in the pod's namespace"
        )
    if missing := _MISSING_KEY.search(message):
        key, kind, namespace, name = missing.groups()
        fact = f"{label} needs the key {key} of the {kind} {name}, which does not have it"
        return Reason(fact, f"Add it in namespace {namespace}")
    if "runAsNonRoot and image will run as root" in message:
        fact = f"{label} must not run as root, but its image does"
        return Reason(fact, "Set runAsUser, or take an image with a user of its own")
    if missing := _MISSING_PROGRAM.search(message):
        return f"{label} can't be started: there is no program {missing[1]} in its image"
    return f"{label} can't be started: {message or reason}"
