"""`fairlead run` in front of a person, in a pipe, and on a build server."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time

import pytest
from tests.support.cli import COMMAND, Workplace, eventually, finish, interrupt
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.timeout(300)

LIGHT = 'app.add_executable("light", "sh", ".", "-c", "echo burning; sleep 1000")'
STUBBORN = """
    app.add_executable(
        "stubborn", sys.executable, ".", "-u", "-c",
        "import signal, time; [signal.signal(n, signal.SIG_IGN) for n in (1, 2, 15)]; print('up'); time.sleep(1000)",
    )
"""
FLOOD = """
    app.add_executable("flood", sys.executable, ".", "-c", "while True: print('0123456789' * 7)")
    app.add_executable("light", "sh", ".", "-c", "i=0; while :; do i=$((i+1)); echo tick $i; sleep 0.1; done")
"""
TWELVE = """
    app.add_container("a--b", "nginx")
    app.add_container("web", "")
    app.add_container("Web", "nginx")
    api = app.add_executable("api", "sleep", ".", "1")
    api.with_http_health_check("/", endpoint="grpc")
    api.with_http_endpoint(port=70000)
    api.with_environment("A=B", "x")
    api.with_replicas(0)
    one = app.add_executable("one", "sleep", ".", "1")
    two = app.add_executable("two", "sleep", ".", "1").wait_for(one)
    one.wait_for(two)
    app.add_executable("three", "", ".")
    app.add_executable("four", "sleep", ".", "1", colour="red")
    app.add_external_service("five", "not an address")
    app.add_parameter("six", ["a", "list"])
    app.add_python_app("seven", "./seven")
"""


def running(place: Workplace, name: str) -> None:
    """Wait until the app answers and a resource of it runs."""
    eventually(lambda: place.call("wait", name, "--for", "running", "--timeout", "40").returncode == 0, f"{name} runs")


def test_lines_in_a_pipe(place: Workplace) -> None:
    """In a pipe each state must be a line with time and name, and each line of a log one with its name; no colours."""
    place.write(LIGHT)
    run = place.start("run")
    running(place, "light")
    place.fairlead("wait", "light", "--for", "healthy")
    eventually(lambda: "burning" in place.fairlead("logs", "light"), "it has written")
    code, output = interrupt(run)

    assert code == 0
    assert re.search(r"^\d\d:\d\d:\d\d light  Running, healthy$", output, re.MULTILINE)
    assert "light | burning\n" in output
    assert "shop" in output.splitlines()[0]
    assert output.rstrip().endswith("shop has stopped")
    assert "\x1b" not in output
    assert "Traceback" not in output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_stops_in_order(place: Workplace, number: signal.Signals) -> None:
    """Ctrl+C, TERM and a hang-up must end a healthy run with 0, visibly, and leave nothing."""
    place.write(LIGHT)
    run = place.start("run")
    running(place, "light")
    code, output = interrupt(run, number)

    assert code == 0
    assert "Stopping shop…" in output
    place.nothing_is_left()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_callback_that_asks_for_signals_does_not_take_them(place: Workplace, number: signal.Signals) -> None:
    """Ctrl+C and TERM must end the run, also where a callback asked the loop for one and put a handler for another."""
    place.write(f"""
    async def serve(context):
        import asyncio, signal
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, context.log, "heard as well")
        signal.signal(signal.SIGTERM, lambda number, frame: None)
    {LIGHT}.on_ready(serve)
    """)
    run = place.start("run")
    running(place, "light")
    code, output = interrupt(run, number)

    assert code == 0
    assert ("heard as well" in output) == (number == signal.SIGINT)
    assert "Stopping shop…" in output
    place.nothing_is_left(1)


def test_a_function_that_blocks_holds_up_nobody(place: Workplace) -> None:
    """While a `def` callback blocks, the others must run, the run answer, and Ctrl+C end it as ever."""
    place.write(
        """
        import time

        app.add_executable("stuck", "sleep", ".", "1000").with_health_check(lambda: time.sleep(10**6))
        app.add_executable("held", "sleep", ".", "1000").on_before_start(lambda: time.sleep(10**6))
        app.add_executable("light", "sh", ".", "-c", "echo burning; sleep 1000")
        """
    )
    run = place.start("run")
    running(place, "light")
    place.fairlead("wait", "light")
    eventually(lambda: place.resource("stuck")["health"] == "Unhealthy", "the one that is asked is not well")
    eventually(lambda: place.resource("held")["state"] == "Starting", "the other one is held up")
    code, output = interrupt(run)

    assert code == 0, output
    assert "shop has stopped" in output


def test_the_second_interrupt_kills_a_run_that_is_stuck(place: Workplace) -> None:
    """A second Ctrl+C must end the process also while the event loop hangs in somebody's code, and leave nothing."""
    place.write(
        """
        import time

        async def hang():
            open("hanging", "w").close()
            time.sleep(10**6)

        light = app.add_executable("light", "sleep", ".", "1000")
        app.add_executable("stuck", "sleep", ".", "1000").wait_for(light).with_health_check(hang)
        """
    )
    run = place.start("run")
    eventually((place.folder / "hanging").exists, "the loop hangs")
    run.send_signal(signal.SIGINT)
    run.send_signal(signal.SIGTERM)

    assert finish(run)[0] == 1
    place.nothing_is_left()


