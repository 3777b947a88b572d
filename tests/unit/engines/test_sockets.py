"""Free and taken ports."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from tests.support.connections import kept_port

from fairlead.engines.sockets import port_is_free, port_owner


@contextmanager
def listener(host: str, port: int = 0) -> Iterator[int]:
    with ExitStack() as stack:
        try:
            server = stack.enter_context(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET))
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind((host, port))
        except OSError:
            pytest.skip(f"{host} is no address here")
        server.listen()
        yield server.getsockname()[1]


@pytest.mark.parametrize("asked", ["127.0.0.1", "0.0.0.0", "localhost"])
@pytest.mark.parametrize("bound", ["127.0.0.1", "0.0.0.0"])
def test_a_listener_takes_its_port(bound: str, asked: str) -> None:
    """A listener on loopback or on all addresses must make the port taken, and be named."""
    with kept_port() as kept:
        with listener(bound, kept) as port:
            assert not port_is_free(port, asked)
            owner = port_owner(port, asked)
            assert owner is not None
            assert owner.startswith(f"pid {os.getpid()} (")
        assert port_is_free(port, asked)
        assert port_owner(port, asked) is None


@pytest.mark.parametrize("bound", ["::1", "::"])
def test_localhost_may_mean_the_other_family(bound: str) -> None:
    """A listener on the other family's loopback must count, because names resolve to either."""
    with listener(bound) as port:
        assert not port_is_free(port)
        assert port_owner(port) is not None


def test_another_address_of_this_machine_is_another_port() -> None:
    """A listener on 127.0.0.2 must leave 127.0.0.1 free, and take all addresses."""
    with kept_port() as kept, listener("127.0.0.2", kept) as port:
        assert port_is_free(port)
        assert port_owner(port) is None
        assert not port_is_free(port, "0.0.0.0")


def test_a_port_just_left_is_free() -> None:
    """Connections that are being forgotten (TIME_WAIT) must not make a port taken."""
    with kept_port() as kept:
        with listener("127.0.0.1", kept) as port, socket.create_connection(("127.0.0.1", port)) as client:
            client.shutdown(socket.SHUT_WR)
        assert port_is_free(port)
