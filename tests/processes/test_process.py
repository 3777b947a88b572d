"""Host processes, with real ones."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import stat
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.processes.marked import processes_with, runs
from tests.support.waiting import until

from fairlead.engines import process as process_module
from fairlead.engines.child import Child
from fairlead.engines.process import Process, ProcessSpec, Stream, spawn
from fairlead.engines.watchdog.guard import Guard
from fairlead.engines.watchdog.host_mark import host_mark
from fairlead.errors import CommandFailed

STUBBORN = "trap '' TERM; echo up; while :; do sleep 1; done"


class Collected:
    """Takes output and keeps it."""

    def __init__(self) -> None:
        self.lines: dict[Stream, list[bytes]] = {"stdout": [], "stderr": []}

    def __call__(self, stream: Stream, lines: list[bytes]) -> None:
        self.lines[stream] += lines

    @property
    def out(self) -> list[str]:
        return [line.decode() for line in self.lines["stdout"]]

    async def number(self) -> int:
        """The number that the process writes as its first line."""
        return int((await until(lambda: self.out, "a first line"))[0])


Start = Callable[..., Awaitable[tuple[Process, Collected]]]


@pytest.fixture
def start(guard: Guard, tmp_path: Path) -> Start:
    async def start(*argv: str, **env: str) -> tuple[Process, Collected]:
        collected = Collected()
        spec = ProcessSpec(argv, str(tmp_path), {"PATH": os.environ["PATH"], **env})
        return await spawn(spec, collected, guard), collected

    return start


async def gone(pid: int) -> None:
    await until(lambda: not runs(pid), f"process {pid} is gone")


# Running


async def test_output_and_exit_code_are_reported(start: Start) -> None:
    """Both streams must arrive in order and complete before ``wait`` returns, also without a last line end."""
    process, collected = await start("sh", "-c", "echo one; echo bad >&2; printf two; exit 3")
    assert process.returncode is None
    assert await process.wait() == 3
    assert process.returncode == 3
    assert collected.lines == {"stdout": [b"one", b"two"], "stderr": [b"bad"]}


async def test_a_signal_is_reported_as_its_negative_number(start: Start) -> None:
    """A process ended by a signal must tell which."""
    process, _ = await start("sh", "-c", "kill -SEGV $$")
    assert await process.wait() == -signal.SIGSEGV


async def test_a_process_is_alone_in_its_session_and_hears_nothing(start: Start) -> None:
    """A process must lead its own session and group, and read nothing from the terminal."""
    code = "import os, sys; print(os.getsid(0), os.getpgid(0), os.getpid(), repr(sys.stdin.read()))"
    process, collected = await start(sys.executable, "-c", code)
    await process.wait()
    assert collected.out == [f"{process.pid} {process.pid} {process.pid} ''"]


async def test_a_process_holds_nothing_of_its_host(start: Start, guard: Guard) -> None:
    """A process must have its three streams only: with the watchdog's pipe it would hide the host's death."""
    process, collected = await start("sh", "-c", "ls -l /proc/$$/fd; exec 1>&- 2>&-; sleep 1000")
    await until(lambda: len(collected.out) >= 4, "the list of descriptors")
    held = {str(f.readlink()) for f in Path(f"/proc/{guard.watchdog_pid}/fd").iterdir()} - {"/dev/null"}
    assert held
    assert not [line for line in collected.out for pipe in held if pipe in line]
    own = Path(f"/proc/{process.pid}/fd")
    await until(lambda: {f.name for f in own.iterdir()} <= {"0", "10"}, "it has closed the others")  # 10: dash's own
    await process.stop()


async def test_the_environment_is_passed_intact_and_marked(start: Start, run_id: str) -> None:
    """Nothing must be inherited, bytes that are no UTF-8 must survive, and the run's marks must be there."""
    strange = os.fsdecode(b"caf\xe9 \xff")
    code = "import os; print(sorted(os.environb.items()))"
    process, collected = await start(sys.executable, "-ISc", code, STRANGE=strange, LC_CTYPE="C.UTF-8")
    await process.wait()
    seen = dict(eval(collected.out[0]))
    assert seen == {
        b"STRANGE": b"caf\xe9 \xff",
        b"PATH": os.environb[b"PATH"],
        b"LC_CTYPE": b"C.UTF-8",
        b"FAIRLEAD_APP_ID": b"test-app",
        b"FAIRLEAD_RUN_ID": run_id.encode(),
        b"FAIRLEAD_HOST": host_mark().encode(),
    }


