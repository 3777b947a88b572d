"""Where the page is served: the same place from run to run, and what happens when another program has it."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fairlead import AppBuilder, Apphost
from fairlead.dashboard.listening import PortTaken, listen_for
from fairlead.runtime.host import Host
from fairlead.runtime.run_options import RunOptions
from fairlead.testing import InMemory


@pytest.fixture
async def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Host]:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    environ = {"XDG_STATE_HOME": str(tmp_path / "state"), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    host = await Host.open(Apphost(define, "light", tmp_path / "apphost.py").build(), RunOptions(environ=environ))
    yield host
    await host.close()


def define(app: AppBuilder) -> None:
    app.add(InMemory("lamp"))


def test_port_and_token_stay_the_same(host: Host) -> None:
    first = listen_for(host, None)
    with first.socket:
        address = first.socket.getsockname()
    again = listen_for(host, None)
    with again.socket:
        assert (again.socket.getsockname(), again.token) == (address, first.token)
    assert address[0] == "127.0.0.1"


def test_the_token_is_for_its_user_only(host: Host) -> None:
    listen_for(host, None).socket.close()
    file = host.run.state_folder.path() / "dashboard.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_another_port_is_taken_where_that_of_the_last_run_is_gone(host: Host) -> None:
    with listen_for(host, None).socket as first, listen_for(host, None).socket as second:
        assert first.getsockname() != second.getsockname()


def test_a_port_that_was_asked_for_and_is_taken_is_named_with_its_owner(host: Host) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken) as caught:
            listen_for(host, port)
    assert f"port {port} of the dashboard belongs to pid {os.getpid()}" in caught.value.message
    assert caught.value.remedy is not None
    assert "--dashboard-port" in caught.value.remedy
