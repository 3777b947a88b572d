"""An app in the background, and the verbs that talk to it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.cli import Workplace, eventually, finish, workplace
from tests.support.records import TRACE, hex_id, log, span
from tests.support.waiting import PATIENCE

from fairlead.dashboard.telemetry.export import logs_document, spans_document
from fairlead.dashboard.telemetry.queries.peers import Peers

pytestmark = pytest.mark.timeout(300)

SHOP = """
    api = app.add_executable("api", sys.executable, ".", "-u", "api.py").with_http_endpoint(env="PORT")
    api.with_http_health_check("/").with_command("greet", lambda: "ahoy", display="Greet")
    api.with_command("wipe", lambda: "wiped", confirm="Wipe it all?")
    import gc
    api.with_command("collects", lambda: str(gc.isenabled()))
    from fairlead import CommandInput, CommandResult
    inputs = [CommandInput("rows", kind="number", required=True), CommandInput("token", kind="secret")]
    seed = lambda context: CommandResult(f"{context.inputs['rows']} rows", {"rows": context.inputs["rows"]})
    api.with_command("seed", seed, inputs=inputs)
    ticking = "i=0; while :; do i=$((i+1)); echo tick $i; sleep 0.2; done"
    app.add_executable("worker", "sh", ".", "-c", ticking).wait_for(api)
    app.add_executable("once", "sh", ".", "-c", "echo working; exit 0")
    app.add_executable("broken", "sh", ".", "-c", "echo no data >&2; exit 3")
    app.add_executable("late", "sleep", ".", "1000").with_explicit_start()
"""
API = """
import os
from http.server import SimpleHTTPRequestHandler, HTTPServer
HTTPServer(("127.0.0.1", int(os.environ["PORT"])), SimpleHTTPRequestHandler).serve_forever()
"""
CLIENT_VERBS = [
    ["resources"],
    ["describe", "api"],
    ["logs"],
    ["logs", "-f"],
    ["wait", "api"],
    ["start", "api"],
    ["stop", "api"],
    ["restart", "api"],
    ["stop"],
    ["command", "api", "greet"],
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """A shop that runs in the background; each test leaves it as it was."""
    with workplace(tmp_path_factory.mktemp("shop")) as made:
        made.write(SHOP)
        (made.folder / "api.py").write_text(API)
        made.fairlead("run", "--detach")
        made.fairlead("wait", "worker", "--for", "running", "--timeout", "60")
        made.fairlead("wait", "once", "--for", "completed", "--timeout", "60")
        made.fairlead("wait", "broken", "--for", "completed", "--timeout", "60", code=18)
        eventually(lambda: "tick 1\n" in made.fairlead("logs", "worker"), "the worker has written")
        yield made


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workplace, int]]:
    """An app whose host is stopped, and the host's process."""
    with workplace(tmp_path_factory.mktemp("stopped")) as made:
        made.write('app.add_executable("light", "sleep", ".", "1000")')
        pid = json.loads(made.fairlead("run", "--detach", "--json"))["pid"]
        made.fairlead("wait", "light", "--for", "running")
        os.kill(pid, signal.SIGSTOP)
        yield made, pid
        os.kill(pid, signal.SIGCONT)


def states(place: Workplace) -> dict[str, str]:
    return {resource["name"]: resource["state"] for resource in place.json("resources")["resources"]}


def test_resources_are_shown_with_their_states(shop: Workplace) -> None:
    """`resources --json` must be one document of all resources, as the design promises it."""
    eventually(lambda: shop.resource("api")["health"] == "Healthy", "the API is well")
    document = shop.json("resources")
    listed = {resource["name"]: resource for resource in document["resources"]}

    assert [cause["resource"] for cause in document["causes"]] == ["broken"]
    assert list(listed) == ["api", "worker", "once", "broken", "late"]
    assert {name: (found["state"], found["exit_code"]) for name, found in listed.items()} == {
        "api": ("Running", None),
        "worker": ("Running", None),
        "once": ("Finished", 0),
        "broken": ("Finished", 3),
        "late": ("NotStarted", None),
    }
    assert listed["api"]["health"] == "Healthy"
    assert listed["api"]["urls"][0]["url"].startswith("http://localhost:")


