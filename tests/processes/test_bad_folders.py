"""Hosts whose folders are full, damaged or not theirs: each says so, loses nothing, and goes on where it can."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.support.definitions import build

from fairlead import AppBuilder, Apphost, FairleadError, StateError
from fairlead.runtime.host import Host
from fairlead.runtime.run_options import RunOptions

REPOSITORY = Path(__file__).parent.parent.parent


def run(home: Path, *, limit: str = "", **env: str) -> dict[str, Any]:
    """Run an app in a process of its own with this home, and return what it told."""
    command = f'{limit} exec "$0" -m tests.processes.full_disk_host "$1"'
    done = subprocess.run(
        ["sh", "-c", command, sys.executable, str(home)],
        env={"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1", **env},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=150,
    )
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize("obstacle", ["a file", "read-only"])
def test_a_state_folder_that_can_not_be_used(tmp_path: Path, obstacle: str) -> None:
    """Without a state folder the run must go on with one warning, only without a memory of ports."""
    (tmp_path / "state").write_text("a file")
    # /proc is a file system that nobody can make a folder in, root neither.
    told = run(tmp_path, XDG_STATE_HOME=str(tmp_path / "state") if obstacle == "a file" else "/proc")
    assert [warning.partition(":")[0] for warning in told["warnings"]] == [
        "ports can't be remembered, so addresses may change"
    ]
    assert [resource["state"] for resource in told["resources"].values()] == ["Active", "Running", "Running"]


def test_a_damaged_memory_of_ports(tmp_path: Path) -> None:
    """A ports.json that can't be understood must be kept aside with a warning, and a new one be begun."""
    first = run(tmp_path)
    (ports,) = (tmp_path / ".local" / "state" / "fairlead").glob("*/ports.json")
    assert first["warnings"] == [] and "a/http" in json.loads(ports.read_text())
    ports.write_text('{"a/http": 10')
    told = run(tmp_path)
    assert len(told["warnings"]) == 2 and "kept as ports.json.corrupt-1" in told["warnings"][1]
    assert ports.with_name("ports.json.corrupt-1").read_text() == '{"a/http": 10'
    assert "a/http" in json.loads(ports.read_text())
    assert run(tmp_path)["warnings"] == []


def test_a_full_disk(tmp_path: Path) -> None:
    """Where nothing can be written, what needs no store must run, what needs one fail with the reason, and all stay."""
    # A limit on the size of files stands for the disk: both refuse the write. The record of the run has to fit in.
    state = tmp_path / "state"
    first = run(tmp_path, XDG_STATE_HOME=str(state))
    (secrets,) = (tmp_path / ".config" / "fairlead" / "secrets").glob("*.json")
    password = json.loads(secrets.read_text())["password"]
    secrets.write_text(json.dumps({"password": password, "other": "x" * 4096}))
    told = run(tmp_path, limit="ulimit -f 2;", XDG_STATE_HOME=str(state))
    assert first["warnings"] == told["warnings"] == []
    states = [resource["state"] for resource in told["resources"].values()]
    assert states == ["Active", "Running", "Running"], "all is stored already"
    secrets.write_text(json.dumps({"other": "x" * 4096}))
    kept = secrets.read_text()
    told = run(tmp_path, limit="ulimit -f 2;", XDG_STATE_HOME=str(state))
    assert told["resources"]["a"]["state"] == "Running"
    failed = told["resources"]["password"]
    assert failed["state"] == "FailedToStart" and "can't be stored" in failed["reason"]
    assert "size limit" in failed["reason"] and told["resources"]["b"]["blocked_by"] == ["password"]
    assert secrets.read_text() == kept


def test_damaged_secrets(tmp_path: Path) -> None:
    """Stored secrets that can't be understood must fail who needs them, with the path, and be left as they are."""
    run(tmp_path)
    (secrets,) = (tmp_path / ".config" / "fairlead" / "secrets").glob("*.json")
    secrets.write_bytes(b"\xff\xfe{")
    told = run(tmp_path)
    assert told["resources"]["a"]["state"] == "Running"
    assert told["resources"]["password"]["state"] == "FailedToStart"
    assert str(secrets) in told["resources"]["password"]["reason"]
    assert told["resources"]["b"]["blocked_by"] == ["password"]
    assert secrets.read_bytes() == b"\xff\xfe{"


@pytest.mark.parametrize("what", ["a file", "a link"])
async def test_a_runtime_folder_that_can_not_be_used(
    tmp_path: Path, short_folder: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Without a folder for the lock and the socket there must be no run, and an error with path and remedy."""
    runtime = short_folder
    if what == "a file":
        (runtime / "fairlead").write_text("")
    else:
        (runtime / "fairlead").symlink_to(tmp_path)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    with pytest.raises(StateError, match="not safe to use") as raised:
        await Host.open(build(lambda app: None), RunOptions(environ={"HOME": str(tmp_path)}))
    assert str(runtime / "fairlead") in raised.value.message and "XDG_RUNTIME_DIR" in str(raised.value.remedy)


async def test_a_bad_project_file_gives_the_app_free_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that can't be opened must give the app up: the next one must not be refused."""

    def define(app: AppBuilder) -> None:
        app.add_parameter("p", "1")

    monkeypatch.setenv("XDG_RUNTIME_DIR", "")
    app = Apphost(define, "shop", tmp_path / "apphost.py").build()
    options = RunOptions(environ={"HOME": str(tmp_path)})
    (tmp_path / "pyproject.toml").write_text("[tool.fairlead")
    with pytest.raises(FairleadError, match=r"pyproject\.toml"):
        await Host.open(app, options)
    (tmp_path / "pyproject.toml").unlink()
    host = await Host.open(app, options)
    await host.close()