def test_stop_from_elsewhere_ends_a_run(place: Workplace) -> None:
    """`fairlead stop` must end a run in the foreground as Ctrl+C does."""
    place.write(LIGHT)
    run = place.start("run")
    running(place, "light")
    place.fairlead("stop")

    assert finish(run)[0] == 0


def test_failure_is_told_at_the_end(place: Workplace) -> None:
    """A run in which something has failed must end with 1, and say what, why, and what it last wrote."""
    place.write(LIGHT + '\napp.add_executable("broken", "sh", ".", "-c", "echo no data >&2; exit 3")')
    run = place.start("run")
    running(place, "light")
    eventually(lambda: place.resource("broken")["state"] == "Finished", "it has failed")
    code, output = interrupt(run)

    end = output[output.index("Stopping") :]
    assert code == 1
    assert "error    broken exited 3\n" in end
    assert "See its log: fairlead logs broken. (apphost.py:" in end
    assert "| no data" in end
    assert "burning" not in end


def test_a_run_that_only_lacks_an_engine_says_so(place: Workplace) -> None:
    """A run of which all that failed needs an engine that is not there must end with 4, and with 1 otherwise."""
    boxes = 'box = app.add_container("box", "busybox:1.35")\napp.add_container("next", "busybox:1.35").wait_for(box)'
    nowhere = {"DOCKER_HOST": "unix:///nowhere.sock", "CI": "true"}
    place.write(boxes)
    assert "no container engine answers" in place.fairlead("run", code=4, **nowhere)
    place.write(boxes + '\napp.add_executable("broken", "sh", ".", "-c", "exit 3")')
    place.fairlead("run", code=1, **nowhere)


def test_run_ends_by_itself_when_all_is_done(place: Workplace) -> None:
    """Without a terminal a run must end when nothing runs any more: with 0 when all went well, else with 1."""
    place.write('app.add_executable("once", "true", ".")')
    assert finish(place.start("run"))[0] == 0

    place.write('app.add_executable("once", "false", ".")')
    assert finish(place.start("run"))[0] == 1


def test_missing_parameter_without_a_terminal(place: Workplace) -> None:
    """A parameter without value must fail what needs it where nobody can be asked, and say how to give it."""
    place.write(
        """
        key = app.add_parameter("key", secret=True)
        app.add_executable("worker", "sleep", ".", "1000").with_environment("KEY", key)
        """
    )
    code, output = finish(place.start("run"))

    assert code == 1
    assert "FAIRLEAD_PARAMETER_KEY" in output
    assert "--parameter key=@FILE" in output
    assert "warning  key has no value\n" in output
    assert "Holds up worker." in output
    assert "Traceback" not in output


def test_parameter_from_the_command_line(place: Workplace) -> None:
    """`--parameter NAME=VALUE` must reach the resource; a name that is not there must be refused with 2."""
    place.write(
        """
        word = app.add_parameter("word", "none")
        app.add_executable("speaker", "sh", ".", "-c", "echo the word is $WORD").with_environment("WORD", word)
        """
    )
    assert "the word is tide" in finish(place.start("run", "--parameter", "word=tide"))[1]

    refused = place.call("run", "-p", "wrod=tide")
    assert refused.returncode == 2
    assert "'word'" in refused.stderr