def test_table_has_a_row_for_each_resource(shop: Workplace) -> None:
    """`resources` must show names, states, what is the matter and addresses, in columns that are aligned."""
    table, _, causes = shop.fairlead("resources").partition("\n\n")
    lines = table.splitlines()

    assert "error    broken exited 3\n" in causes
    assert [line.split()[0] for line in lines] == ["Name", "api", "worker", "once", "broken", "late"]
    assert {line.index(line.split()[1]) for line in lines} == {lines[0].index("State")}
    assert "http://localhost:" in lines[1]
    assert "exit code 3" in lines[4]


def test_described_resource_shows_its_parts(shop: Workplace) -> None:
    """`describe` must tell state, health checks, address and environment."""
    text = shop.fairlead("describe", "api")

    for part in ("Running", "GET /", "http://localhost:", "PORT=", "greet"):
        assert part in text


def test_logs_are_told_apart(shop: Workplace) -> None:
    """`logs` must put names before the lines of several resources, and none before those of one."""
    assert "worker | tick 1\n" in shop.fairlead("logs", "worker", "broken")
    assert shop.fairlead("logs", "broken").splitlines()[0] == "no data"
    assert len(shop.fairlead("logs", "worker", "-n", "2").splitlines()) == 2


def test_logs_as_json_are_one_document(shop: Workplace) -> None:
    """`logs --json` must be one document of lines with resource, time, stream and text."""
    (line,) = [line for line in shop.json("logs", "broken")["lines"] if line["stream"] == "stderr"]

    assert (line["resource"], line["text"]) == ("broken", "no data")


def test_an_imported_trace_is_shown(shop: Workplace) -> None:
    """A trace that is imported must be listed, shown span by span, found by its attributes, and exported as it came."""
    spans = [span(1, None, 1.0, 2.0, "web", name="POST /orders"), span(2, 1, 1.2, 1.7, "api", status="error")]
    entries = [log("order placed", trace_id=TRACE, span_id=hex_id(2), time=1.5, attributes={"order.total": 104.5})]
    document = {"resourceSpans": [*spans_document(spans, Peers(), str)], "resourceLogs": [*logs_document(entries, str)]}
    (shop.folder / "trace.json").write_text(json.dumps(document))

    assert shop.fairlead("traces", "--import", "trace.json") == f"{TRACE}\n"
    (listed,) = shop.json("traces", "--errors", "--min", "500ms")["traces"]
    assert (listed["name"], listed["spans"], listed["imported"]) == ("POST /orders", 2, True)
    assert "POST /orders" in shop.fairlead("traces").splitlines()[1]
    assert "━" in shop.fairlead("traces", TRACE[:6])
    assert [each["depth"] for each in shop.json("traces", TRACE)["spans"]] == [0, 1]

    assert "order placed" in shop.fairlead("logs", "--structured", "--where", "order.total>100", "--trace", TRACE[:6])
    assert shop.json("logs", "--structured", "--level", "warn") == {"logs": []}
    exported = json.loads(shop.fairlead("traces", TRACE, "--export", "-"))
    assert len(exported["resourceSpans"]) == 2 and len(exported["resourceLogs"]) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["traces", "abc"], "abc is too short for the id of a trace"),
        (["traces", "abcdef"], "there is no trace abcdef"),
        (["traces", "0" * 32], "there is no trace 000"),
        (["traces", "--export", "x"], "--export needs a trace"),
        (["traces", "--import", "nowhere.json"], "nowhere.json can't be read"),
        (["traces", "--import", "api.py"], "api.py is not JSON"),
        (["traces", "--min", "fast"], "'fast' is not a duration, such as 500ms"),
        (["logs", "--structured", "--where", "total"], "'total' is not a filter"),
        (["logs", "--where", "a=1"], "--where is for structured logs"),
    ],
)
def test_wrong_questions_about_telemetry(shop: Workplace, arguments: list[str], message: str) -> None:
    """What can't be answered must be refused with the reason, as wrong usage."""
    refused = shop.call(*arguments)
    assert refused.returncode == 2, refused.stderr
    assert message in refused.stderr


