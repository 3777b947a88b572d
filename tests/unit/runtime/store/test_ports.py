"""Ports must be the same from run to run, and never be given to two."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Collection
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.errors import StateError
from fairlead.runtime.store.ports import PORTS, PortBook, PortRequest


class Machine:
    """A machine with a state folder, and some ports in use."""

    def __init__(self, root: Path, used: Collection[int] = ()) -> None:
        self.root = root
        self.used = set(used)
        self.asked: list[tuple[int, str]] = []
        self.warnings: list[str] = []

    def book(self, app_id: str = "shop", *, remember: bool = True) -> PortBook:
        return PortBook(self.root / app_id, app_id, remember=remember, warn=self.warnings.append, is_free=self.is_free)

    def is_free(self, port: int, host: str) -> bool:
        self.asked.append((port, host))
        return port not in self.used

    def file(self, app_id: str = "shop") -> Path:
        return self.root / app_id / "ports.json"

    def remember(self, ports: object, app_id: str = "shop") -> None:
        self.file(app_id).parent.mkdir(parents=True, exist_ok=True)
        self.file(app_id).write_text(json.dumps(ports))


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "fairlead")


API, WEB = PortRequest("api/http"), PortRequest("web/http")


def test_ports_are_stable_from_run_to_run(machine: Machine) -> None:
    """A second run must get the ports of the first, without a warning."""
    first = machine.book().allocate([API, WEB])
    assert machine.book().allocate([API, WEB]) == first
    assert machine.warnings == []


def test_ports_are_stable_when_the_app_changes(machine: Machine) -> None:
    """A run of other resources, or of some, must not cost a resource its port."""
    first = machine.book().allocate([API, WEB])
    assert machine.book().allocate([WEB]) == {"web/http": first["web/http"]}
    machine.book().allocate([PortRequest("new/http")])
    assert machine.book().allocate([WEB, API]) == first


def test_the_file_is_private(machine: Machine) -> None:
    """The memory must be a private file in the app's folder, and hold no fixed ports."""
    ports = machine.book().allocate([API, PortRequest("db/tcp", fixed=5432)])
    assert json.loads(machine.file().read_text()) == {"api/http": ports["api/http"]}
    assert stat.S_IMODE(machine.file().stat().st_mode) == 0o600


def test_a_fixed_port_is_returned_unasked(machine: Machine) -> None:
    """A fixed port must be returned as it is, also if it is in use; its resource will say so."""
    machine.used = {5432}
    assert machine.book().allocate([PortRequest("db/tcp", fixed=5432)]) == {"db/tcp": 5432}
    assert machine.asked == []


def test_the_host_is_asked_for(machine: Machine) -> None:
    """Whether a port is free must be asked for the address it will be bound to."""
    machine.book().allocate([PortRequest("api/http", host="0.0.0.0")])
    assert {host for _, host in machine.asked} == {"0.0.0.0"}


def test_a_taken_port_is_replaced_for_good(machine: Machine) -> None:
    """A remembered port that is in use must be replaced, with a warning that names both, and the new one remembered."""
    old = machine.book().allocate([API, WEB])
    machine.used = {old["api/http"]}
    new = machine.book().allocate([API, WEB])
    assert new["api/http"] != old["api/http"]
    assert new["web/http"] == old["web/http"]
    assert machine.warnings == [f"port {old['api/http']} of api/http is taken, so it is {new['api/http']} from now on"]
    machine.used = set()
    assert machine.book().allocate([API, WEB]) == new


def test_a_lasting_resource_keeps_its_port(machine: Machine) -> None:
    """The remembered port of a resource that outlives the run must be kept though it is in use: it uses it itself."""
    request = PortRequest("pg/tcp", lasting=True)
    first = machine.book().allocate([request])
    machine.used = set(first.values())
    assert machine.book().allocate([request]) == first
    assert machine.warnings == []


def test_a_port_that_was_given_is_given_again(machine: Machine) -> None:
    """Within a run a key must keep its port, though it is in use by then: others have been told of it."""
    book = machine.book()
    first = book.allocate([API])
    machine.used = set(first.values())
    assert book.allocate([API]) == first
    assert book.allocate([WEB])["web/http"] not in first.values()


