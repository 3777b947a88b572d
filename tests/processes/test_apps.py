"""Apps of real processes: how each kind is run, and what goes wrong with it."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest
from tests.processes.marked import processes_with, runs
from tests.support.connections import kept_port
from tests.support.stage import Stage, stage
from tests.support.waiting import until

from fairlead import AppBuilder, HealthStatus, State
from fairlead.testing import InMemory

SERVER = """
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(os.environ.get("GREETING", "hello").encode())
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""
ASGI = """
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"from uvicorn"})
"""
NODE = """
const at = (name, otherwise) => { const i = process.argv.indexOf(name); return i < 0 ? otherwise : process.argv[i + 1] }
require("http").createServer((_, answer) => answer.end("from node")).listen(
  Number(at("--port", process.env.PORT)), at("--host", "127.0.0.1"))
"""
DUMP = "import json, os, sys; json.dump(dict(os.environ), open(sys.argv[1], 'w'))"


async def answer_of(shown: Stage, name: str) -> str:
    resource = shown.app[name]
    port = shown.host.run.addresses.host_port(resource, resource.endpoints["http"])
    return await asyncio.to_thread(fetch, f"http://localhost:{port}")


def fetch(url: str) -> str:
    with urlopen(url, timeout=60) as answer:
        return str(answer.read().decode())


# Kinds


async def test_a_python_script_and_module(tmp_path: Path) -> None:
    """A script and a module must be run in their folder, with the port and the variables they were given."""
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "server.py").write_text(SERVER)

    def define(app: AppBuilder) -> None:
        one = app.add_python_app("one", "api", script="server.py").with_http_endpoint()
        one.with_environment("GREETING", "hé")
        app.add_python_app("two", "api", module="server").with_http_endpoint().with_http_health_check("/")
        one.with_http_health_check("/").with_reference(one)

    async with stage(define, folder=tmp_path) as shown:
        for name, greeting in (("one", "hé"), ("two", "hello")):
            await shown.wait_healthy(name)
            assert await answer_of(shown, name) == greeting
        pid = int(dict(shown.snapshot("one").properties)["pid"])
        assert f"Python by the interpreter of Fairlead, {sys.executable}" in shown.text("one")
    assert not runs(pid)


async def test_a_command_tells_the_health_of_each_replica(tmp_path: Path) -> None:
    """A health command must run in the folder of a process, with its environment, and be killed when it takes long."""
    idle = "import time; print('up', flush=True); time.sleep(1000)"
    check = 'test -e "$MARK" && case "$PORT" in $(cat "$MARK")) sleep 1000 & echo $! > pid; wait;; esac'

    def define(app: AppBuilder) -> None:
        box = app.add_executable("box", sys.executable, ".", "-c", idle, env={"MARK": "well"}, replicas=2)
        box.with_http_endpoint(env="PORT").with_command_health_check(check, interval=0.2, timeout=0.5, retries=1)

    async with stage(define, folder=tmp_path) as shown:
        sick = await shown.until("box", lambda snapshot: len(snapshot.reports) == 2)
        assert [report.description for report in sick.reports] == ["ended with 1"] * 2
        (tmp_path / "well").write_text("no port")
        await shown.wait_healthy("box")
        ports = [shown.host.run.addresses.target_port(shown.app["box"], shown.app["box"].endpoint("http").spec, 1)]
        (tmp_path / "well").write_text(str(ports[0]))
        sick = await shown.until("box", lambda snapshot: snapshot.health is HealthStatus.UNHEALTHY)
        assert [report.status for report in sick.reports] == [HealthStatus.HEALTHY, HealthStatus.UNHEALTHY]
        assert sick.reports[1].description == "no answer in 0.5 s"
        (tmp_path / "well").write_text("no port")
        await shown.wait_healthy("box")
    assert not runs(int((tmp_path / "pid").read_text()))


async def test_the_interpreter_of_the_folder_runs_it(tmp_path: Path) -> None:
    """A ``.venv`` in the folder must be what runs the app, activated."""
    environment = tmp_path / ".venv"
    (environment / "bin").mkdir(parents=True)
    python = environment / "bin" / "python"
    python.write_text(f'#!/bin/sh\nMINE=yes exec {sys.executable} "$@"\n')
    python.chmod(0o755)
    (tmp_path / "dump.py").write_text(DUMP)
    out = tmp_path / "environment.json"
    async with stage(
        lambda app: app.add_python_app("a", ".", script="dump.py", args=[str(out)]), folder=tmp_path
    ) as shown:
        assert (await shown.reach("a", State.FINISHED)).exit_code == 0
    seen = json.loads(out.read_text())
    assert (seen["MINE"], seen["VIRTUAL_ENV"]) == ("yes", str(environment))
    assert seen["PATH"].startswith(f"{environment}/bin:")