def test_twelve_mistakes_get_twelve_messages(place: Workplace) -> None:
    """All mistakes of a definition must be shown at once, with place and remedy, and the run must end with 3."""
    file = place.write(TWELVE)
    lines = file.read_text().splitlines()

    ended = place.call("run")

    found = re.findall(r"^  apphost\.py:(\d+): (\S+): (.+)\n      (.+)$", ended.stderr, re.MULTILINE)
    assert ended.returncode == 3
    assert len(found) >= 12, ended.stderr
    assert all(lines[int(line) - 1].strip() for line, *_ in found)
    assert "Traceback" not in ended.stderr
    assert place.call("publish").returncode == 3
    assert place.call("run", "--detach").returncode == 3


def test_exception_in_the_app_file_shows_the_users_lines_only(place: Workplace) -> None:
    """An exception of the user's code must be shown with the user's lines, not with ours, and end with 3."""
    place.write(
        """
        def port(texts):
            return int(texts["port"])
        app.add_executable("api", "sleep", ".", "1")
        port({"prot": "80"})
        """
    )
    ended = place.call("run")

    assert ended.returncode == 3
    assert 'return int(texts["port"])' in ended.stderr
    assert "KeyError" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "fairlead/" not in ended.stderr


def test_slow_reader_holds_up_nothing(place: Workplace) -> None:
    """A reader that takes nothing from the pipe must hold up neither the app nor its end."""
    place.write(FLOOD)
    run = place.start("run")
    running(place, "light")
    before = _last_tick(place)
    eventually(lambda: _last_tick(place) > before + 5, "the other resource goes on")
    assert place.call("resources").returncode == 0

    code, output = interrupt(run)  # which reads on
    assert code == 0
    assert re.search(r"[\d,]+ lines (of logs )?skipped", output)
    assert output.endswith("shop has stopped\n")


def test_reader_that_never_reads_can_not_keep_the_app(place: Workplace) -> None:
    """A run whose output nobody takes must end all the same when it is told to."""
    place.write(FLOOD)
    run = place.start("run")
    running(place, "light")
    run.send_signal(signal.SIGINT)

    assert run.wait(PATIENCE) == 0
    place.nothing_is_left()


def _last_tick(place: Workplace) -> int:
    last = place.fairlead("logs", "light", "-n", "1").split()
    return int(last[1]) if last[:1] == ["tick"] else 0


def test_flood_is_shown_in_samples(place: Workplace) -> None:
    """Of a resource that writes without end a sample must be shown, and what is missing and where it is."""
    place.write(FLOOD)
    terminal = place.terminal("run")
    terminal.expect("tick 20")
    terminal.expect("lines skipped, see fairlead logs flood")
    terminal.type("\x03")

    assert terminal.ended() == 0
    assert terminal.text.count("0123456789\r\n") < 20_000


def test_reader_that_goes_ends_the_run(place: Workplace) -> None:
    """When nobody reads the output any more, the run must end as if it were told to, and leave nothing."""
    place.write(FLOOD)
    run = place.start("run")
    assert run.stdout is not None
    run.stdout.readline()
    run.stdout.close()

    assert run.wait(PATIENCE) == 0
    place.nothing_is_left()


def test_output_that_takes_nothing_is_an_error(place: Workplace) -> None:
    """Where the output can't be written, a run and a verb must say why and fail, and leave nothing."""
    place.write(FLOOD)
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        for arguments in (["run"], ["resources"], ["publish", "--check"]):
            command = [COMMAND, *arguments]
            ended = subprocess.run(
                command, cwd=place.folder, env=place.environment, stdout=full, stderr=subprocess.PIPE, timeout=PATIENCE
            )
            said = ended.stderr.decode()
            assert "Traceback" not in said and "a mistake in Fairlead" not in said
            assert ended.returncode != 0
    place.nothing_is_left()