def test_followed_logs_go_on(shop: Workplace) -> None:
    """`logs -f` must show lines as they are written, as objects with `--json`, and end well on Ctrl+C."""
    following = shop.start("logs", "-f", "worker", "-n", "0", "--json")
    assert following.stdout is not None
    lines = [json.loads(following.stdout.readline()) for _ in range(3)]
    following.send_signal(signal.SIGINT)

    numbers = [int(line["text"].split()[1]) for line in lines]
    assert numbers == list(range(numbers[0], numbers[0] + 3))
    assert finish(following)[0] == 0


def test_reader_that_has_seen_enough_is_no_error(shop: Workplace) -> None:
    """A pipe that is closed by its reader must end the verb quietly."""
    following = shop.start("logs", "-f", "worker")
    assert following.stdout is not None
    following.stdout.readline()
    following.stdout.close()

    assert following.wait(PATIENCE) == 0


def test_wait_has_an_exit_code_for_each_end(shop: Workplace) -> None:
    """`wait` must end with 0 when it is so, 17 when it takes too long, 18 on failure, 2 for no such name."""
    shop.fairlead("wait", "api", "--for", "healthy", "--timeout", "60")
    shop.fairlead("wait", "once", "--for", "completed", "--timeout", "60")
    late = shop.call("wait", "late", "--timeout", "0.2")
    broken = shop.call("wait", "broken", "--for", "completed", "--timeout", "60")
    unknown = shop.call("wait", "wroker", "--timeout", "60")

    assert (late.returncode, broken.returncode, unknown.returncode) == (17, 18, 2)
    assert "fairlead start late" in late.stderr
    assert "exit code 3" in broken.stderr
    assert "'worker'" in unknown.stderr


def test_resource_is_stopped_started_and_restarted(shop: Workplace) -> None:
    """Each of these verbs must have done its work when it returns."""
    first = shop.resource("worker")["properties"]["pid"]
    shop.fairlead("stop", "worker")
    assert shop.resource("worker")["state"] == "Finished"
    shop.fairlead("start", "worker")
    shop.fairlead("wait", "worker", "--for", "running", "--timeout", "60")
    second = shop.resource("worker")["properties"]["pid"]
    shop.fairlead("restart", "worker")
    shop.fairlead("wait", "worker", "--for", "running", "--timeout", "60")
    third = shop.resource("worker")["properties"]["pid"]

    assert len({first, second, third}) == 3


def test_command_shows_what_it_answers(shop: Workplace) -> None:
    """`command` must run a resource's own command; one that is not there must be refused with those that are."""
    assert shop.fairlead("command", "api", "greet") == "ahoy\n"

    refused = shop.call("command", "api", "great")
    assert refused.returncode == 2
    assert "'greet'" in refused.stderr


def test_a_run_frees_what_it_no_longer_needs(shop: Workplace) -> None:
    """While a run loads it need not look for garbage, but once it is up it must: it may last for weeks."""
    assert shop.fairlead("command", "api", "collects") == "True\n"


def test_command_takes_inputs_and_answers_with_data(shop: Workplace) -> None:
    """Inputs must reach a command and its data come back; a missing one, or a secret in the open, must be refused."""
    answer = shop.json("command", "api", "seed", "--input", "rows=5")
    assert answer == {"message": "5 rows", "data": {"rows": 5}}
    (shop.folder / "token").write_text("opensesame\n")
    assert "rows: 7" in shop.fairlead("command", "api", "seed", "-i", "rows=7", "-i", "token=@token").replace('"', "")

    for arguments, told in (
        ([], "needs 'rows'"),
        (["-i", "rows"], "has no value"),
        (["-i", "rows=many"], "needs a number"),
        (["-i", "rows=1", "-i", "token=opensesame"], "a command line can be seen by everyone"),
    ):
        refused = shop.call("command", "api", "seed", *arguments)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert told in refused.stderr


def test_command_that_asks_first_is_not_given_by_a_pipe(shop: Workplace) -> None:
    """Without a terminal a command that wants to be confirmed must be refused, unless --yes says it is meant."""
    refused = shop.call("command", "api", "wipe", input="n\n")

    assert (refused.returncode, refused.stdout) == (2, "")
    assert "Wipe it all?" in refused.stderr and "--yes" in refused.stderr
    assert shop.fairlead("command", "api", "wipe", "--yes") == "wiped\n"