async def test_binary_output_arrives_whole(start: Start) -> None:
    """All bytes must arrive, whatever they are, also when the process exits right after writing them."""
    code = "import random, sys; sys.stdout.buffer.write(random.Random(7).randbytes(3_000_000).replace(b'\\r', b''))"
    process, collected = await start(sys.executable, "-c", code)
    assert await process.wait() == 0
    wanted = random.Random(7).randbytes(3_000_000).replace(b"\r", b"")
    assert collected.lines["stdout"] == wanted.removesuffix(b"\n").split(b"\n")


async def test_a_hundred_processes_start_at_once(start: Start) -> None:
    """A hundred processes must run side by side, each with its own output, and need no thread each."""
    started = await asyncio.gather(*(start("sh", "-c", f"echo {n}; exit {n}") for n in range(100)))
    assert threading.active_count() < 20
    assert await asyncio.gather(*(process.wait() for process, _ in started)) == list(range(100))
    assert [collected.out for _, collected in started] == [[str(n)] for n in range(100)]


async def test_output_without_end_starves_nobody(start: Start) -> None:
    """Beside processes that write lines, and one line, without end, others must be heard and the loop must turn."""
    writers = [await start("yes"), await start("cat", "/dev/zero")]
    await until(lambda: all(collected.lines["stdout"] for _, collected in writers), "both write")
    for _, collected in writers:
        collected.lines["stdout"] = Forgetful()
    code = "for n in range(100_000): print('line', n)"
    process, collected = await start(sys.executable, "-c", code)
    assert await asyncio.wait_for(process.wait(), 60) == 0
    assert len(collected.out) == 100_000
    assert all(runs(writer.pid) for writer, _ in writers)
    await asyncio.gather(*(writer.stop() for writer, _ in writers))


class Forgetful(list[bytes]):
    """A list that takes everything and keeps nothing."""

    def __iadd__(self, other: object) -> Forgetful:  # type: ignore[override, misc]
        return self


async def test_a_broken_reader_does_not_keep_a_process(guard: Guard, tmp_path: Path) -> None:
    """An exception in the output callback must be reported to the loop, and the process must end as always."""
    reports: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: reports.append(context))

    def broken(stream: Stream, lines: list[bytes]) -> None:
        raise RuntimeError("broken")

    process = await spawn(ProcessSpec(("echo", "hi"), str(tmp_path), {}), broken, guard)
    assert await process.wait() == 0
    assert [str(report["exception"]) for report in reports] == ["broken"]


async def test_a_line_without_an_end_is_handed_over(guard: Guard, tmp_path: Path) -> None:
    """A prompt must be there while the process waits for the answer; a progress bar must be one line that changes."""
    collected = Collected()
    opened: list[tuple[Stream, bytes]] = []
    writes = ("'Name? '", "'Ada\\n'; printf '10%%' >&2", "'\\r20%%' >&2")
    gates = [tmp_path / str(number) for number in range(3)]
    script = "".join(f"printf {write}; read x < {gate}; " for write, gate in zip(writes, gates, strict=True))
    for gate in gates:
        os.mkfifo(gate)
    process = await spawn(
        ProcessSpec(("sh", "-c", script), str(tmp_path), {"PATH": os.environ["PATH"]}),
        collected,
        guard,
        open_line=lambda stream, line: opened.append((stream, line)),
    )
    for number, gate in enumerate(gates, 1):
        await until(lambda number=number: len(opened) == number, f"open line {number}")  # type: ignore[misc]
        await asyncio.to_thread(gate.write_text, "\n")
    assert await process.wait() == 0
    assert opened == [("stdout", b"Name? "), ("stderr", b"10%"), ("stderr", b"20%")]
    assert collected.lines == {"stdout": [b"Name? Ada"], "stderr": [b"10%\r20%"]}