def test_a_port_that_became_fixed_elsewhere_is_given_up(machine: Machine) -> None:
    """A remembered port that another endpoint of the app now has fixed must be replaced."""
    port = machine.book().allocate([API])["api/http"]
    new = machine.book().allocate([API, PortRequest("db/tcp", fixed=port)])
    assert new["db/tcp"] == port != new["api/http"]


def test_checkouts_do_not_meet(machine: Machine) -> None:
    """A port that another app remembers must not be taken, even while that app is not running."""
    ours = machine.book("shop-1").allocate([API])["api/http"]
    other = Machine(machine.root)
    # An app whose search begins at the very same port.
    book = PortBook(machine.root / "shop-2", "shop-1", warn=other.warnings.append, is_free=other.is_free)
    assert book.allocate([API])["api/http"] != ours


def test_the_neighbours_do_not_use_up_the_range(machine: Machine) -> None:
    """When other apps remember every port, one that nobody uses must be taken from them."""
    machine.remember({f"r{port}/http": port for port in PORTS}, "hoarder")
    assert machine.book().allocate([API])["api/http"] in PORTS


def test_a_neighbours_damage_is_not_ours(machine: Machine) -> None:
    """Another app's damaged file must be left alone and not be reported here."""
    machine.remember([], "other")
    machine.book().allocate([API])
    assert machine.warnings == []
    assert machine.file("other").read_text() == "[]"


def test_no_port_is_left(machine: Machine) -> None:
    """When every port is in use, the error must name the resource, the range and the remedy."""
    machine.used = set(PORTS)
    with pytest.raises(StateError) as caught:
        machine.book().allocate([API])
    assert "api/http" in caught.value.message
    assert "10000 to 32767" in caught.value.message
    assert caught.value.remedy


def test_two_requests_of_one_key(machine: Machine) -> None:
    """A key that is asked for twice must be refused: one of the two would be lost."""
    with pytest.raises(ValueError, match="same key"):
        machine.book().allocate([API, API])


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "\0\0", "[" * 100_000], ids=["empty", "cut", "array", "nul", "deep"]
)
def test_damage_costs_the_memory_only(machine: Machine, content: str) -> None:
    """A damaged file must be kept aside, told of, and replaced by a new one."""
    machine.file().parent.mkdir(parents=True)
    machine.file().write_text(content)
    ports = machine.book().allocate([API])
    assert machine.file().with_name("ports.json.corrupt-1").read_text() == content
    assert len(machine.warnings) == 2
    assert str(machine.file()) in machine.warnings[0]
    machine.warnings.clear()
    assert machine.book().allocate([API]) == ports
    assert machine.warnings == []


@pytest.mark.parametrize("value", ["80", 80, 70_000, -1, None, True, 12345.0, [], {}])
def test_senseless_entries_are_ignored(machine: Machine, value: object) -> None:
    """An entry that is no port of the range must be ignored and replaced."""
    machine.remember({"api/http": value})
    port = machine.book().allocate([API])["api/http"]
    assert port in PORTS
    assert json.loads(machine.file().read_text()) == {"api/http": port}


def test_a_port_remembered_twice(machine: Machine) -> None:
    """Two keys that remember one port must not both get it."""
    machine.remember({"api/http": 20000, "web/http": 20000})
    ports = machine.book().allocate([API, WEB])
    assert len(set(ports.values())) == 2


def test_a_state_folder_that_cannot_be_used(tmp_path: Path) -> None:
    """Where nothing can be remembered, ports must be given all the same, and the user be told once."""
    (tmp_path / "file").write_text("precious")
    machine = Machine(tmp_path / "file" / "fairlead")
    book = machine.book()
    assert book.allocate([API])["api/http"] in PORTS
    assert book.allocate([WEB])["web/http"] in PORTS
    assert len(machine.warnings) == 1
    assert "can't be remembered" in machine.warnings[0]
    assert (tmp_path / "file").read_text() == "precious"


