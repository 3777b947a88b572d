"""Kubeconfigs as data: read, pointed at another address, given other credentials, merged and written. All pure.

A file says:

clusters: [{name, cluster: {server, certificate-authority-data}}]
users:    [{name, user: {client-certificate-data, client-key-data} or {token}}]
contexts: [{name, context: {cluster, user, namespace}}]
current-context: name
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from fairlead.errors import EngineError

Kubeconfig = Mapping[str, Any]
"""What a kubeconfig file says, as plain data."""

_LISTS: Final = {"clusters": "cluster", "users": "user", "contexts": "context"}
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER: Final = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client needs to reach a cluster and to be let in.

    Args:
        server: The address of its API, such as ``https://127.0.0.1:6443``.
        authority: The certificates that it is verified with, as PEM; empty for those that the system trusts.
        server_name: The name that its certificate has to be for; empty for that of the address.
        certificate: The client's certificate as PEM, or empty.
        key: The private key of that, or empty.
        token: A token to be let in with, or empty.
    """

    server: str
    authority: str = field(default="", repr=False)
    server_name: str = ""
    certificate: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    token: str = field(default="", repr=False)


def parse(text: str, where: str = "the kubeconfig") -> dict[str, Any]:
    """Read a kubeconfig file.

    Args:
        text: What is in the file; nothing is an empty kubeconfig.
        where: What the file is called in an error.

    Raises:
        EngineError: It is not a kubeconfig.
    """
    try:
        content = yaml.load(text, Loader=_LOADER)  # noqa: S506  (it is one of the two safe ones)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise EngineError(f"{where} is not valid YAML{line}: {getattr(error, 'problem', None) or error}.") from error
    content = {} if content is None else content
    if not isinstance(content, dict) or not all(_is_list_of_named(content.get(key)) for key in _LISTS):
        raise EngineError(f"{where} is not a kubeconfig: it lacks the lists clusters, users and contexts.")
    return content


def dump(kubeconfig: Kubeconfig) -> str:
    """The text of a kubeconfig file."""
    text: str = yaml.dump(dict(kubeconfig), Dumper=_DUMPER, sort_keys=False, allow_unicode=True)
    return text


def credentials(kubeconfig: Kubeconfig, context: str | None = None) -> Credentials:
    """How a client reaches the cluster of a context; certificates and keys have to be in the kubeconfig itself.

    Args:
        kubeconfig: The kubeconfig.
        context: The context; None for the current one.

    Raises:
        EngineError: The kubeconfig lacks one of them.
    """
    cluster, user, _ = _parts(kubeconfig, context)
    if not cluster.get("server"):
        raise EngineError("the kubeconfig has no address of the cluster's API.")
    return Credentials(
        server=str(cluster["server"]).rstrip("/"),
        authority=_decoded(cluster, "certificate-authority-data"),
        server_name=str(cluster.get("tls-server-name") or ""),
        certificate=_decoded(user, "client-certificate-data"),
        key=_decoded(user, "client-key-data"),
        token=str(user.get("token") or ""),
    )


def point_at(kubeconfig: Kubeconfig, server: str, *, name: str | None = None) -> dict[str, Any]:
    """A kubeconfig of the current context alone, with another address of the API.

    Args:
        kubeconfig: The kubeconfig.
        server: The address, such as ``https://127.0.0.1:40001``.
        name: What cluster, user and context are called; None keeps the context's name.
    """
    cluster, user, context = _parts(kubeconfig, None)
    name = name or str(kubeconfig["current-context"])
    return _assembled(name, {**cluster, "server": server}, user, context.get("namespace"))


def with_token(kubeconfig: Kubeconfig, token: str, *, namespace: str | None = None) -> dict[str, Any]:
    """A kubeconfig of the current context alone, whose user has a token and nothing else.

    Args:
        kubeconfig: The kubeconfig.
        token: The token.
        namespace: The namespace that commands are for unless they say otherwise; None for ``default``.
    """
    cluster, _, _ = _parts(kubeconfig, None)
    return _assembled(str(kubeconfig["current-context"]), cluster, {"token": token}, namespace)


def merge(into: Kubeconfig, kubeconfig: Kubeconfig, *, use: bool = False) -> dict[str, Any]:
    """A kubeconfig with the clusters, users and contexts of another; those of the same names are replaced.

    Args:
        into: What is kept, in its order, with all that it says beside these.
        kubeconfig: What is added.
        use: Whether the current context becomes that of the added kubeconfig.
    """
    merged = {"apiVersion": "v1", "kind": "Config", **into}
    for key in _LISTS:
        added = {entry["name"]: entry for entry in kubeconfig.get(key) or ()}
        known = [added.pop(entry["name"], entry) for entry in into.get(key) or ()]
        merged[key] = [*known, *added.values()]
    if use:
        merged["current-context"] = kubeconfig["current-context"]
    return merged


def _assembled(name: str, cluster: Mapping[str, Any], user: Mapping[str, Any], namespace: str | None) -> dict[str, Any]:
    context = {"cluster": name, "user": name, **({"namespace": namespace} if namespace else {})}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": dict(cluster)}],
        "users": [{"name": name, "user": dict(user)}],
        "contexts": [{"name": name, "context": context}],
        "current-context": name,
    }


def _parts(kubeconfig: Kubeconfig, context: str | None) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Cluster, user and context of a context's name."""
    chosen = _entry(kubeconfig, "contexts", context or str(kubeconfig.get("current-context") or ""))
    cluster = _entry(kubeconfig, "clusters", str(chosen.get("cluster") or ""))
    user = _entry(kubeconfig, "users", str(chosen.get("user") or ""))
    return cluster, user, chosen


def _entry(kubeconfig: Kubeconfig, key: str, name: str) -> dict[str, Any]:
    for entry in kubeconfig.get(key) or ():
        if entry["name"] == name:
            return dict(entry.get(_LISTS[key]) or {})
    names = ", ".join(repr(entry["name"]) for entry in kubeconfig.get(key) or ())
    raise EngineError(f"the kubeconfig has no {_LISTS[key]} {name!r}; it has {names or 'none'}.")


def _decoded(entry: Mapping[str, Any], key: str) -> str:
    try:
        return base64.b64decode(str(entry.get(key) or ""), validate=True).decode()
    except ValueError as error:  # not base64, or not of a text
        raise EngineError(f"the kubeconfig's {key} is not base64 of a text.") from error


def _is_list_of_named(entries: object) -> bool:
    return entries is None or (
        isinstance(entries, list) and all(isinstance(entry, dict) and "name" in entry for entry in entries)
    )
