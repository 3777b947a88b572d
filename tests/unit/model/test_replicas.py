"""What replicas are called."""

from __future__ import annotations

import pytest
from tests.support.definitions import build

from fairlead import AppBuilder
from fairlead.model.replicas import find_replica, replica_id
from fairlead.testing import InMemory


def define(app: AppBuilder) -> None:
    app.add(InMemory("api").with_replicas(2))
    app.add(InMemory("web").with_replicas(2))
    app.add(InMemory("Web-1"))
    app.add(InMemory("single"))


def test_their_ids() -> None:
    """A replica must be called after its resource, with a number from 1, and never like another resource."""
    app = build(define)
    assert [replica_id(app, "api", 0), replica_id(app, "api", 1)] == ["api-1", "api-2"]
    assert [replica_id(app, "web", 0), replica_id(app, "web", 1)] == ["web.1", "web-2"]


@pytest.mark.parametrize(
    ("id", "found"),
    [
        ("api-1", ("api", 0)),
        ("API-2", ("api", 1)),
        ("web.1", ("web", 0)),
        ("web-2", ("web", 1)),
        ("api-3", None),
        ("api-0", None),
        ("api.1", None),
        ("web-1", None),
        ("single-1", None),
        ("other-1", None),
        ("api", None),
    ],
)
def test_finding_one(id: str, found: tuple[str, int] | None) -> None:
    """An id must lead to the replica it is of, and to none where a resource has it or there is no such replica."""
    replica = find_replica(build(define), id)
    assert (None if replica is None else (replica.resource.name, replica.number)) == found
