"""The clusters of the user's own kubeconfig, as kubectl finds them: which files, which context, which credentials.

What ``credentials`` takes has all certificates in it. The user's files may name other files, or a program that gives a
token, as those of cloud providers do.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from fairlead.engines.kube.kubeconfig import Kubeconfig, merge, parse
from fairlead.errors import EngineError

_FILES: Final = {
    "certificate-authority": "certificate-authority-data",
    "client-certificate": "client-certificate-data",
    "client-key": "client-key-data",
}
_PROGRAM_SECONDS: Final = 60


def read_user_kubeconfig(environ: Mapping[str, str]) -> Kubeconfig:
    """The kubeconfigs of ``KUBECONFIG``, else ``~/.kube/config``; what several say is what the first one says.

    Args:
        environ: The user's environment.

    Raises:
        EngineError: There is none, or one can't be read.
    """
    paths = [Path(path) for path in environ.get("KUBECONFIG", "").split(os.pathsep) if path]
    paths = [path for path in paths or [Path.home() / ".kube" / "config"] if path.exists()]
    if not paths:
        raise EngineError("there is no kubeconfig. Name one with KUBECONFIG, or let your cluster's tools write one.")
    merged: dict[str, Any] = {}
    for path in reversed(paths):
        try:
            content = parse(path.read_text(), str(path))
        except OSError as error:
            raise EngineError(f"the kubeconfig {path} can't be read: {error.strerror or error}.") from error
        merged = merge(merged, _with_files(content, path.parent))
        if content.get("current-context"):
            merged["current-context"] = content["current-context"]
    return merged


def context_of(kubeconfig: Kubeconfig, context: str | None) -> tuple[Kubeconfig, str]:
    """The kubeconfig with a context as the current one, with its user's credentials in it, and its namespace.

    Args:
        kubeconfig: What the user has.
        context: The context; None for the current one.

    Raises:
        EngineError: There is no such context, or the program that gives the credentials fails.
    """
    name = context or str(kubeconfig.get("current-context") or "")
    contexts = {entry["name"]: entry.get("context") or {} for entry in kubeconfig.get("contexts") or ()}
    if name not in contexts:
        known = ", ".join(map(repr, contexts)) or "none"
        raise EngineError(f"your kubeconfig has no context {name!r}; it has {known}.")
    chosen = contexts[name]
    users = [
        {**entry, "user": _with_credentials(entry.get("user") or {})} if entry["name"] == chosen.get("user") else entry
        for entry in kubeconfig.get("users") or ()
    ]
    return {**kubeconfig, "users": users, "current-context": name}, str(chosen.get("namespace") or "default")


def _with_files(kubeconfig: Kubeconfig, folder: Path) -> dict[str, Any]:
    """A kubeconfig with the certificates in it that it names files for, which are relative to its folder."""
    clusters = [
        {**entry, "cluster": _with_contents(entry.get("cluster") or {}, folder)}
        for entry in kubeconfig.get("clusters") or ()
    ]
    users = [
        {**entry, "user": _with_contents(entry.get("user") or {}, folder)} for entry in kubeconfig.get("users") or ()
    ]
    return {**kubeconfig, "clusters": clusters, "users": users}


def _with_contents(entry: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    filled = dict(entry)
    for name, data in _FILES.items():
        if entry.get(name) and not entry.get(data):
            filled[data] = base64.b64encode(_content(folder / str(entry[name]))).decode()
    if entry.get("tokenFile"):
        filled["token"] = _content(folder / str(entry["tokenFile"])).decode().strip()
    return filled


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise EngineError(f"{path}, which your kubeconfig names, can't be read: {error.strerror or error}.") from error


def _with_credentials(user: Mapping[str, Any]) -> dict[str, Any]:
    """A user with the credentials that its program gives, as client-go asks for them (ExecCredential)."""
    program = user.get("exec")
    if not isinstance(program, Mapping):
        return dict(user)
    status = _ask_program(program)
    found = {"token": status.get("token")}
    for name, data in (("clientCertificateData", "client-certificate-data"), ("clientKeyData", "client-key-data")):
        if status.get(name):
            found[data] = base64.b64encode(str(status[name]).encode()).decode()
    return {**user, **{key: value for key, value in found.items() if value}}


def _ask_program(program: Mapping[str, Any]) -> Mapping[str, Any]:
    command = [str(program.get("command")), *map(str, program.get("args") or ())]
    asked = {"apiVersion": program.get("apiVersion"), "kind": "ExecCredential", "spec": {"interactive": False}}
    variables = {str(entry["name"]): str(entry["value"]) for entry in program.get("env") or ()}
    environ = {**os.environ, **variables, "KUBERNETES_EXEC_INFO": json.dumps(asked)}
    try:
        ended = subprocess.run(
            command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PROGRAM_SECONDS, check=True
        )
        status = json.loads(ended.stdout)["status"]
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip()
        raise EngineError(f"{command[0]}, which your kubeconfig asks for credentials, failed: {said}") from error
    except (OSError, subprocess.SubprocessError, ValueError, LookupError, TypeError) as error:
        raise EngineError(f"{command[0]}, which your kubeconfig asks for credentials, gave none: {error}") from error
    if not isinstance(status, Mapping):
        raise EngineError(f"{command[0]}, which your kubeconfig asks for credentials, gave none.")
    return status