async def test_an_unfinished_line_of_a_flood_is_not_shown(guard: Guard, tmp_path: Path) -> None:
    """What of a line has arrived while others come fast must not be handed over: it is finished in a moment."""
    opened: list[bytes] = []
    collected = Collected()
    code = "import os\nfor _ in range(3000): os.write(1, b'x' * 1500 + b'\\n' + b'y' * 50)"
    spec = ProcessSpec((sys.executable, "-c", code), str(tmp_path), {"PATH": os.environ["PATH"]})
    process = await spawn(spec, collected, guard, open_line=lambda stream, line: opened.append(line))
    assert await process.wait() == 0
    assert len(collected.out) == 3001
    assert len(opened) < 30


# Starting


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("#!/no/such/python\n", "its first line names the interpreter /no/such/python, which was not found"),
        ("plain text\n", "is no program for this machine"),
    ],
)
async def test_a_file_that_is_no_program_is_explained(start: Start, tmp_path: Path, text: str, told: str) -> None:
    """A script that the system refuses must be explained, and leave nothing."""
    script = tmp_path / "script"
    script.write_text(text)
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    with pytest.raises(CommandFailed, match=told):
        await start("./script")


@pytest.mark.parametrize("place", ["argument", "variable"])
async def test_too_much_text_is_explained(start: Start, place: str) -> None:
    """Arguments and environment that are too long must be explained by the longest, without showing it."""
    huge = "x" * 300_000
    with pytest.raises(CommandFailed) as raised:
        await (start("echo", huge) if place == "argument" else start("echo", HUGE=huge))
    assert "KiB" in str(raised.value)
    assert ("argument 1" if place == "argument" else "variable HUGE") in str(raised.value)
    assert "xxx" not in str(raised.value)


async def test_a_cancelled_start_leaves_nothing(guard: Guard, run_id: str, tmp_path: Path) -> None:
    """Whoever cancels a start must get the process, or none must exist."""
    spec = ProcessSpec(("sleep", "1000"), str(tmp_path), {"PATH": os.environ["PATH"]})
    for turns in range(4):
        task = asyncio.ensure_future(spawn(spec, Collected(), guard))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        result = (await asyncio.gather(task, return_exceptions=True))[0]
        if isinstance(result, Process):
            await result.stop()
        else:
            assert isinstance(result, asyncio.CancelledError)
        assert processes_with(FAIRLEAD_RUN_ID=run_id) == []


# Ending


async def test_the_leader_alone_is_asked(start: Start) -> None:
    """The leader must hear the stop signal, its children must not: it ends them in its own way."""
    child = "trap 'echo asked; exit 0' TERM; trap 'echo told by its parent; exit 0' USR1; echo up; {FOREVER}"
    leader = f"trap 'kill -USR1 $!; wait; echo parent; exit 7' TERM; sh -c \"{child}\" & wait"
    process, collected = await start("sh", "-c", leader.replace("{FOREVER}", "while :; do sleep 0.01; done"))
    await until(lambda: "up" in collected.out, "the child is up")
    assert await process.stop(30) == 7
    assert collected.out == ["up", "told by its parent", "parent"]


async def test_a_second_order_to_stop_sends_nothing(start: Start) -> None:
    """Stopping twice must not send the signal twice, which for many programs means: at once. It may hurry."""
    process, collected = await start("sh", "-c", "trap 'echo asked' TERM; echo up; while :; do sleep 0.01; done")
    await until(lambda: "up" in collected.out, "it is up")
    first = asyncio.ensure_future(process.stop(30))
    await until(lambda: "asked" in collected.out, "it was asked")
    second = asyncio.ensure_future(process.stop(25))
    await asyncio.sleep(0)
    assert collected.out == ["up", "asked"]
    assert await process.stop(0.1) == -signal.SIGKILL  # the shortest time counts, and is too short for a last call
    assert await first == await second == -signal.SIGKILL


