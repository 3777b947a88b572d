"""Pairs of ports on a container: a new endpoint must get one that the container has published already."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from fairlead.runtime.store.port_pairs import hand_over
from fairlead.runtime.store.ports import PortBook, PortRequest

WITHIN = range(30000, 30086)
SPARES = tuple(f"k8s/spare-{number}" for number in range(3))


class Cluster:
    """A persistent container that publishes what it was told when it was created, over several runs of an app."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.published: set[tuple[int, int]] = set()
        self.warnings: list[str] = []
        self.used: set[int] = set()

    def run(self, *endpoints: str, fixed: int | None = None, tags: str = "") -> dict[str, tuple[int, int]]:
        """The pairs (inside, outside) that endpoints get in a run; spare ones are there too."""
        keys = [*(f"{name}@k8s{tags}" for name in endpoints), *(f"{name}@k8s" for name in SPARES)]
        ports = self.book().allocate(requests(keys, fixed))
        return {key.partition("@")[0]: (ports[key], ports[key.partition("@")[0]]) for key in keys}

    def create(self, *endpoints: str) -> dict[str, tuple[int, int]]:
        """A run that creates the container, which publishes all pairs."""
        pairs = self.run(*endpoints)
        self.published = set(pairs.values())
        return pairs

    def book(self) -> PortBook:
        return PortBook(
            self.folder / "shop", "shop", warn=self.warnings.append, is_free=lambda port, host: port not in self.used
        )


def requests(keys: Iterable[str], fixed: int | None = None) -> list[PortRequest]:
    wanted: list[PortRequest] = []
    for key in keys:
        outside = key.partition("@")[0]
        is_spare = outside.startswith("k8s/spare")
        wanted.append(PortRequest(outside, None if is_spare else fixed, lasting=True))
        wanted.append(PortRequest(key, within=WITHIN, lasting=True, spare=is_spare))
    return wanted


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    return Cluster(tmp_path)


def test_a_new_endpoint_takes_over_a_spare_pair(cluster: Cluster) -> None:
    """An endpoint that is declared later must get a published pair, and leave those of others as they are."""
    before = cluster.create("ui/http")
    after = cluster.run("ui/http", "api/http")
    assert after["ui/http"] == before["ui/http"]
    assert after["api/http"] in {before[name] for name in SPARES}
    assert cluster.run("ui/http", "api/http") == after


def test_pairs_inside_are_distinct_and_leave_the_first_numbers_alone(cluster: Cluster) -> None:
    """No two pairs may share a port; the first ones of the range are those that charts ask for by number."""
    pairs = cluster.create("ui/http", "api/http")
    assert sorted(inside for inside, _ in pairs.values()) == list(range(30010, 30015))
    assert len({outside for _, outside in pairs.values()}) == len(pairs)


def test_published_pairs_are_used_up_first(cluster: Cluster) -> None:
    """As many new endpoints as there were spare pairs must each get a published one, and the next must not."""
    cluster.create()
    names: list[str] = []
    for number in range(len(SPARES) + 1):
        names.append(f"e{number}/http")
        pairs = cluster.run(*names)
        assert (pairs[names[-1]] in cluster.published) == (number < len(SPARES))


def test_an_endpoint_that_is_gone_gives_its_pair_back(cluster: Cluster) -> None:
    """The pair of a removed endpoint must go to the next new one before any pair that is not published."""
    cluster.create("ui/http")
    names = [f"e{number}/http" for number in range(5)]
    cluster.run("ui/http", *names)
    assert cluster.run("new/http", *names)["new/http"] in cluster.published


def test_adding_and_removing_does_not_use_ports_up(cluster: Cluster) -> None:
    """A hundred endpoints that come and go one after the other must each get a published pair."""
    cluster.create()
    for number in range(100):
        assert cluster.run(f"e{number}/http")[f"e{number}/http"] in cluster.published
        cluster.run()


def test_a_fixed_port_takes_no_spare_pair(cluster: Cluster) -> None:
    """An endpoint whose port of this machine is fixed must get that, and a port inside that is nobody's."""
    before = cluster.create()
    after = cluster.run("ui/http", fixed=8443)
    assert after["ui/http"][1] == 8443
    assert {name: after[name] for name in SPARES} == before
    assert after["ui/http"][0] not in {inside for inside, _ in before.values()}
    assert cluster.run()["k8s/spare-0"] == before["k8s/spare-0"]  # and leaves nothing that could be handed over


def test_what_is_published_otherwise_takes_no_spare_pair(cluster: Cluster) -> None:
    """An external endpoint must not get a pair that is published on loopback, nor leave its own to others."""
    before = cluster.create()
    external = cluster.run("ui/http", tags=":external")["ui/http"]
    assert external not in before.values()
    assert external not in cluster.run("new/http").values()


def test_a_spare_port_that_is_taken_is_replaced_without_a_word(cluster: Cluster) -> None:
    """Nobody has been told of a spare port, so its replacement is no news."""
    pair = cluster.create()["k8s/spare-0"]
    cluster.used = {pair[1]}
    not_lasting = [PortRequest("k8s/spare-0"), PortRequest("k8s/spare-0@k8s", within=WITHIN, spare=True)]
    assert cluster.book().allocate(not_lasting)["k8s/spare-0"] != pair[1]
    assert cluster.warnings == []


def test_moved_ports_are_remembered(cluster: Cluster) -> None:
    """Ports that have taken each other's place during a run must be there in the next one."""
    pairs = cluster.create("ui/http")
    (inside, outside), (spare_inside, spare_outside) = pairs["ui/http"], pairs["k8s/spare-1"]
    cluster.book().move(
        {
            "ui/http": spare_outside,
            "ui/http@k8s": spare_inside,
            "k8s/spare-1": outside,
            "k8s/spare-1@k8s": inside,
        }
    )
    after = cluster.run("ui/http")
    assert after["ui/http"] == pairs["k8s/spare-1"]
    assert set(after.values()) == set(pairs.values())


def test_pools_without_spare_ports_are_left_alone() -> None:
    """What is remembered for other containers, and for this machine, must stay as it is."""
    remembered = {"old/http": 10001, "old/http@other": 30001, "api/http": 10002}
    assert hand_over(remembered, [], ["k8s/spare-0@k8s"], ()) == remembered