def test_without_a_memory(machine: Machine) -> None:
    """A run that shall not remember must write nothing, and avoid what apps remember."""
    machine.remember({"api/http": 20000})
    before = sorted(machine.root.rglob("*"))
    books = [machine.book(remember=False) for _ in range(5)]
    ports = [book.allocate([API, WEB]) for book in books]
    assert sorted(machine.root.rglob("*")) == before
    assert 20000 not in {port for found in ports for port in found.values()}
    assert len({found["api/http"] for found in ports}) > 1, "the ports are not random"


def test_a_use_counts_as_news(machine: Machine) -> None:
    """A run that changes nothing must still count as a use, so that its ports are respected by others."""
    machine.book().allocate([API])
    os.utime(machine.file(), (0, 0))
    machine.book().allocate([API])
    assert machine.file().stat().st_mtime > 0


def test_the_system_is_asked_by_default(tmp_path: Path) -> None:
    """Without a test's own answer, what the system says must count."""
    ports = PortBook(tmp_path / "shop", "shop", warn=pytest.fail).allocate([API])
    assert ports["api/http"] in PORTS


keys = st.sampled_from(
    [f"{name}/{endpoint}" for name in ("api", "web", "db") for endpoint in ("http", "tcp", "http/1")]
)
requests = st.lists(
    st.builds(PortRequest, key=keys, fixed=st.one_of(st.none(), st.integers(10_000, 10_020))),
    unique_by=(lambda request: request.key, lambda request: request.fixed or request.key),
    max_size=9,
)
apps = st.sampled_from(["shop", "shop-2", "blog"])


@given(st.lists(st.tuples(apps, requests), max_size=6), st.sets(st.integers(10_000, 10_030)))
def test_no_port_is_given_twice(runs: list[tuple[str, list[PortRequest]]], used: set[int]) -> None:
    """Over any runs of any apps, a port must be in range, free, given once, nobody's fixed one, and no other app's."""
    with TemporaryDirectory() as folder:
        machine = Machine(Path(folder) / "fairlead", used)
        owners: dict[int, tuple[str, str]] = {}
        for app, wanted in runs:
            ports = machine.book(app).allocate(wanted)
            assert ports.keys() == {request.key for request in wanted}
            assert len(set(ports.values())) == len(ports)
            for request in wanted:
                port = ports[request.key]
                if request.fixed:
                    assert port == request.fixed
                    continue
                assert port in PORTS and port not in used
                assert owners.setdefault(port, (app, request.key)) == (app, request.key)


@given(requests, st.randoms(use_true_random=False), st.sets(st.integers(10_000, 10_030)))
def test_the_order_does_not_matter(wanted: list[PortRequest], random: Random, used: set[int]) -> None:
    """The same requests in any order must get the same ports, on any machine on which the same ports are free."""
    shuffled = list(wanted)
    random.shuffle(shuffled)
    results = []
    for order in (wanted, shuffled):
        with TemporaryDirectory() as folder:
            results.append(Machine(Path(folder) / "fairlead", used).book().allocate(order))
    assert results[0] == results[1]


INSIDE = PortRequest("ui/http@k8s", within=range(30000, 32768), lasting=True)


def test_a_port_inside_a_container(machine: Machine) -> None:
    """A port inside a container must be of its range, and be remembered without asking this machine."""
    machine.used = set(range(30000, 32768))
    port = machine.book().allocate([INSIDE])[INSIDE.key]
    assert port in INSIDE.within
    assert machine.asked == []
    assert machine.book().allocate([INSIDE]) == {INSIDE.key: port}


def test_ports_inside_and_outside_do_not_clash(machine: Machine) -> None:
    """A port inside a container may have the number of one of this machine, or of one in another container."""
    small = range(30000, 30001)
    keys = ["ui/http@k8s", "ui/http@other"]
    requests = [PortRequest(key, within=small) for key in keys] + [PortRequest("api/http", fixed=30000)]
    ports = machine.book().allocate(requests)
    assert set(ports.values()) == {30000}
    assert machine.book().allocate(requests) == ports
    with pytest.raises(StateError, match="no port from 30000 to 30000 is free for b/http@k8s on k8s"):
        machine.book().allocate([*requests, PortRequest("b/http@k8s", within=small)])