async def test_who_ignores_term_is_killed_after_the_grace(start: Start) -> None:
    """A group that ignores TERM must be gone after the grace."""
    process, collected = await start("sh", "-c", f"({STUBBORN}) & {STUBBORN}")
    await until(lambda: len(collected.out) == 2, "both are up")
    members = [process.pid, *(child.pid for child in psutil.Process(process.pid).children(recursive=True))]
    loop = asyncio.get_running_loop()
    begin = loop.time()
    assert await process.stop(0.3) == -signal.SIGKILL
    assert loop.time() - begin >= 0.3
    assert not [pid for pid in members if runs(pid)]


async def test_kill_is_immediate(start: Start) -> None:
    """``kill`` must end everything without grace, also while a stop is waiting."""
    process, collected = await start("sh", "-c", f"({STUBBORN}) & {STUBBORN}")
    await until(lambda: len(collected.out) == 2, "both are up")
    stopping = asyncio.ensure_future(process.stop(30))
    await asyncio.sleep(0)
    process.kill()
    assert await stopping == -signal.SIGKILL
    process.kill()  # over: no effect


async def test_a_stopped_process_stays_stopped(start: Start) -> None:
    """Stop, kill and wait must be safe in any order and number, and agree on the exit code."""
    process, _ = await start("sleep", "1000")
    assert set(await asyncio.gather(process.stop(), process.stop(), process.wait())) == {-signal.SIGTERM}
    assert await process.stop() == await process.wait() == process.returncode == -signal.SIGTERM


async def test_what_outlives_its_leader_is_ended(start: Start) -> None:
    """When the leader exits by itself, the rest of its group must be asked to end, in its own way."""
    child = "trap 'echo asked; exit' TERM; echo up; while :; do sleep 0.01; done"
    process, collected = await start("sh", "-c", f'sh -c "{child}" & while [ ! -e go ]; do sleep 0.01; done; exit 4')
    await until(lambda: "up" in collected.out, "the child is up")
    Path(psutil.Process(process.pid).cwd(), "go").touch()
    assert await process.wait() == 4
    assert collected.out == ["up", "asked"]


async def test_what_outlives_its_leader_and_ignores_term_is_killed(start: Start) -> None:
    """A stubborn rest must be gone when ``wait`` returns, a few seconds after the leader at the latest."""
    process, collected = await start("sh", "-c", f"({STUBBORN}) & while [ ! -e go ]; do sleep 0.01; done")
    await until(lambda: "up" in collected.out, "the child is up")
    child = psutil.Process(process.pid).children()[0].pid
    Path(psutil.Process(process.pid).cwd(), "go").touch()
    assert await asyncio.wait_for(process.wait(), 60) == 0
    assert not runs(child)