@pytest.mark.parametrize("arguments", [["run"], ["ps"], ["--help"], ["publish"]])
def test_closed_output_is_no_mistake(place: Workplace, arguments: list[str]) -> None:
    """With standard output closed a command must do its work all the same."""
    place.write('app.add_executable("once", "true", ".").with_image("a:1")')
    script = 'exec "$@" >&- <&-'
    command = ["sh", "-c", script, "sh", COMMAND, *arguments]
    ended = subprocess.run(
        command, cwd=place.folder, env=place.environment, capture_output=True, text=True, timeout=PATIENCE
    )

    assert "error" not in ended.stderr
    assert ended.returncode == 0, ended.stderr


def test_colours_are_asked_for_in_a_terminal_only(place: Workplace) -> None:
    """Programs must be told to use colours where a terminal shows what they write, unless NO_COLOR is set."""
    place.write('app.add_executable("teller", "sh", ".", "-c", "echo force=$FORCE_COLOR.")')
    assert "force=.\n" in finish(place.start("run", CI="true"))[1]
    for said, environment in (("force=1.", {}), ("force=.", {"NO_COLOR": "1"})):
        terminal = place.terminal("run", CI="true", **environment)
        assert terminal.ended() == 0
        assert said in terminal.text


def test_table_in_a_terminal(place: Workplace) -> None:
    """A terminal must show a table of all resources, and Ctrl+C must end the run with 0, with its last states."""
    place.write(LIGHT + '\napp.add_executable("done", "true", ".")')
    terminal = place.terminal("run")
    terminal.expect("1 running, 1 finished")
    terminal.expect("burning")
    assert "Ctrl+C stops" in terminal.text
    terminal.type("\x03")

    assert terminal.ended() == 0
    assert "Stopping shop…" in terminal.text
    assert terminal.text.rstrip().endswith("shop has stopped")
    place.nothing_is_left()


def test_terminal_without_abilities_gets_plain_lines(place: Workplace) -> None:
    """TERM=dumb and NO_COLOR must be honoured."""
    place.write(LIGHT)
    dumb = place.terminal("run", TERM="dumb")
    dumb.expect("light | burning")
    dumb.type("\x03")
    assert dumb.ended() == 0
    assert "\x1b" not in dumb.text

    colorless = place.terminal("run", NO_COLOR="1")
    colorless.expect("light | burning")
    colorless.type("\x03")
    assert colorless.ended() == 0
    assert not re.search(r"\x1b\[[\d;]*m", colorless.text)


@pytest.mark.parametrize("terminal", [True, False], ids=["terminal", "pipe"])
def test_second_ctrl_c_kills_at_once(place: Workplace, terminal: bool) -> None:
    """A second Ctrl+C must not wait for a resource that does not want to end; it must be ended all the same."""
    place.write(STUBBORN)
    if terminal:
        shown = place.terminal("run")
        shown.expect("\x1b[0m | up")
        shown.type("\x03")
        shown.expect("Stopping shop…")
        began = time.monotonic()
        shown.type("\x03")
        code, output = shown.ended(), shown.text
    else:
        run = place.start("run")
        running(place, "stubborn")
        eventually(lambda: "up" in place.fairlead("logs", "stubborn"), "it ignores signals now")
        run.send_signal(signal.SIGINT)
        eventually(lambda: place.resource("stubborn")["state"] == "Stopping", "it is being stopped")
        began = time.monotonic()
        code, output = interrupt(run)

    assert code == 1
    assert "shop has stopped" not in output, "it would say so if it had waited"
    took = time.monotonic() - began
    assert "shop was killed" in output or took > 2, "it has two seconds for its last words"
    place.nothing_is_left()


def test_terminal_that_shows_nothing_holds_up_nothing(place: Workplace) -> None:
    """A terminal that takes no output (Ctrl+S) must not hold up the app, nor its end for long."""
    place.write(FLOOD)
    terminal = place.terminal("run")
    terminal.expect("tick 3")
    terminal.look_away()
    before = _last_tick(place)
    eventually(lambda: _last_tick(place) > before + 5, "the app goes on")
    place.fairlead("stop")
    terminal.look()
    assert terminal.ended() == 0


def test_closed_window_ends_the_run(place: Workplace) -> None:
    """When its window is closed, a run must end and leave nothing."""
    place.write(LIGHT)
    terminal = place.terminal("run")
    terminal.expect("burning")
    terminal.hang_up()

    terminal.process.wait(PATIENCE)
    place.nothing_is_left()


