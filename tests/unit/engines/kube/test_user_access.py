"""The user's kubeconfig: several files, certificates in files, and programs that give credentials."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml

from fairlead.engines.kube.kubeconfig import credentials
from fairlead.engines.kube.user_access import context_of, read_user_kubeconfig
from fairlead.errors import EngineError


def written(path: Path, name: str, user: dict[str, Any], **cluster: Any) -> str:
    """A kubeconfig with one cluster, user and context of a name."""
    content = {
        "clusters": [{"name": name, "cluster": {"server": f"https://{name}", **cluster}}],
        "users": [{"name": name, "user": user}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name, "namespace": f"of-{name}"}}],
        "current-context": name,
    }
    path.write_text(yaml.safe_dump(content))
    return str(path)


def test_several_files_are_one(tmp_path: Path) -> None:
    """What is in any file must be found, and the first file's current context count."""
    first = written(tmp_path / "a", "a", {"token": "of-a"})
    second = written(tmp_path / "b", "b", {"token": "of-b"})
    found = read_user_kubeconfig({"KUBECONFIG": f"{first}:{tmp_path / 'missing'}:{second}"})

    usual, namespace = context_of(found, None)
    other, other_namespace = context_of(found, "b")
    assert (credentials(usual).server, credentials(usual).token, namespace) == ("https://a", "of-a", "of-a")
    assert (credentials(other).token, other_namespace) == ("of-b", "of-b")


def test_files_are_relative_to_the_kubeconfig(tmp_path: Path) -> None:
    """Certificates, keys and tokens in files must be read from beside the kubeconfig that names them."""
    for name in ("ca", "cert", "key", "token"):
        (tmp_path / name).write_text(f"the {name}\n")
    user = {"client-certificate": "cert", "client-key": "key", "tokenFile": "token"}
    path = written(tmp_path / "config", "a", user, **{"certificate-authority": "ca"})

    found = credentials(context_of(read_user_kubeconfig({"KUBECONFIG": path}), None)[0])
    assert (found.authority, found.certificate, found.key) == ("the ca\n", "the cert\n", "the key\n")
    assert found.token == "the token"


def test_a_program_may_give_the_credentials(tmp_path: Path) -> None:
    """The program of an ``exec`` user must be asked as client-go asks it, and what it answers be used."""
    program = tmp_path / "login"
    status = {"token": "from-program", "clientCertificateData": "CERT"}
    program.write_text(
        f"#!/bin/sh\nprintf '%s' \"$1 $WHO $KUBERNETES_EXEC_INFO\" > {tmp_path}/asked\n"
        f"echo '{json.dumps({'status': status})}'\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    user = {
        "exec": {"apiVersion": "v1", "command": str(program), "args": ["get"], "env": [{"name": "WHO", "value": "me"}]}
    }
    path = written(tmp_path / "config", "a", user)

    kubeconfig, _ = context_of(read_user_kubeconfig({"KUBECONFIG": path}), None)
    assert credentials(kubeconfig).token == "from-program"
    assert credentials(kubeconfig).certificate == "CERT"
    assert (tmp_path / "asked").read_text().startswith('get me {"apiVersion": "v1", "kind": "ExecCredential"')


@pytest.mark.parametrize(
    ("user", "message"),
    [
        ({"exec": {"command": "sh", "args": ["-c", "echo no access >&2; exit 1"]}}, "sh, .* failed: no access"),
        ({"exec": {"command": "echo", "args": ["{}"]}}, "echo, .* gave none"),
        ({"exec": {"command": "/no/such/program"}}, "/no/such/program, .* gave none"),
        ({"client-key": "nowhere"}, "nowhere, which your kubeconfig names, can't be read"),
    ],
)
def test_what_gives_no_credentials_is_named(tmp_path: Path, user: dict[str, Any], message: str) -> None:
    """A program that fails and a file that is missing must be named, with their words."""
    path = written(tmp_path / "config", "a", user)
    with pytest.raises(EngineError, match=message):
        context_of(read_user_kubeconfig({"KUBECONFIG": path}), None)


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    """No kubeconfig, and a context that it does not have, must be errors that say what there is."""
    with pytest.raises(EngineError, match="there is no kubeconfig"):
        read_user_kubeconfig({"KUBECONFIG": str(tmp_path / "missing")})
    path = written(tmp_path / "config", "a", {})
    with pytest.raises(EngineError, match="no context 'b'; it has 'a'"):
        context_of(read_user_kubeconfig({"KUBECONFIG": path}), "b")