async def test_the_grace_is_for_the_whole_group(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server behind a shell that ends at once must have all the time of ``stop`` to end in its own way."""
    monkeypatch.setattr(process_module, "REST_TIMEOUT", 0.05)
    server = "trap 'sleep 0.5; echo drained; exit' TERM; echo up; while :; do sleep 0.01; done"
    process, collected = await start("sh", "-c", f'sh -c "{server}"; echo never')
    await until(lambda: "up" in collected.out, "the server is up")
    assert await process.stop(10) == -signal.SIGTERM
    assert collected.out == ["up", "drained"]


async def test_what_cannot_be_killed_is_given_up(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that belongs to another user by now must not keep its host for ever, and be named."""
    process, _ = await start("sleep", "1000")
    with monkeypatch.context() as patch:
        patch.setattr(process_module, "UNKILLABLE_AFTER", 0.1)
        patch.setattr(process_module, "_send", lambda pid, number: None)
        patch.setattr(Child, "signal_group", lambda child, number: None)
        with pytest.raises(CommandFailed, match=rf"'sleep' \(process {process.pid}\) could not be ended"):
            await process.stop(0.1)
    assert process.returncode is None
    os.kill(process.pid, signal.SIGKILL)
    await asyncio.to_thread(os.waitpid, process.pid, 0)


async def test_other_groups_of_the_session_are_ended(start: Start) -> None:
    """A shell's jobs may be groups of their own; they must be asked, and end, like the rest."""
    job = "trap 'echo asked; exit' TERM; echo up; while :; do sleep 0.01; done"
    code = f"import subprocess; subprocess.Popen(['sh', '-c', {job!r}], process_group=0).wait()"
    process, collected = await start(sys.executable, "-c", code)
    await until(lambda: "up" in collected.out, "the job is up")
    groups = {os.getpgid(child.pid) for child in psutil.Process(process.pid).children(recursive=True)}
    assert process.pid not in groups
    await process.stop()
    assert collected.out == ["up", "asked"]


async def test_who_left_the_session_and_keeps_the_pipe_is_not_waited_for(start: Start) -> None:
    """``wait`` must return although a daemon keeps the output open, with all that was written until then."""
    daemon_code = 'trap "" TERM; echo $$; echo up; while :; do sleep 1; done'
    leader_code = f"setsid sh -c '{daemon_code}' & while [ ! -e go ]; do sleep 0.01; done; echo bye"
    process, collected = await start("sh", "-c", leader_code)
    daemon = await collected.number()
    await until(lambda: "up" in collected.out, "the daemon is up")
    Path(psutil.Process(process.pid).cwd(), "go").touch()
    assert await asyncio.wait_for(process.wait(), 60) == 0
    assert collected.out == [str(daemon), "up", "bye"]
    assert runs(daemon)
    psutil.Process(daemon).kill()
    await gone(daemon)


async def test_a_daemon_that_never_stops_writing_is_not_waited_for(start: Start) -> None:
    """Nor may one that fills the pipe for ever keep ``wait`` from returning."""
    leader_code = "setsid sh -c 'echo $$; exec yes' & while [ ! -e go ]; do sleep 0.01; done"
    process, collected = await start("sh", "-c", leader_code)
    daemon = await collected.number()
    Path(psutil.Process(process.pid).cwd(), "go").touch()
    assert await asyncio.wait_for(process.wait(), 60) == 0
    await gone(daemon)  # its pipe is closed


async def test_a_cancelled_wait_changes_nothing(start: Start) -> None:
    """Cancelling ``wait`` or ``stop`` must leave the process to the others who deal with it."""
    process, _ = await start("sleep", "1000")
    waiting = asyncio.ensure_future(process.wait())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert runs(process.pid)
    stopping = asyncio.ensure_future(process.stop())
    await asyncio.sleep(0)
    stopping.cancel()
    await asyncio.gather(stopping, return_exceptions=True)
    assert await process.wait() == -signal.SIGTERM


def run_in_another_loop(coroutine: Coroutine[Any, Any, None]) -> Awaitable[None]:
    return asyncio.to_thread(asyncio.run, coroutine)


async def test_the_end_of_the_loop_ends_its_processes(guard: Guard, tmp_path: Path) -> None:
    """A loop that is closed over running processes must take them with it, without a warning."""
    pids: list[int] = []

    async def leave_it_running() -> None:
        collected = Collected()
        spec = ProcessSpec(("sh", "-c", f"({STUBBORN}) & {STUBBORN}"), str(tmp_path), {"PATH": os.environ["PATH"]})
        process = await spawn(spec, collected, guard)
        await until(lambda: len(collected.out) == 2, "both are up")
        pids.extend([process.pid, *(child.pid for child in psutil.Process(process.pid).children(recursive=True))])

    await run_in_another_loop(leave_it_running())
    assert len(pids) >= 2
    await until(
        lambda: not [pid for pid in pids if runs(pid)], "all have ended"
    )  # they were killed, which takes a moment


async def test_without_pidfd_a_thread_watches(monkeypatch: pytest.MonkeyPatch, start: Start) -> None:
    """Where the system can't watch a process by a descriptor, everything must work the same."""
    monkeypatch.delattr(os, "pidfd_open")
    process, collected = await start("sh", "-c", "echo hi; exit 5")
    assert await process.wait() == 5
    assert collected.out == ["hi"]
    process, _ = await start("sleep", "1000")
    assert await process.stop() == -signal.SIGTERM