def test_running_apps_are_listed(shop: Workplace) -> None:
    """`ps` must name the app, its process, its app file and the address of its page."""
    (app,) = shop.json("ps")["apps"]

    assert (app["app"], app["apphost"]) == ("shop", str(shop.folder / "apphost.py"))
    assert app["dashboard"].startswith("http://127.0.0.1:")
    listed = shop.fairlead("ps")
    assert str(app["pid"]) in listed
    assert app["dashboard"] in listed.splitlines()


def test_second_run_is_refused(shop: Workplace) -> None:
    """A second run of the same app must be refused with 1 and name the first, in the foreground and with --detach."""
    pid = shop.json("ps")["apps"][0]["pid"]
    for arguments in (["run"], ["run", "--detach"]):
        refused = shop.call(*arguments)
        assert refused.returncode == 1
        assert f"process {pid}" in refused.stderr
        assert "fairlead stop" in refused.stderr


def test_app_is_found_from_a_folder_below(shop: Workplace) -> None:
    """The verbs must find the app file above the current folder."""
    below = shop.folder / "a" / "b"
    below.mkdir(parents=True, exist_ok=True)

    ended = subprocess.run([*_command(), "resources"], cwd=below, env=shop.environment, capture_output=True, timeout=60)
    assert ended.returncode == 0


@pytest.mark.parametrize("verb", CLIENT_VERBS, ids=" ".join)
def test_app_that_does_not_run_is_5(place: Workplace, verb: list[str]) -> None:
    """A verb that needs a running app must end with 5 where there is none, and say how to start it."""
    place.write(SHOP)

    ended = place.call(*verb)

    assert ended.returncode == 5
    assert "fairlead run" in ended.stderr
    assert ended.stdout == ""


def test_app_without_a_file_is_a_usage_error(place: Workplace) -> None:
    """Without an app file every verb must say where it looked, and end with 2."""
    for verb in (["run"], ["resources"], ["publish"]):
        ended = place.call(*verb)
        assert ended.returncode == 2
        assert str(place.folder) in ended.stderr


def test_detach_prints_what_runs(place: Workplace) -> None:
    """`run --detach --json` must be one document that says what runs, where it listens and where it writes."""
    place.write('app.add_executable("light", "sleep", ".", "1000")')

    document = place.json("run", "--detach")

    assert set(document) == {"app", "app_id", "pid", "apphost", "socket", "log_file", "dashboard"}
    assert document["app"] == "shop"
    assert Path(document["log_file"]).stat().st_mode & 0o077 == 0
    assert Path(document["socket"]).is_socket()
    os.kill(document["pid"], 0)
    assert states(place)["light"] in ("Starting", "Running")


def test_stop_returns_when_all_is_gone(place: Workplace) -> None:
    """When `stop` returns, the app can be started again at once, and nothing of it runs."""
    place.write('app.add_executable("light", "sleep", ".", "1000")')
    for _ in range(2):
        place.fairlead("run", "--detach")
        place.fairlead("wait", "light", "--for", "running", "--timeout", "60")
        place.fairlead("stop")
    place.nothing_is_left()


def test_stop_all_ends_all_apps(place: Workplace) -> None:
    """`stop --all` must end every app of the user."""
    for name in ("one", "two"):
        file = place.write('app.add_executable("light", "sleep", ".", "1000")', f"{name}.py")
        place.fairlead("run", "--detach", "--apphost", str(file))
    assert len(place.json("ps")["apps"]) == 2

    place.fairlead("stop", "--all")

    assert place.json("ps") == {"apps": []}


def test_host_that_fails_is_shown_by_detach(place: Workplace) -> None:
    """When the host does not come up, --detach must show what it said and end with its exit code."""
    place.write(
        """
        def refuse():
            raise RuntimeError("the licence is missing")
        app.on_before_start(refuse)
        app.add_executable("light", "sleep", ".", "1000")
        """
    )

    ended = place.call("run", "--detach")

    assert ended.returncode == 1
    assert "the licence is missing" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert place.call("resources").returncode == 5