async def test_uvicorn(tmp_path: Path) -> None:
    """An ASGI app must be served on its endpoint, each replica on a port of its own behind the balancer."""
    (tmp_path / "main.py").write_text(ASGI)

    def define(app: AppBuilder) -> None:
        app.add_uvicorn_app("api", ".", "main:app").with_replicas(2).with_http_health_check("/")

    async with stage(define, folder=tmp_path) as shown:
        await shown.wait_healthy("api")
        assert await answer_of(shown, "api") == "from uvicorn"
        running = shown.snapshot("api")
        pids = [int(dict(view.properties)["pid"]) for view in running.replicas]
        assert len(set(pids)) == 2
        psutil.Process(pids[0]).kill()
        sick = await shown.until("api", lambda snapshot: bool(snapshot.reason))
        assert sick.reason == "api-1 was killed by SIGKILL"
        for _ in range(4):
            assert await answer_of(shown, "api") == "from uvicorn"


async def test_uvicorn_that_reloads_leaves_no_children(tmp_path: Path) -> None:
    """With ``reload`` uvicorn's children must end with it."""
    (tmp_path / "main.py").write_text(ASGI)

    def define(app: AppBuilder) -> None:
        app.add_uvicorn_app("api", ".", "main:app", reload=True).with_http_health_check("/")

    async with stage(define, folder=tmp_path) as shown:
        await shown.wait_healthy("api")
        run_id = shown.host.run.run_id
        pid = int(dict(shown.snapshot("api").properties)["pid"])
        children = psutil.Process(pid).children(recursive=True)
        assert children
        await shown.command("api", "stop")
        assert not [child for child in children if runs(child.pid)]
    await until(lambda: not processes_with(FAIRLEAD_RUN_ID=run_id), "nothing is left of the run")


@pytest.mark.node
async def test_node_and_vite(tmp_path: Path) -> None:
    """A Node file must be run with its port; a script by the package manager, told where to listen as Vite is."""
    (tmp_path / "server.js").write_text(NODE)
    (tmp_path / "package.json").write_text('{"scripts": {"dev": "node server.js"}}')

    def define(app: AppBuilder) -> None:
        app.add_node_app("file", ".", "server.js").with_http_endpoint().with_http_health_check("/")
        app.add_vite_app("web", ".").with_http_health_check("/")

    async with stage(define, folder=tmp_path) as shown:
        for name in ("file", "web"):
            await shown.wait_healthy(name)
            assert await answer_of(shown, name) == "from node"
        assert "Node by npm" in shown.text("web")
        run_id = shown.host.run.run_id
    await until(lambda: not processes_with(FAIRLEAD_RUN_ID=run_id), "nothing is left of the run")


