"""What the watchdog makes of an engine's answers, good and bad ones."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from fairlead.engines.watchdog import bare_engine
from fairlead.engines.watchdog.bare_engine import NOT_RUNNING, ApiEngine, engine_at

MINE = {"dev.fairlead.run": "mine", "dev.fairlead.lifetime": "session"}
LABELS = [f"{name}={value}" for name, value in MINE.items()]
Answer = bytes | None


class Script:
    """An engine that answers by a script: a list of bytes for each request in turn; None is silence."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.answers: list[Answer] = []
        self.requests: list[str] = []
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(path))
        self._server.listen()
        self._silent: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    @property
    def engine(self) -> ApiEngine:
        engine = engine_at(f"unix://{self.path}")
        assert isinstance(engine, ApiEngine)
        return engine

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        for one in (self._server, *self._silent):
            one.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self.requests.append(read_request(connection))
            if (answer := self.answers.pop(0)) is None:
                self._silent.append(connection)
            else:
                connection.sendall(answer)
                connection.close()


def read_request(connection: socket.socket) -> str:
    """Read all of a request; its first words."""
    with connection.makefile("rb") as stream:
        first = stream.readline().decode()
        length = 0
        while (line := stream.readline().strip()) != b"":
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        stream.read(length)
    return first.rpartition(" ")[0]


def answer(status: int, content: object) -> bytes:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (status, len(body), body)


def container(name: str, **labels: str) -> dict[str, object]:
    return {"Id": f"id-{name}", "Names": [f"/linking/{name}", f"/{name}"], "Labels": labels}


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    monkeypatch.setattr(bare_engine, "ANSWER_TIMES", (0.05, 0.05, 20.0))
    monkeypatch.setattr(bare_engine, "EXEC_PAUSE", 0.0)
    with TemporaryDirectory(prefix="fl-") as folder:
        script = Script(Path(folder) / "engine.sock")
        yield script
        script.close()


def test_a_listing_gives_what_has_all_labels(script: Script) -> None:
    """Ids and names must come of what carries every label; an engine may list what carries one of them."""
    strangers = [
        container("a", **{**MINE, "dev.fairlead.run": "other"}),
        container("b"),
        {**container("c"), "Labels": None},
    ]
    script.answers = [answer(200, [*strangers, container("mine", **MINE, more="x")])]
    assert script.engine.list_objects("container", LABELS) == [("id-mine", "mine")]
    script.answers = [answer(200, {"Volumes": [{"Name": "v", "Labels": MINE}]}), answer(200, {"Volumes": None})]
    assert script.engine.list_objects("volume", LABELS) == [("v", "v")]
    assert script.engine.list_objects("volume", LABELS) == []


GOOD = answer(200, [container("mine", **MINE)])


@pytest.mark.parametrize(
    "bad",
    [
        answer(500, {"message": "no"}),
        answer(400, {"message": "no"}),
        GOOD[:-10],
        answer(200, b'[{"Id": "a", "Nam'),
        answer(200, b"\xff\xfe"),
        answer(200, "text"),
        answer(200, [7]),
        answer(200, [{"Labels": MINE}]),
        b"",
        b"nonsense\r\n\r\n",
        None,
    ],
    ids=["500", "400", "cut", "half a JSON", "no text", "no list", "no rows", "no id", "nothing", "no HTTP", "silence"],
)
def test_a_bad_answer_is_no_answer(script: Script, bad: Answer) -> None:
    """Whatever is wrong with an answer, it must be told from an empty one, so that the engine is asked again."""
    script.answers = [bad, GOOD]
    engine = script.engine
    with pytest.raises(OSError) as failure:
        engine.list_objects("container", LABELS)
    assert not isinstance(failure.value, ConnectionRefusedError)
    assert engine.list_objects("container", LABELS) == [("id-mine", "mine")]


def test_an_engine_that_is_gone_is_told_from_a_bad_one() -> None:
    """Where nobody listens, the error must say so."""
    for line in ("unix:///no/such.sock", "tcp://127.0.0.1:1"):
        with pytest.raises(ConnectionRefusedError):
            engine_at(line).list_objects("container", LABELS)


def test_a_slow_engine_gets_more_time(script: Script) -> None:
    """After several answers that came too late, the next must be waited for longer; a quick one ends that."""
    engine = script.engine
    script.answers = [None, None, None]
    for _ in range(2):
        with pytest.raises(TimeoutError):
            engine.list_objects("network", LABELS)
    assert engine.slowness == 2
    script.answers = [answer(200, [])]
    assert engine.list_objects("network", LABELS) == []
    assert engine.slowness == 0