def test_app_file_is_a_command_line_of_its_own(place: Workplace) -> None:
    """`python apphost.py VERB` must do what `fairlead VERB` does, without looking for an app."""
    file = place.write('app.add_executable("light", "sleep", ".", "1000")', "harbour.py")

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(file), *arguments]
        return subprocess.run(
            command, cwd="/", env=place.environment, capture_output=True, text=True, timeout=2 * PATIENCE
        )

    assert call("run", "--detach").returncode == 0
    assert call("wait", "light", "--for", "running", "--timeout", "60").returncode == 0
    assert "light" in call("resources").stdout
    assert call("stop").returncode == 0
    assert call("resources").returncode == 5


def test_secret_is_seen_nowhere(place: Workplace) -> None:
    """A secret must not appear in command lines, output, `--json`, logs or files that others can read."""
    secret = "hunter2-and-a-half"
    place.write(
        """
        key = app.add_parameter("key", secret=True)
        worker = app.add_executable("worker", "sh", ".", "-c", "echo the key is $KEY; sleep 1000")
        worker.with_environment("KEY", key)
        """
    )
    (place.folder / "key.txt").write_text(secret + "\n")
    (place.folder / "key.txt").chmod(0o600)
    refused = place.call("run", "--detach", "--parameter", f"key={secret}")
    assert refused.returncode == 2
    assert secret not in refused.stderr

    seen = place.fairlead("run", "--detach", "--parameter", "key=@key.txt")
    place.fairlead("wait", "worker", "--for", "running", "--timeout", "60")
    eventually(lambda: "the key is" in place.fairlead("logs", "worker"), "it has written")
    lines = " ".join(place.processes())
    for verb in (["resources", "--json"], ["describe", "worker"], ["describe", "key"], ["logs"], ["parameters"]):
        seen += place.fairlead(*verb)

    assert "the key is ***" in seen
    assert secret not in seen
    assert secret not in lines
    for file in place.folder.rglob("*"):
        if file.is_file() and file.name != "key.txt":
            assert secret not in file.read_text(errors="replace"), file


def test_parameter_is_given_while_the_app_runs(place: Workplace) -> None:
    """`parameters set` must let what waits for the value go on, and `--store` must keep it for the next run."""
    place.write(
        """
        key = app.add_parameter("key", secret=True)
        app.add_executable("worker", "sh", ".", "-c", "sleep 1000").with_environment("KEY", key)
        """
    )
    place.fairlead("run", "--detach")
    eventually(lambda: states(place) == {"key": "ValueMissing", "worker": "Waiting"}, "it waits for the value")
    assert place.call("parameters", "set", "key", "in-the-open").returncode == 2

    ended = place.call("parameters", "set", "key", "--store", input="from-a-pipe\n")

    assert ended.returncode == 0
    place.fairlead("wait", "worker", "--for", "running", "--timeout", "60")
    place.fairlead("stop")
    place.fairlead("run", "--detach")
    place.fairlead("wait", "worker", "--for", "running", "--timeout", "60")
    assert "from-a-pipe" not in place.fairlead("parameters") + place.fairlead("parameters", "--json")


def test_start_tells_what_came_of_it(place: Workplace) -> None:
    """`start` and `restart` must return once the outcome is known, and with 1 when it is a failed start."""
    place.write(
        """
        app.add_executable("missing", "no-such-command").with_explicit_start()
        app.add_executable("light", "sleep", ".", "1000").with_explicit_start()
        light = app.add_executable("idle", "sleep", ".", "1000").with_explicit_start()
        app.add_executable("dependent", "sleep", ".", "1000").with_explicit_start().wait_for(light)
        """
    )
    place.fairlead("run", "--detach")

    assert "FailedToStart" in place.fairlead("start", "missing", code=1)
    assert json.loads(place.fairlead("restart", "missing", "--json", code=1))["state"] == "FailedToStart"
    assert "Running" in place.fairlead("start", "LIGHT")
    assert "Waiting for idle (starts on request)" in place.fairlead("start", "dependent")
    assert "Running" in place.fairlead("start", "dependent")