@pytest.mark.node
async def test_what_is_not_installed_is_installed(tmp_path: Path) -> None:
    """Dependencies must be installed once before the first start, shown as Building; a failure must be told."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "package.json").write_text('{"name": "own", "version": "1.0.0", "main": "index.js"}')
    (tmp_path / "own" / "index.js").write_text("module.exports = 'installed'")
    web = tmp_path / "web"
    web.mkdir()
    (web / "package.json").write_text('{"dependencies": {"own": "file:../own"}}')
    (web / "main.js").write_text("console.log(require('own'))")

    async with stage(lambda app: app.add_node_app("web", "web", "main.js"), folder=tmp_path) as shown:
        assert (await shown.reach("web", State.FINISHED)).exit_code == 0
        assert "Building" in shown.states("web") and "installed" in shown.text("web")
        await shown.command("web", "start")
        await shown.until("web", lambda snapshot: snapshot.starts == 2 and snapshot.state is State.FINISHED)
        assert shown.text("web").count("Running npm install") == 1


@pytest.mark.node
async def test_an_installation_that_fails(tmp_path: Path) -> None:
    """An installation that fails must fail the start, with the command and what it said."""
    (tmp_path / "package.json").write_text('{"dependencies": {"other": "file:nowhere.tgz"}}')
    (tmp_path / "main.js").touch()
    async with stage(lambda app: app.add_node_app("web", ".", "main.js"), folder=tmp_path) as shown:
        failed = await shown.reach("web", State.FAILED_TO_START)
        assert f"'npm install --no-audit --no-fund' in {tmp_path} ended with exit code" in failed.reason
        assert "nowhere.tgz" in shown.text("web")


@pytest.mark.parametrize(
    ("script", "run", "reason"),
    [("gone.js", None, "its script gone.js is not in"), (None, "dev", "no script 'dev'; it has 'start'")],
)
async def test_node_scripts_that_are_not_there(tmp_path: Path, script: str, run: str, reason: str) -> None:
    """A script that is not there must be an error that says what there is."""
    (tmp_path / "package.json").write_text('{"scripts": {"start": "node ."}}')
    async with stage(lambda app: app.add_node_app("web", ".", script, run=run), folder=tmp_path) as shown:
        assert reason in (await shown.reach("web", State.FAILED_TO_START)).reason


# What a process sees


async def test_the_environment_of_a_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process must get the promised names, references and own variables, what the host has, and no parameter."""
    monkeypatch.setenv("FAIRLEAD_PARAMETER_KEY", "never inherited")
    monkeypatch.setenv("INHERITED", "yes")
    monkeypatch.setitem(os.environ, "BYTES", os.fsdecode(b"caf\xe9"))
    (tmp_path / "dump.py").write_text(DUMP)
    out = tmp_path / "environment.json"

    def define(app: AppBuilder) -> None:
        key = app.add_parameter("key", "s3cret-value", secret=True)
        my_api = app.add(InMemory("my-api")).with_http_endpoint().with_endpoint("grpc")
        a = app.add_python_app("a", ".", script="dump.py", args=[str(out)]).with_reference(my_api)
        a.with_environment("KEY", key).with_environment("FLAG", True).with_environment("INHERITED", "no")

    async with stage(define, folder=tmp_path) as shown:
        assert (await shown.reach("a", State.FINISHED)).exit_code == 0
        ports = {
            name: shown.host.run.addresses.host_port(shown.app["my-api"], spec)
            for name, spec in shown.app["my-api"].endpoints.items()
        }
        variables = {variable.name: variable.value for variable in shown.snapshot("a").environment}
    seen = json.loads(out.read_text())
    assert seen["services__my-api__http__0"] == seen["MY_API_HTTP"] == f"http://localhost:{ports['http']}"
    assert seen["services__my-api__grpc__0"] == seen["MY_API_GRPC"] == f"tcp://localhost:{ports['grpc']}"
    assert (seen["KEY"], seen["FLAG"], seen["INHERITED"]) == ("s3cret-value", "true", "no")
    assert os.fsencode(seen["BYTES"]) == b"caf\xe9"
    assert "FAIRLEAD_PARAMETER_KEY" not in seen
    assert variables["KEY"] == "***"


# What goes wrong


async def test_a_taken_port_names_who_has_it(tmp_path: Path) -> None:
    """A fixed port that is taken must fail the start, with who has it; free again, the resource must start."""
    with kept_port() as port, socket.create_server(("127.0.0.1", port)) as server:

        def define(app: AppBuilder) -> None:
            app.add_executable("a", "sleep", ".", "60").with_http_endpoint(port=port)

        async with stage(define, folder=tmp_path) as shown:
            failed = await shown.reach("a", State.FAILED_TO_START)
            assert f"port {port} of endpoint 'http' is taken by pid {os.getpid()} (" in failed.reason
            server.close()
            await shown.command("a", "start")
            await shown.wait_healthy("a")