def test_a_network_is_removed_whatever_is_on_it(script: Script) -> None:
    """What is on a network must be cut off before it is removed."""
    script.answers = [answer(200, {"Containers": {"c1": {}}}), answer(200, {}), answer(204, b"")]
    script.engine.remove("network", "n1")
    assert script.requests == ["GET /networks/n1", "POST /networks/n1/disconnect", "DELETE /networks/n1"]


@pytest.mark.parametrize(("status", "is_done"), [(204, True), (404, True), (409, False), (500, False)])
def test_a_removal_says_whether_it_was_done(script: Script, status: int, is_done: bool) -> None:
    """What is gone already is removed; a refusal must be an error."""
    script.answers = [answer(status, {"message": ""})]
    if is_done:
        script.engine.remove("container", "c1")
    else:
        with pytest.raises(OSError):
            script.engine.remove("container", "c1")
    assert script.requests == ["DELETE /containers/c1?force=1&v=1"]


def running(is_running: bool, code: int | None) -> bytes:
    return answer(200, {"Running": is_running, "ExitCode": code})


CREATED, STARTED = answer(201, {"Id": "e1"}), answer(200, b"")


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ([CREATED, STARTED, running(True, None), running(False, 3)], 3),
        ([CREATED, STARTED, running(False, None), running(False, 0)], 0),
        ([answer(404, {"message": "No such container: c1"})], None),
        ([answer(500, {"message": "no such container"})], None),
        ([answer(409, {"message": "Container c1 is not running"})], NOT_RUNNING),
        ([answer(500, {"message": "can only create exec sessions on running containers"})], NOT_RUNNING),
    ],
    ids=["fails", "succeeds", "gone", "gone, says Podman", "ended", "ended, says Podman"],
)
def test_a_command_in_a_container_is_run_to_its_end(script: Script, answers: list[Answer], code: int | None) -> None:
    """Its exit code must be told, and whether there is a container that runs."""
    script.answers = answers
    assert script.engine.run_inside("c1", ["true"]) == code


@pytest.mark.parametrize(
    "answers",
    [
        [answer(500, {"message": "something else"})],
        [answer(201, b"{")],
        [CREATED, answer(500, b"")],
        [CREATED, STARTED, answer(200, b'{"Run')],
    ],
)
def test_a_bad_answer_about_a_command_is_no_answer(script: Script, answers: list[Answer]) -> None:
    """It must be told from a command's failure, as the command is then tried again for longer."""
    script.answers = answers
    with pytest.raises(OSError):
        script.engine.run_inside("c1", ["true"])


def test_a_command_that_does_not_end_is_left(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    """There must be a limit to a command's time."""
    monkeypatch.setattr(bare_engine, "EXEC_TIME", 0.0)
    script.answers = [CREATED, STARTED]
    with pytest.raises(TimeoutError):
        script.engine.run_inside("c1", ["sleep", "1000"])


@pytest.mark.parametrize(
    ("docker", "use", "outcome"),
    [
        ("echo id1 name1; echo id2", lambda it: it.list_objects("container", LABELS), [("id1", "name1"), ("id2", "")]),
        ("exit 3", lambda it: it.run_inside("c1", ["x"]), 3),
        ("echo Error: No such container: c1 >&2; exit 1", lambda it: it.run_inside("c1", ["x"]), None),
        ("echo Error: c1 is not running >&2; exit 1", lambda it: it.run_inside("c1", ["x"]), NOT_RUNNING),
        ("echo Error response from daemon >&2; exit 1", lambda it: it.run_inside("c1", ["x"]), OSError),
        ("echo Cannot connect to it >&2; exit 1", lambda it: it.run_inside("c1", ["x"]), ConnectionRefusedError),
        ("echo no >&2; exit 1", lambda it: it.remove("network", "n1"), OSError),
    ],
)
def test_the_docker_command_is_understood(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    docker: str,
    use: Callable[[bare_engine.CommandEngine], object],
    outcome: object,
) -> None:
    """An engine behind SSH is used by the docker command, whose words must be understood as the API's answers are."""
    (tmp_path / "docker").write_text(f"#!/bin/sh\n{docker}\n")
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    engine = engine_at("ssh://far")
    assert isinstance(engine, bare_engine.CommandEngine)
    if isinstance(outcome, type):
        with pytest.raises(outcome) as failure:
            use(engine)
        assert failure.type is outcome
    else:
        assert use(engine) == outcome