def test_followers_are_told_of_a_host_that_was_killed(place: Workplace) -> None:
    """`logs -f` and `resources -f` must end with 5 and a line when the host was killed, and with 0 when it ended."""
    place.write('app.add_executable("light", "sh", ".", "-c", "echo burning; sleep 1000")')
    for number, code in (("9", 5), ("15", 0)):
        place.fairlead("run", "--detach")
        place.fairlead("wait", "light")
        pid = place.json("ps")["apps"][0]["pid"]
        following = [place.start("logs", "-f", "light"), place.start("resources", "-f", "--json")]
        for process in following:
            assert process.stdout is not None
            process.stdout.readline()
        os.kill(pid, int(number))
        for process in following:
            ended, output = finish(process)
            assert (ended, "shop has ended" in output) == (code, code == 5), output
        eventually(lambda: not place.json("ps")["apps"], "it is gone")


def test_detached_run_does_without_its_state_folder(place: Workplace) -> None:
    """Where the state folder can't be used, a run in the background must say so and go on, as one in front does."""
    place.write('app.add_executable("light", "sleep", ".", "1000")')
    (place.folder / "state").write_text("in the way")
    ended = place.call("run", "--detach", "--json")

    assert ended.returncode == 0, ended.stderr
    assert "state is not a folder" in ended.stderr
    assert json.loads(ended.stdout)["log_file"].startswith(place.environment["XDG_RUNTIME_DIR"])


def test_changed_app_file_does_not_lose_the_app(place: Workplace) -> None:
    """A running app must be stopped also when its file has been broken meanwhile."""
    file = place.write('app.add_executable("light", "sleep", ".", "1000")')
    place.fairlead("run", "--detach")
    file.write_text("this is no Python")

    place.fairlead("stop")


def test_an_edited_definition_is_noticed(place: Workplace) -> None:
    """`restart` and `start` must warn when the app file is no longer the one that the run began with, also in JSON."""
    file = place.write('app.add_executable("light", "sleep", ".", "1000")')
    place.fairlead("run", "--detach")
    before = place.call("restart", "light", "--json")
    file.write_text(file.read_text() + "# edited\n")

    assert "changed" not in before.stderr
    for verb in ("restart", "start"):
        ended = place.call(verb, "light", "--json")
        assert "warning: apphost.py has changed, and the run does not go by that yet" in ended.stderr
        assert json.loads(ended.stdout)["state"] == "Running"


@pytest.mark.parametrize("verb", [["resources"], ["logs", "-f"], ["wait", "light"], ["restart", "light"], ["stop"]])
def test_a_stopped_host_is_named(stopped: tuple[Workplace, int], verb: list[str]) -> None:
    """Verbs must not hang on a host that Ctrl+Z has stopped: they must say so, and how to continue it."""
    place, pid = stopped
    ended = place.call(*verb)

    assert ended.returncode == 1
    assert f"shop is stopped, as by Ctrl+Z (process {pid}), so it does not answer" in ended.stderr
    assert f"`kill -CONT {pid}`" in ended.stderr


def test_a_detached_failure_is_one_document(place: Workplace) -> None:
    """`run --detach --json` must print the error of the host as a document, whose words are on standard error."""
    place.write(
        """
        if "--background" in sys.argv:
            raise OSError("the disk is gone")
        app.add_executable("light", "sleep", ".", "1000")
        """
    )
    failed = place.call("run", "--detach", "--json")

    assert failed.returncode == 3
    error = json.loads(failed.stdout)["error"]
    assert error["code"] == 3 and "the disk is gone" in error["errors"][0]["message"]
    assert error["message"] in failed.stderr


def test_resources_that_were_not_asked_for_are_offered(place: Workplace) -> None:
    """`run NAME` must start that resource and what it needs, and leave the others to be started."""
    place.write(
        """
        base = app.add_executable("base", "sleep", ".", "1000")
        app.add_executable("top", "sleep", ".", "1000").wait_for(base)
        app.add_executable("other", "sleep", ".", "1000")
        """
    )
    assert place.call("run", "--detach", "tpo").returncode == 2

    place.fairlead("run", "--detach", "top")
    place.fairlead("wait", "top", "--for", "running", "--timeout", "60")

    assert states(place) == {"base": "Running", "top": "Running", "other": "NotStarted"}


