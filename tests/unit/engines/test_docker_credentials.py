"""Where credentials for registries come from."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import signal
from pathlib import Path

import pytest
from tests.support.waiting import until

from fairlead.engines.docker import credentials as credentials_module
from fairlead.engines.docker.credentials import registry_auth, registry_of


def environment(home: Path) -> dict[str, str]:
    return {
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home / "run"),
        "PATH": f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}",
    }


def store(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def helper(home: Path, name: str, script: str) -> None:
    path = home / "bin" / f"docker-credential-{name}"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\nread server\n{script}\n")
    path.chmod(0o755)


async def found(home: Path, reference: str) -> dict[str, str] | None:
    value = await registry_auth(reference, environment(home))
    return json.loads(base64.urlsafe_b64decode(value)) if value else None


def encoded(text: str) -> dict[str, str]:
    return {"auth": base64.b64encode(text.encode()).decode()}


def test_the_registry_of_an_image() -> None:
    """The first part of a name must be the registry where it looks like a host, and the default one otherwise."""
    assert registry_of("busybox") == "docker.io"
    assert registry_of("team/app:1") == "docker.io"
    assert registry_of("docker.io/library/busybox") == "docker.io"
    assert registry_of("localhost/app") == "localhost"
    assert registry_of("127.0.0.1:5000/app:1") == "127.0.0.1:5000"
    assert registry_of("registry.example/team/app@sha256:00") == "registry.example"


async def test_nothing_stored_is_no_credentials(tmp_path: Path) -> None:
    """Without any file, or with one that can't be read, a pull must be anonymous."""
    assert await found(tmp_path, "registry.example/app") is None
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker/config.json").write_text("{ not JSON")
    assert await found(tmp_path, "registry.example/app") is None


async def test_a_docker_login_is_used_for_its_registry_only(tmp_path: Path) -> None:
    """Stored credentials must be sent to their registry, with colons in the password, and to no other."""
    store(tmp_path / ".docker/config.json", {"auths": {"registry.example": encoded("me:pass:word")}})
    assert await found(tmp_path, "registry.example/team/app:1") == {
        "username": "me",
        "password": "pass:word",
        "serveraddress": "registry.example",
    }
    assert await found(tmp_path, "other.example/app") is None
    assert await found(tmp_path, "app") is None


async def test_a_podman_login_is_used(tmp_path: Path) -> None:
    """Podman's file must be read, also where it holds credentials for a part of a registry."""
    stored = {"auths": {"registry.example/team": encoded("team:1"), "registry.example": encoded("all:2")}}
    store(tmp_path / "run/containers/auth.json", stored)
    for reference, user in (("registry.example/team/app:1", "team"), ("registry.example/else:1", "all")):
        credentials = await found(tmp_path, reference)
        assert credentials is not None
        assert credentials["username"] == user


async def test_a_helper_is_asked_on_its_standard_input(tmp_path: Path) -> None:
    """A credential helper must get the registry's name on its input, and win over what a file holds."""
    helper(tmp_path, "mine", r'echo "{\"Username\": \"$1 $server\", \"Secret\": \"s3cret\"}"')
    config = {"auths": {"registry.example": encoded("old:old")}, "credHelpers": {"registry.example": "mine"}}
    store(tmp_path / ".docker/config.json", config)
    credentials = await found(tmp_path, "registry.example/app")
    assert credentials is not None
    assert credentials["username"] == "get registry.example"
    assert credentials["password"] == "s3cret"


async def test_a_store_may_hold_a_token(tmp_path: Path) -> None:
    """A helper for everything must be asked by the name the default registry is stored under, and may give a token."""
    helper(tmp_path, "all", r'echo "{\"Username\": \"<token>\", \"Secret\": \"$server\"}"')
    store(tmp_path / ".docker/config.json", {"credsStore": "all"})
    credentials = await found(tmp_path, "busybox")
    assert credentials is not None
    assert credentials["identitytoken"].startswith("https://index.")
    assert "password" not in credentials


async def test_a_helper_that_fails_is_no_error(tmp_path: Path) -> None:
    """A helper that is missing, knows nothing or writes nonsense must leave the pull anonymous."""
    helper(tmp_path, "empty", "echo credentials not found in native keychain; exit 1")
    for name in ("missing", "empty"):
        store(tmp_path / ".docker/config.json", {"credsStore": name})
        assert await found(tmp_path, "registry.example/app") is None


async def test_a_helper_that_hangs_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that does not answer in time must leave the pull anonymous, and nothing of it be held on to."""
    monkeypatch.setattr(credentials_module, "HELPER_TIME", 0.3)
    helper(tmp_path, "slow", f"sleep 1000 & echo $! >{tmp_path}/pid; wait")
    store(tmp_path / ".docker/config.json", {"credsStore": "slow"})
    files = open_files()
    try:
        assert await found(tmp_path, "registry.example/app") is None
        await until(lambda: open_files() <= files, "its pipes are closed")
    finally:
        with contextlib.suppress(OSError, ValueError):  # it did not get as far as that
            os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)


def open_files() -> set[str]:
    files = set()
    for descriptor in Path("/dev/fd").iterdir():
        with contextlib.suppress(OSError):  # the one that lists the folder
            files.add(f"{descriptor.name} {descriptor.readlink()}")
    return files
