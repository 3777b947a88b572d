"""Which names pods know, and what CoreDNS is told."""

from __future__ import annotations

import pytest
from tests.support.definitions import build

from fairlead import AppBuilder
from fairlead.drivers.k3s.access.pod_names import (
    address_in_lookup,
    addresses_of_names,
    has_view_plugin,
    hosts_file,
    known_names,
    server_block,
)

ADDRESSES = {"Cache_1": "172.18.0.3", "k8s": "172.18.0.2", "k8s-agent-0": "172.18.0.4"}


def define(app: AppBuilder) -> None:
    """One resource of each kind of place."""
    app.add_redis("Cache_1")
    app.add_parameter("size", "1")
    app.add_external_service("mail", "https://mail.example.com")
    app.add_postgres("pg").add_database("orders")
    app.add_executable("api", "true", ".").with_http_endpoint()
    app.add_executable("worker", "true", ".")
    k8s = app.add_k3s_cluster("k8s", agent_count=1)
    k8s.add_helm_release("chart", "./chart")
    k8s.add_service_endpoint("ui", "ui", 80)


def test_pods_know_the_names_of_what_listens() -> None:
    """Containers, nodes, processes with endpoints and service endpoints must have names; what doesn't listen, none."""
    assert known_names(build(define), "172.18.0.1") == (
        "api",
        "cache-1",
        "cache_1",
        "host.docker.internal",
        "k8s",
        "k8s-agent-0",
        "pg",
        "ui",
    )


def test_names_lead_to_where_a_resource_is_now() -> None:
    """A process must be at this machine's address, an endpoint at its cluster's server; what is down has no address."""
    addresses = addresses_of_names(build(define), ADDRESSES, "172.18.0.1")
    assert addresses == {
        "api": "172.18.0.1",
        "cache-1": "172.18.0.3",
        "cache_1": "172.18.0.3",
        "host.docker.internal": "172.18.0.1",
        "k8s": "172.18.0.2",
        "k8s-agent-0": "172.18.0.4",
        "ui": "172.18.0.2",
    }
    assert hosts_file({"cache": "172.18.0.3", "pg": "172.18.0.5"}) == "172.18.0.3 cache\n172.18.0.5 pg\n"


def test_without_an_address_of_this_machine() -> None:
    """Where this machine has no address, its name must be left to others, and processes must have no address."""
    app = build(define)
    assert "host.docker.internal" not in known_names(app, None)
    assert set(addresses_of_names(app, ADDRESSES, None)) == {"cache-1", "cache_1", "k8s", "k8s-agent-0", "ui"}


def test_a_block_answers_for_plain_names_alone() -> None:
    """The block of a resource called ``app`` must leave the domain ``.app`` to others."""
    lines = [line.strip() for line in server_block(["app", "cache"]).splitlines()]
    assert lines[0] == "app:53 cache:53 {"
    assert "expr name() in ['app.', 'cache.']" in lines


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("rancher/k3s:v1.36.0-k3s1", True),
        ("rancher/k3s:v1.27.1-k3s1", True),
        ("registry.example.com:5000/k3s:v1.26.15-k3s1", False),
        ("own/k3s:latest", True),
        ("own/k3s", True),
    ],
)
def test_an_old_dns_is_left_alone(image: str, expected: bool) -> None:
    """A CoreDNS that would not start with the block must be recognised."""
    assert has_view_plugin(image) is expected


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("Server:\t127.0.0.11\nAddress:\t127.0.0.11:53\n\nName:\thost.docker.internal\nAddress: 192.168.65.254\n",) * 2,
        ("Server:    127.0.0.11\nAddress 1: 127.0.0.11\n\nName:      host\nAddress 1: 192.168.65.254\n",) * 2,
        ("Server:\t127.0.0.11\nAddress:\t127.0.0.11:53\n\n** server can't find it: NXDOMAIN\n", None),
        ("", None),
    ],
)
def test_what_a_lookup_has_found(output: str, expected: str | None) -> None:
    """The address must be the one of the answer, and not that of the server asked."""
    assert address_in_lookup(output) == (expected and "192.168.65.254")