def test_new_app_runs(place: Workplace) -> None:
    """What `new` writes must run as it is: the API healthy, the worker talking to it."""
    place.fairlead("new")
    place.fairlead("run", "--detach")
    place.fairlead("wait", "api", "--for", "healthy", "--timeout", "60")

    eventually(lambda: "the API says Ahoy" in place.fairlead("logs", "worker"), "the worker has asked the API")


def _command() -> list[str]:
    return [str(Path(sys.executable).with_name("fairlead"))]


def test_a_changed_app_file_is_applied(place: Workplace) -> None:
    """`reload` must show and apply what differs, keep the rest, and change nothing for a definition with mistakes."""
    before = """
        from levels import LEVEL
        app.add_executable("api", "sleep", ".", "1000", env={"LEVEL": LEVEL})
        app.add_executable("db", "sleep", ".", "1001")
    """
    (place.folder / "levels.py").write_text('LEVEL = "1"\n')
    place.write(before)
    log = Path(json.loads(place.fairlead("run", "--detach", "--no-dashboard", "--json"))["log_file"])
    place.fairlead("wait", "db", "--for", "running")
    pid = dict(place.resource("db")["properties"])["pid"]

    (place.folder / "levels.py").write_text('LEVEL = "twelve"\n')
    eventually(lambda: "levels.py has changed. `fairlead reload`" in log.read_text(), "the run says so")
    assert "levels.py changed since" in place.fairlead("resources")
    assert place.fairlead("reload", "--check", code=1) == (
        "api  would start again: variable LEVEL\nIt differs: 1 started again, 1 unchanged.\n"
    )
    place.write(before + '    app.add_executable("mail", "sleep", ".", "1002")\n')
    assert place.fairlead("reload") == (
        "api   started again: variable LEVEL\nmail  started: new\nReloaded: 1 started, 1 started again, 1 unchanged.\n"
    )
    place.fairlead("wait", "mail", "--for", "running")
    eventually(lambda: "twelve" in json.dumps(place.resource("api")["environment"]), "it has the new level")
    assert dict(place.resource("db")["properties"])["pid"] == pid

    place.write(before + '    app.add_executable("db", "")\n')
    ended = place.call("reload")
    assert (ended.returncode, ended.stdout) == (3, "")
    assert "apphost.py:" in ended.stderr and "goes on as it is" in ended.stderr
    document = json.loads(place.fairlead("reload", "--json", code=3))
    assert document["error"]["errors"][0]["line"] > 0
    place.write(before)
    assert place.json("reload")["differences"] == [
        {"name": "mail", "kind": "Executable", "action": "remove", "parts": ["no longer there"], "note": ""}
    ]
    assert states(place) == {"api": "Running", "db": "Running"}
    place.fairlead("stop")


def test_files_that_change_start_their_program_again(place: Workplace) -> None:
    """A saved file must start its program again, however the editor saves it; with `--no-watch` it must not."""
    program = place.folder / "api" / "main.py"
    program.parent.mkdir()
    program.write_text("import time; print('one', flush=True); time.sleep(1000)\n")
    place.write('app.add_python_app("api", "api", script="main.py").with_watch()')
    place.fairlead("run", "--detach", "--no-dashboard")
    eventually(lambda: "Watching api (restart)" in place.fairlead("logs", "api"), "it is watched")
    new = program.with_name(".main.py.swp")
    new.write_text("import time; print('two', flush=True); time.sleep(1000)\n")
    new.rename(program)
    eventually(lambda: "\ntwo\n" in f"\n{place.fairlead('logs', 'api')}", "the new program runs")

    assert "api/main.py has changed: starting again" in place.fairlead("logs", "api")
    place.fairlead("stop")
    place.fairlead("run", "--detach", "--no-dashboard", "--no-watch")
    place.fairlead("wait", "api", "--for", "running")
    assert "Watching" not in place.fairlead("logs", "api")
    place.fairlead("stop")