async def test_a_taken_port_of_a_balancer_names_who_has_it(tmp_path: Path) -> None:
    """The port in front of replicas must be told to be taken in the same words."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def define(app: AppBuilder) -> None:
            app.add_executable("a", "sleep", ".", "60").with_http_endpoint(port=port).with_replicas(2)

        async with stage(define, folder=tmp_path) as shown:
            failed = await shown.reach("a", State.FAILED_TO_START)
            assert f"port {port} of endpoint 'http' is taken by pid {os.getpid()} (" in failed.reason


@pytest.mark.parametrize(
    ("command", "cwd", "reason"),
    [
        ("no-such-program", ".", "'no-such-program' was not found in PATH"),
        ("./missing.sh", ".", "there is no"),
        ("sleep", "nowhere", "which does not exist"),
    ],
)
async def test_commands_that_can_not_be_run(tmp_path: Path, command: str, cwd: str, reason: str) -> None:
    """A command or folder that is not there must be the reason of the failure, with a remedy."""
    async with stage(lambda app: app.add_executable("a", command, cwd, "60"), folder=tmp_path) as shown:
        assert reason in (await shown.reach("a", State.FAILED_TO_START)).reason


async def test_an_app_that_exits_at_once(tmp_path: Path) -> None:
    """What a short-lived process wrote must be kept, with its exit code, and nobody who waits be started."""

    def define(app: AppBuilder) -> None:
        a = app.add_executable("a", "sh", ".", "-c", "echo out; echo err >&2; exit 7").with_http_endpoint()
        app.add(InMemory("b").wait_for(a.with_http_health_check("/")))

    async with stage(define, folder=tmp_path) as shown:
        ended = await shown.reach("a", State.FINISHED)
        assert (ended.exit_code, ended.stop_requested) == (7, False)
        lines = {(line.stream, line.text) for line in shown.logs("a")}
        assert {("stdout", "out"), ("stderr", "err"), ("state", "Ended with exit code 7")} <= lines
        await shown.until("b", lambda snapshot: "a ended with exit code 7" in "".join(snapshot.waiting_for))


async def test_binary_and_endless_output(tmp_path: Path) -> None:
    """Bytes that are no text and a line without an end must be kept as text of bounded size, and harm nothing."""
    script = "import os\nos.write(1, bytes(range(256)) + b'\\n')\nfor _ in range(64): os.write(1, b'x' * 65536)\n"
    (tmp_path / "noise.py").write_text(script)
    async with stage(lambda app: app.add_python_app("a", ".", script="noise.py"), folder=tmp_path) as shown:
        assert (await shown.reach("a", State.FINISHED)).exit_code == 0
        text = shown.text("a")
        assert "ABC" in text and "\0" not in text and "\x1b" not in text
        assert text.count("x" * 1000) > 1000
        assert max(len(line.text) for line in shown.logs("a")) <= 64 * 1024
        assert "Ended with exit code 0" in text


async def test_a_prompt_is_seen_while_it_waits_for_the_answer(tmp_path: Path) -> None:
    """What a process has written of a line must be in its log as open, until the line ends."""

    def define(app: AppBuilder) -> None:
        app.add_executable(
            "a", "sh", ".", "-c", "printf 'Name? '; while [ ! -e answer ]; do sleep 0.05; done; echo Ada"
        )

    async with stage(define, folder=tmp_path) as shown:
        log = shown.host.run.logs.log("a")
        await until(lambda: [line.text for line in log.open_lines] == ["Name? "], "the prompt")
        (tmp_path / "answer").touch()
        await shown.reach("a", State.FINISHED)
        assert log.open_lines == []
        assert "Name? Ada" in shown.text("a")


async def test_a_secret_is_not_in_ps(tmp_path: Path) -> None:
    """A secret that a callback would put into arguments must fail the start before anybody can see it."""

    def define(app: AppBuilder) -> None:
        key = app.add_parameter("key", "s3cret-value", secret=True)
        app.add_executable("a", "sleep", ".", "60", lambda: key)

    async with stage(define, folder=tmp_path) as shown:
        failed = await shown.reach("a", State.FAILED_TO_START)
        assert "secret as an argument" in failed.reason and "with_environment" in failed.reason


# Fairness


async def test_a_flood_of_lines_starves_nobody(tmp_path: Path) -> None:
    """While one resource logs as fast as it can, others must get healthy, be restarted and stopped all the same."""
    (tmp_path / "flood.py").write_text(
        "import os\nlines = b'a line of some length\\n' * 1000\nwhile True: os.write(1, lines)\n"
    )
    (tmp_path / "server.py").write_text(SERVER)

    def define(app: AppBuilder) -> None:
        app.add_python_app("flood", ".", script="flood.py")
        app.add_python_app("api", ".", script="server.py").with_http_endpoint().with_http_health_check("/")

    async with stage(define, folder=tmp_path) as shown:
        await until(lambda: shown.logs("flood")[-1:] and shown.logs("flood")[-1].number > 200_000, "a flood", 120)
        await shown.wait_healthy("api")
        before = shown.logs("flood")[-1].number
        await shown.command("api", "restart")
        await shown.wait_healthy("api")
        assert await answer_of(shown, "api") == "hello"
        await shown.command("api", "stop")
        assert shown.snapshot("api").state is State.FINISHED
        assert len(shown.logs("flood")) <= 10_000
        assert shown.logs("flood")[-1].number > before, "the flood must not have been stopped for it"
        await shown.command("flood", "stop")
        assert shown.snapshot("flood").state is State.FINISHED