def test_missing_parameter_is_asked_for(place: Workplace) -> None:
    """In a terminal a parameter without value must be asked for, a secret unseen, and stored when that is wanted."""
    place.write(
        """
        key = app.add_parameter("key", secret=True, description="Opens the door")
        app.add_parameter("spare")
        door = app.add_executable("door", "sh", ".", "-c", "echo key has ${#KEY} letters; sleep 1000")
        door.with_environment("KEY", key)
        """
    )
    terminal = place.terminal("run")
    terminal.expect("key (Opens the door): ")
    terminal.type("sesame\n")
    terminal.expect("[Y/n]: ")
    terminal.type("\n")
    terminal.expect("spare: ")
    terminal.type("\n")
    terminal.expect("key has 6 letters")
    assert place.resource("spare")["state"] == "ValueMissing"
    terminal.type("\x03")
    assert terminal.ended() == 1  # the spare one has no value
    assert "sesame" not in terminal.text

    again = place.terminal("run", "door")
    again.expect("key has 6 letters")
    again.type("\x03")
    assert again.ended() == 0


def test_run_as_json_is_a_line_for_each_change(place: Workplace) -> None:
    """`run --json` must print each change of a resource as an object on a line, and nothing else."""
    place.write('app.add_executable("once", "true", ".")')
    ended = place.call("run", "--json")

    changes = [json.loads(line) for line in ended.stdout.splitlines()]
    assert ended.returncode == 0
    assert changes[-1]["state"] == "Finished"
    assert {change["name"] for change in changes} == {"once"}


def test_output_survives_any_encoding(place: Workplace) -> None:
    """What the encoding of the output can't spell must be escaped, not raised."""
    place.write('app.add_executable("singer", "cat", ".", "song.txt")')
    (place.folder / "song.txt").write_text("Skål – 乾杯")

    ended = place.call("run", PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C", PYTHONCOERCECLOCALE="0")

    assert ended.returncode == 0, ended.stderr
    assert r"Sk\xe5l" in ended.stdout
    assert r"Stopping shop\u2026" in ended.stdout


def test_run_on_a_build_server(place: Workplace) -> None:
    """CI=true must have plain lines and an end by itself also in a terminal."""
    place.write('app.add_executable("once", "echo", ".", "done here")')
    terminal = place.terminal("run", CI="true", NO_COLOR="1")

    assert terminal.ended() == 0
    assert "once | done here" in terminal.text
    assert "\x1b[K" not in terminal.text


def test_a_thread_of_the_definition_does_not_outlive_the_run(place: Workplace) -> None:
    """A run must end, also in JSON, when the definition has started a thread that never does."""
    place.write(
        """
        import threading
        threading.Thread(target=threading.Event().wait, name="poller").start()
        app.add_executable("once", "true", ".")
        """
    )
    ended = place.call("run", "--json")

    assert ended.returncode == 0
    assert "had not ended: 'poller'" in ended.stderr
    assert json.loads(ended.stdout.splitlines()[-1])["state"] == "Finished"


def test_killed_host_leaves_nothing(place: Workplace) -> None:
    """After `kill -9` of the host nothing of the app may be left, and it must be possible to run it again."""
    place.write(LIGHT)
    place.fairlead("run", "--detach")
    running(place, "light")
    os.kill(place.json("ps")["apps"][0]["pid"], signal.SIGKILL)

    place.nothing_is_left(within=10)
    place.fairlead("run", "--detach")
    running(place, "light")


def test_a_run_that_nobody_watches_gives_up(place: Workplace) -> None:
    """Where nobody can help, a wait for an explicit start and a check that can't pass must end the run."""
    place.write(
        """
        bad = app.add_executable("bad", "sleep", ".", "1000").with_health_check(lambda: False, name="never")
        light = app.add_executable("light", "sleep", ".", "1000").with_explicit_start()
        app.add_executable("one", "sleep", ".", "1000").wait_for(bad)
        app.add_executable("two", "sleep", ".", "1000").wait_for(light)
        """
    )
    code, output = finish(place.start("run", "--wait-limit", "1"))
    assert code == 1
    assert "it was not healthy within 1 s (never returned False)" in output
    assert "it has waited 1 s for light to be running" in output
