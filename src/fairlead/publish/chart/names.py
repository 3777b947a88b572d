"""Names of Kubernetes objects: the normal form of a resource's name, cut where Kubernetes allows less."""

from __future__ import annotations

import re

from fairlead.digests import hex_digest
from fairlead.model.names import normal_form

OBJECT = 63
WITH_SUFFIX = 52
PORT = 15
#: What Kubernetes takes as the name of an environment variable in all supported versions.
_VARIABLE = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")


def cut(name: str, limit: int, digest_length: int = 8) -> str:
    """A name within a limit; what is cut off is replaced by a hash of the whole, so that different names stay so."""
    if len(name) <= limit:
        return name
    digest = hex_digest(name.encode())[:digest_length]
    return f"{name[: limit - digest_length - 1].rstrip('-')}-{digest}"


def object_name(name: str) -> str:
    """The name of the objects made for a resource, and of its Service."""
    return cut(normal_form(name), OBJECT)


def suffixed(name: str) -> str:
    """The name of an object whose pods are called after it, with a suffix that their labels have to hold too."""
    return cut(name, WITH_SUFFIX)


def port_name(name: str) -> str:
    """The name of a port, which an endpoint's name becomes."""
    return cut(normal_form(name), PORT, 4)


def is_variable(text: str) -> bool:
    """Whether it can be the name of an environment variable of a pod, and a key of a ConfigMap."""
    relative = text == "." or text.startswith("..")
    return len(text) <= 253 and not relative and _VARIABLE.fullmatch(text) is not None
