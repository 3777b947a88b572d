"""Where a container engine is looked for."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from fairlead.engines.docker import connect
from fairlead.engines.docker.transport.discovery import candidates
from fairlead.errors import EngineUnavailable


def choose_context(home: Path, name: str, host: str | None, *, tls: bool = False) -> None:
    """What `docker context create` and `docker context use` write; without a host, only the choice."""
    folder = home / ".docker"
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"currentContext": name}))
    if host is not None:
        key = hashlib.sha256(name.encode()).hexdigest()
        meta = folder / "contexts/meta" / key
        meta.mkdir(parents=True)
        endpoint = {"Host": host, "SkipTLSVerify": tls}
        (meta / "meta.json").write_text(json.dumps({"Name": name, "Endpoints": {"docker": endpoint}}))
        if tls:
            (folder / "contexts/tls" / key / "docker").mkdir(parents=True)


def addresses(environment: dict[str, str]) -> list[str]:
    return [candidate.address for candidate in candidates(environment)]


def test_the_usual_sockets_come_in_order(tmp_path: Path) -> None:
    """With nothing set, Docker's sockets must come before Podman's, the system's before the user's."""
    found = addresses({"HOME": str(tmp_path), "XDG_RUNTIME_DIR": "/run/user/7"})
    assert found[0] == "unix:///var/run/docker.sock"
    assert found[2:5] == [
        "unix:///run/user/7/docker.sock",
        "unix:///run/user/7/podman/podman.sock",
        "unix:///run/podman/podman.sock",
    ]


def test_what_is_set_is_the_only_candidate(tmp_path: Path) -> None:
    """DOCKER_HOST must win over DOCKER_CONTEXT, that over the chosen context, that over CONTAINER_HOST."""
    home = {"HOME": str(tmp_path)}
    assert addresses({**home, "CONTAINER_HOST": "unix:///c"}) == ["unix:///c"]
    choose_context(tmp_path, "mine", "tcp://10.0.0.1:2376", tls=True)
    assert addresses({**home, "CONTAINER_HOST": "unix:///c"}) == ["tcp://10.0.0.1:2376"]
    assert addresses({**home, "DOCKER_CONTEXT": "default"})[0] == "unix:///var/run/docker.sock"
    everything = {**home, "DOCKER_CONTEXT": "mine", "DOCKER_HOST": "unix:///d"}
    assert addresses(everything) == ["unix:///d"]
    (candidate,) = candidates(home)
    assert candidate.certificates is not None
    assert candidate.certificates.is_relative_to(tmp_path / ".docker/contexts/tls")
    assert not candidate.verify


def test_tls_by_environment(tmp_path: Path) -> None:
    """DOCKER_TLS_VERIFY must turn on TLS, with the certificates that DOCKER_CERT_PATH names or the usual ones."""
    environment = {"HOME": str(tmp_path), "DOCKER_HOST": "tcp://host:2376"}
    assert candidates(environment)[0].certificates is None
    assert candidates({**environment, "DOCKER_TLS_VERIFY": "1"})[0].certificates == tmp_path / ".docker"
    assert candidates({**environment, "DOCKER_TLS": "1", "DOCKER_CERT_PATH": "/c"})[0].certificates == Path("/c")


def test_a_context_that_is_gone_is_said(tmp_path: Path) -> None:
    """A context that is chosen but does not exist must be an error, and no other engine be used."""
    choose_context(tmp_path, "gone", None)
    with pytest.raises(EngineUnavailable, match=r"context 'gone' is chosen .* there is no such context"):
        candidates({"HOME": str(tmp_path)})


async def test_no_engine_says_what_was_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When none answers, the error must name each place, what was wrong there, and what to do."""
    nobody = tmp_path / "nobody.sock"
    with pytest.raises(EngineUnavailable) as caught:
        await connect({"DOCKER_HOST": f"unix://{nobody}"})
    assert str(caught.value) == (
        f"no container engine answers; tried unix://{nobody} (DOCKER_HOST): there is no such socket. "
        "Start Docker or Podman (podman system service), or set DOCKER_HOST to where one is."
    )
    assert caught.value.exit_code == 4
    with pytest.raises(EngineUnavailable, match=r"tcp://127.0.0.1:1 \(DOCKER_HOST\): .*does not answer"):
        await connect({"DOCKER_HOST": "tcp://127.0.0.1:1"})
    with pytest.raises(EngineUnavailable, match="'nonsense', from DOCKER_HOST, is no address"):
        await connect({"DOCKER_HOST": "nonsense"})
    with pytest.raises(EngineUnavailable, match=r"certificates for .* can't be used"):
        await connect({"DOCKER_HOST": "tcp://127.0.0.1:1", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "/no/such"})
