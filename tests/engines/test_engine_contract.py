"""What every container engine must do: Docker, Podman and the fake one alike.

Where a script would need a machine of its own, the test is for the real engines only.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import os
import re
import socket
import struct
import tarfile
import time
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.engines.bench import BUSYBOX, Bench
from tests.engines.programs import script
from tests.support.ports import free_port
from tests.support.waiting import PATIENCE, until_seen

from fairlead.engines.containers import (
    BuildRequest,
    ContainerEngine,
    ContainerInfo,
    ContainerSpec,
    Mount,
    OutputChunk,
    PublishedPort,
    VolumeInfo,
)
from fairlead.engines.docker import connect
from fairlead.engines.docker.containers import AT_ONCE
from fairlead.errors import EngineError, EngineUnavailable
from fairlead.testing.fakes.fake_container import Process
from fairlead.testing.listening import Listener


@script("exit 0")
async def ends_well(process: Process) -> int:
    return 0


@script("echo up; exec sleep 1000")
async def lasts(process: Process) -> None:
    process.print("up")
    await asyncio.Event().wait()


@script("trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.05; done")
async def says_goodbye(process: Process) -> int:
    process.traps_term = True
    process.print("up")
    await process.term.wait()
    process.print("bye")
    return 3


@script("trap '' TERM; echo up; while :; do sleep 0.05; done")
async def stubborn(process: Process) -> None:
    process.traps_term = True
    process.print("up")
    await asyncio.Event().wait()


def packed(files: dict[str, bytes], *, user: int = 0, group: int = 0, mode: int = 0o644) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.uid, entry.gid, entry.mode = len(content), user, group, mode
            tar.addfile(entry, io.BytesIO(content))
    return archive.getvalue()


# The engine


async def test_it_says_what_it_is(bench: Bench) -> None:
    """An engine must tell its name, its version and its address, and answer a ping."""
    await bench.engine.ping()
    assert bench.engine.name == ("podman" if bench.kind == "podman" else "docker")
    assert bench.engine.version
    assert "://" in bench.engine.address
    assert bench.engine.certificates is None
    assert bench.engine.verifies_tls
    assert not bench.engine.is_desktop


async def test_it_says_what_its_machine_is(bench: Bench) -> None:
    """An engine must tell what nodes of a cluster depend on: cgroups, limits, storage, memory and processors."""
    facts = await bench.engine.facts()
    assert facts.cgroup_version in (1, 2)
    assert facts.cgroup_driver in ("cgroupfs", "systemd")
    assert "memory" in facts.limits
    assert facts.default_runtime
    assert facts.storage_driver
    assert facts.filesystem
    assert facts.root_folder.startswith("/")
    assert facts.memory > 1 << 29
    assert facts.cpus >= 1
    assert facts.kernel
    assert facts.machine


async def test_an_engine_of_this_machine_says_so(real: Bench) -> None:
    """An engine that runs on this machine must be told from one elsewhere, as its folders and limits are ours then."""
    facts = await real.engine.facts()
    assert facts.is_local
    assert facts.machine == socket.gethostname()
    assert facts.is_rootless == (os.geteuid() != 0)


async def test_a_lost_engine_is_noticed_by_who_waits(bench: Bench) -> None:
    """When the engine goes away, those who wait and those who ask must be told so; when it is back, it must answer."""
    container = await bench.start(lasts)
    await bench.reads(container, b"up")
    heard = asyncio.Event()

    async def follow() -> None:
        async for _ in bench.engine.logs(container):
            heard.set()

    waiting = asyncio.ensure_future(bench.engine.wait(container))
    following = asyncio.ensure_future(follow())
    await heard.wait()
    await bench.cut()
    for task in (waiting, following):
        with pytest.raises(EngineUnavailable, match="does not answer"):
            await task
    for operation in (
        bench.engine.ping(),
        bench.engine.inspect(container),
        bench.engine.containers({}),
        bench.engine.image(BUSYBOX),
        bench.engine.create(bench.spec(ends_well, "b")),
    ):
        with pytest.raises(EngineUnavailable, match="does not answer"):
            await operation
    await bench.restore()
    await bench.engine.ping()
    assert (await bench.info(container)).state == "running"


# Images


async def test_an_image_is_there_or_not(bench: Bench) -> None:
    """An image that the engine has must be described, another one be None."""
    image = await bench.engine.image(BUSYBOX)
    assert image is not None
    assert image.id
    assert image.command == ("sh",)
    assert image.architecture
    assert not image.has_health_check
    assert await bench.engine.image(f"{bench.name()}:1") is None


async def test_an_image_that_cannot_be_had(bench: Bench) -> None:
    """A pull that fails must say so clearly, with the image's name and its registry's."""
    reference = "127.0.0.1:1/no-such-image:1"  # nobody listens there
    lines: list[str] = []
    with pytest.raises(
        EngineError, match=r"the image '127.0.0.1:1/no-such-image:1' can't be pulled: the registry 127"
    ) as e:
        await bench.engine.pull(reference, lines.append)
    assert not isinstance(e.value, EngineUnavailable)
    assert lines == [f"pulling {reference}"]


# Containers


@script('echo "$GREETING"; exit 7')
async def greets(process: Process) -> int:
    process.print(process.env["GREETING"])
    return 7


async def test_a_container_from_beginning_to_end(bench: Bench) -> None:
    """A container must be created, run and end, and say how, with its output and its labels."""
    begin = time.time()
    container = await bench.create(greets, env={"GREETING": "grüß 'dich'\t$HOME"}, labels={"x": "y=z"})
    created = await bench.info(container)
    assert (created.state, created.exit_code, created.started_at) == ("created", None, None)
    assert created.name == bench.name()
    assert created.image.endswith(BUSYBOX)
    assert created.labels["x"] == "y=z"
    await bench.engine.start(container)
    assert await bench.engine.wait(container) == 7
    ended = await bench.info(bench.name())
    assert (ended.id, ended.state, ended.exit_code, ended.oom_killed) == (container, "exited", 7, False)
    assert ended.started_at is not None
    assert begin - 2 < ended.started_at < time.time() + 2
    assert await bench.output(container) == {"stdout": ["grüß 'dich'\t$HOME".encode()], "stderr": []}


async def test_the_end_is_told_to_everybody(bench: Bench) -> None:
    """Several waits at once, and one after the end, must all get the exit code."""
    container = await bench.start(says_goodbye)
    await bench.reads(container, b"up")
    waits = [asyncio.ensure_future(bench.engine.wait(container)) for _ in range(3)]
    await bench.engine.stop(container, 10)
    assert await asyncio.gather(*waits) == [3, 3, 3]
    assert await bench.engine.wait(container) == 3


async def test_a_container_starts_again(bench: Bench) -> None:
    """A container that ended must start again, and starting one that runs must change nothing."""
    container = await bench.start(lasts)
    await bench.engine.start(container)
    await bench.engine.kill(container)
    assert await bench.engine.wait(container) == 137
    await bench.engine.start(container)
    info = await bench.info(container)
    assert (info.state, info.exit_code) == ("running", None)


async def test_stop_asks_first(bench: Bench) -> None:
    """Stop must let a container end by itself, with its own exit code and last words."""
    container = await bench.start(says_goodbye)
    await bench.reads(container, b"up")
    await bench.engine.stop(container, 10)
    assert (await bench.info(container)).exit_code == 3
    assert (await bench.output(container))["stdout"] == [b"up", b"bye"]


async def test_stop_kills_after_the_grace(bench: Bench) -> None:
    """One that ignores TERM must be killed when the grace is over."""
    container = await bench.start(stubborn, options=("--stop-timeout=100",))
    await bench.reads(container, b"up")
    begin = time.monotonic()
    await bench.engine.stop(container, 1)
    assert 0.9 < time.monotonic() - begin < 60, "the grace is the one that was given"
    assert (await bench.info(container)).exit_code == 137


async def test_ending_and_removing_may_be_repeated(bench: Bench) -> None:
    """To stop, kill or remove what has ended, never ran or is gone must be fine."""
    container = await bench.create(ends_well)
    for _ in range(2):
        await bench.engine.stop(container, 1)
        await bench.engine.kill(container)
    await bench.engine.start(container)
    await bench.engine.wait(container)
    await bench.engine.stop(container, 1)
    await bench.engine.kill(container)
    for _ in range(2):
        await bench.engine.remove(container)
        await bench.engine.stop(container, 1)
        await bench.engine.kill(container)
    assert await bench.engine.inspect(container) is None


async def test_a_running_container_is_removed(bench: Bench) -> None:
    """Removing must end what runs, and be done when it returns, for several callers at once."""
    container = await bench.start(stubborn)
    await asyncio.gather(*(bench.engine.remove(container) for _ in range(3)))
    assert await bench.engine.inspect(container) is None
    await bench.create(ends_well)  # the name is free again


async def test_what_is_not_there_is_an_error(bench: Bench) -> None:
    """To start, follow or look into a container that is gone must be an error of its own."""
    gone = bench.name("gone")
    for operation in (bench.engine.start(gone), bench.engine.exec(gone, ("true",)), bench.output(gone)):
        with pytest.raises(EngineError) as caught:
            await operation
        assert not isinstance(caught.value, EngineUnavailable)


async def test_containers_are_found_by_their_labels(bench: Bench) -> None:
    """Exactly the containers that carry all of the labels must be found, whatever their state."""
    one = await bench.create(lasts, "one", labels={"color": "red", "size": "1"})
    two = await bench.start(lasts, "two", labels={"color": "red", "size": "2"})
    await bench.run_to_end(ends_well, "three", labels={"color": "blue"})

    async def found(**labels: str) -> set[str]:
        return {info.id for info in await bench.engine.containers({**bench.labels, **labels})}

    assert await found(color="red") == {one, two}
    assert await found(color="red", size="2") == {two}
    assert await found(color="re") == set()
    assert len(await found()) == 3


async def test_a_taken_name_says_who_has_it(bench: Bench) -> None:
    """A name clash must name the other container and its image."""
    first = await bench.create(lasts)
    with pytest.raises(EngineError, match=rf"'{bench.name()}' is taken by the container {first[:12]} .*busybox:1.35"):
        await bench.create(lasts)


async def test_an_unknown_image_is_named(bench: Bench) -> None:
    """A container of an image that is not there must be refused with the image's name."""
    with pytest.raises(EngineError, match=r"does not have the image .*no-such-image:1"):
        await bench.create(lasts, image="no-such-image:1")


async def test_many_are_created_at_once(bench: Bench) -> None:
    """More creates at once than the engine is asked for at a time must all succeed."""
    created = await asyncio.gather(*(bench.create(ends_well, str(number)) for number in range(3 * AT_ONCE)))
    assert len(set(created)) == 3 * AT_ONCE
    await asyncio.gather(*(bench.engine.remove(container) for container in created))
    assert await bench.engine.containers(bench.labels) == []


# Options


@script("echo $X; exit 0")
async def shows_x(process: Process) -> int:
    process.print(process.env["X"])
    return 0


async def test_options_reach_the_container(bench: Bench) -> None:
    """An option of `docker run` must have its effect."""
    info = await bench.run_to_end(shows_x, options=("--env=X=a=b", "--memory=64m"))
    assert (await bench.output(info.id))["stdout"] == [b"a=b"]


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--no-such-option=1", r"--no-such-option is not known\. `docker run --help`"),
        ("--memroy=1g", r"--memroy is not known\. Did you mean --memory\?"),
        ("--platform=linux/arm64", r"there is with_platform\(\)"),
        ("--pull=always", r"there is with_pull_policy\(\)"),
        ("--memory=lots", "'--memory=lots' can't be used: 'lots' is no size"),
        ("--memory", "--memory needs a value"),
        ("--publish=80:80", "--publish can't be used: a port is published by with_endpoint"),
        ("--restart=always", "Fairlead itself restarts resources"),
        ("--env X=1", "can't be understood"),
        ("--label=dev.fairlead.run=1", "by labels of this name Fairlead finds what it has to remove"),
    ],
)
async def test_options_that_make_no_sense_are_refused(bench: Bench, option: str, message: str) -> None:
    """An option must be refused in words that say what to write instead, before anything is created."""
    with pytest.raises(EngineError, match=message):
        await bench.create(ends_well, options=(option,))
    assert await bench.engine.containers(bench.labels) == []


async def test_many_options_at_once(real: Bench) -> None:
    """The options that databases and clusters need must be understood by the engine as `docker run` means them."""
    see = "hostname; id -u; pwd; df /dev/shm | tail -1; mount | grep ' /run '; ls /dev/n"
    info = await real.run_to_end(
        f"{see}; ls /dev/n",
        options=(
            "--hostname=somewhere",
            "--user=12:34",
            "--workdir=/tmp",
            "--shm-size=8m",
            "--tmpfs=/run:size=1m",
            "--device=/dev/null:/dev/n",
            "--cap-add=NET_ADMIN",
            "--security-opt=seccomp=unconfined",
            "--sysctl=net.ipv4.ip_unprivileged_port_start=0",
            "--ulimit=nofile=100:200",
            "--ulimit=nproc=1000",
            "--cpus=0.5",
            "--pids-limit=50",
            "--stop-signal=INT",
            "--add-host=db:10.1.2.3",
            "--label=a=b",
        ),
    )
    lines = [line.decode() for line in (await real.output(info.id))["stdout"]]
    assert lines[:3] == ["somewhere", "12", "/tmp"]
    assert lines[3].split()[1] == "8192"
    assert "tmpfs" in lines[4]
    assert lines[5] == "/dev/n"
    assert info.labels["a"] == "b"


# Errors of real programs


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"command": ("no-such-command",)}, "there is no command 'no-such-command' in the image"),
        ({"command": ("/etc/passwd",)}, "'/etc/passwd' in the image is not executable"),
        ({"options": ("--user=nobody-knows-me",)}, "there is no user 'nobody-knows-me' in the image"),
        ({"mounts": (Mount("bind", "/etc/passwd", "/tmp"),)}, "one is a file and the other a folder"),
        ({"mounts": (Mount("bind", "/no/such/path", "/tmp"),)}, "there is no /no/such/path on the engine's machine"),
        ({"network": "no-such-network"}, "there is no network 'no-such-network'"),
    ],
)
async def test_what_a_container_lacks_is_said(real: Bench, fields: dict[str, Any], message: str) -> None:
    """A container that can't be created or started must say what is missing, not which layer of the engine noticed."""
    with pytest.raises(EngineError, match=message):
        await real.start(ends_well, **fields)


async def settled(bench: Bench, container: str, health: str) -> ContainerInfo:
    """A container once its health check says something."""
    async with asyncio.timeout(PATIENCE):
        while (info := await bench.engine.check_health(container)) is None or info.health != health:  # noqa: ASYNC110
            await asyncio.sleep(0.05)  # nobody tells
    return info


async def test_a_health_check_is_asked(real: Bench) -> None:
    """What an image's health check says must be known, also where the engine does not run it by itself."""
    check = ("--health-cmd=echo seasick; test -f /well", "--health-interval=100ms", "--health-retries=1")
    container = await real.start(lasts, options=check)
    assert (await settled(real, container, "unhealthy")).health_log == "seasick"
    await real.engine.exec(container, ("touch", "/well"))
    await settled(real, container, "healthy")
    plain = await real.start(lasts, "b")
    info = await real.engine.check_health(plain)
    assert info is not None and info.health is None
    assert await real.engine.check_health("fairlead-test-no-such-container") is None


async def test_want_of_memory_is_said(real: Bench) -> None:
    """A container that the kernel ends for want of memory must be shown as such."""
    seen: list[bool] = []
    while not any(seen) and len(seen) < 10:
        limits = ("--memory=16m", "--memory-swap=16m")
        info = await real.run_to_end("exec tail /dev/zero", f"{len(seen)}", options=limits)
        assert (info.state, info.exit_code) == ("exited", 137)
        # Docker misses every other one, Podman all where control groups are of version 1.
        seen.append(info.oom_killed or real.kind == "podman")
    assert any(seen)


async def test_an_image_for_another_processor_is_said(real: Bench, tmp_path: Path) -> None:
    """A container whose image is for another architecture must say so when it has ended."""
    # A program for aarch64 (183), of one segment and no instructions
    header = struct.pack(
        "<4s4B8xHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 1, 0, 2, 183, 1, 0x400000, 64, 0, 0, 64, 56, 1, 0, 0, 0
    )
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, 0x400000, 0x400000, 120, 120, 4096)
    (tmp_path / "program.tar").write_bytes(packed({"program": header + segment}, mode=0o755))
    tag = f"{real.name()}:1"
    await docker(real, "import", "--platform=linux/arm64", str(tmp_path / "program.tar"), tag)
    try:
        container = await real.engine.create(
            ContainerSpec(name=real.name(), image=tag, command=("/program",), labels=real.labels)
        )
        await real.engine.start(container)
        await real.engine.wait(container)
        assert re.search(r"is for arm64, .* amd64|for another kind of processor", (await real.info(container)).error)
    finally:
        await real.clean()
        await docker(real, "rmi", tag)


async def test_an_image_is_for_a_platform(real: Bench, tmp_path: Path) -> None:
    """An image must be built for what it is to be for, be none for anything else, and make containers of that kind."""
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    tag = f"{real.name()}:1"
    try:
        request = BuildRequest(context=str(tmp_path), dockerfile="Dockerfile", tag=tag, platform="linux/arm64")
        await real.engine.build(request, lambda lines: None)
        found = await real.engine.image(tag, "linux/arm64")
        assert found is not None and found.architecture == "arm64"
        assert await real.engine.image(tag, "linux/amd64") is None
        spec = ContainerSpec(name=real.name(), image=tag, command=("/x",), labels=real.labels, platform="linux/arm64")
        await real.engine.remove(await real.engine.create(spec))
    finally:
        await real.clean()
        await docker(real, "rmi", "--force", tag)


async def docker(bench: Bench, *arguments: str) -> str:
    """Run the `docker` command on the engine under test."""
    process = await asyncio.create_subprocess_exec(
        *("docker", "--host", bench.engine.address, *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, problems = await process.communicate()
    assert process.returncode == 0, problems.decode()
    return output.decode()


# Output


@script("echo out 1; echo err 1 >&2; sleep 0.2; echo out 2; printf 'no end' >&2")
async def speaks(process: Process) -> None:
    process.print("out 1")
    process.print("err 1", "stderr")
    process.print("out 2")
    process.write(b"no end", "stderr")


async def test_the_two_streams_are_told_apart(bench: Bench) -> None:
    """Standard output and error must be told apart, and a last line without its end be complete."""
    container = await bench.start(speaks)
    assert await bench.output(container) == {"stdout": [b"out 1", b"out 2"], "stderr": [b"err 1", b"no end"]}
    assert await bench.output(container, follow=False) == {
        "stdout": [b"out 1", b"out 2"],
        "stderr": [b"err 1", b"no end"],
    }


@script("for i in $(seq $LINES); do echo line number $i; done; exit 5")
async def floods(process: Process) -> int:
    numbers = range(1, int(process.env["LINES"]) + 1)
    process.write(b"".join(b"line number %d\n" % number for number in numbers), "stdout")
    return 5


async def test_no_line_is_lost_at_the_end(bench: Bench) -> None:
    """Of 50,000 lines and an end at once, all must arrive, once and in order."""
    count = 50_000  # Podman takes 5 s for 200,000, as often as it is asked
    container = await bench.start(floods, env={"LINES": str(count)})
    lines = (await bench.output(container))["stdout"]
    assert len(lines) == count
    assert all(line == b"line number %d" % number for number, line in enumerate(lines, 1))


@script("head -c 300000 /dev/zero | tr '\\0' x; echo; printf '\\001\\002\\377\\000z\\n'; printf 'a\\r\\nb\\n'")
async def writes_bytes(process: Process) -> None:
    process.write(b"x" * 300_000 + b"\n\x01\x02\xff\x00z\na\r\nb\n", "stdout")


async def test_any_bytes_arrive(bench: Bench) -> None:
    """A long line must come in pieces, and bytes that are no text unchanged."""
    info = await bench.run_to_end(writes_bytes)
    lines = (await bench.output(info.id))["stdout"]
    assert max(map(len, lines)) == 64 * 1024
    assert b"".join(lines[:-3]) == b"x" * 300_000
    assert lines[-2:] == [b"a", b"b"]
    # Docker keeps logs as JSON, where a byte that is no UTF-8 can't be written
    assert lines[-3].replace("\ufffd".encode(), b"\xff") == b"\x01\x02\xff\x00z"


@script("echo first; sleep 2.1; echo second; exec sleep 1000")
async def pauses(process: Process) -> None:
    process.print("first")
    await asyncio.sleep(2.1)
    process.print("second")
    await asyncio.Event().wait()


async def test_output_since_a_moment(bench: Bench) -> None:
    """Who comes later must be able to skip what was written before; each chunk must tell its time."""
    container = await bench.start(pauses)
    begin = time.time()
    chunks: list[OutputChunk] = []
    async for chunk in bench.engine.logs(container):
        chunks.append(chunk)
        if chunk.lines[-1] == b"second":
            break
    assert all(begin - 3 < chunk.time < time.time() + 2 for chunk in chunks)
    since = await bench.output(container, since=chunks[-1].time, follow=False)
    assert since["stdout"] == [b"second"]


async def test_output_goes_on_behind_a_line(real: Bench) -> None:
    """Who was interrupted must get the lines that follow the last one, all of them and each once."""
    container = await real.start("for i in $(seq 60); do echo $i; sleep 0.05; done; exec sleep 1000")
    await real.reads(container, b"30")  # after a second and a half
    for seen in (b"3", b"13", b"23"):
        async with contextlib.aclosing(real.engine.logs(container)) as logs:  # type: ignore[type-var]
            lines: list[bytes] = []
            async for chunk in logs:
                lines += chunk.lines
                if seen in lines:
                    break
        async with contextlib.aclosing(real.engine.logs(container, since=chunk.time + 1e-6)) as logs:  # type: ignore[type-var]
            async for chunk in logs:
                lines += chunk.lines
                if b"40" in lines:
                    break
        assert lines[:40] == [b"%d" % number for number in range(1, 41)]


@script("printf 'half'; until [ -e /tmp/go ]; do sleep 0.05; done; printf ' done\nname: '; exec sleep 1000")
async def asks(process: Process) -> None:
    process.write(b"half", "stdout")
    while "/tmp/go" not in process.files:  # noqa: ASYNC110  (as the script does)
        await asyncio.sleep(0.01)
    process.write(b" done\nname: ", "stdout")
    await asyncio.Event().wait()


async def test_a_line_is_seen_before_it_ends(bench: Bench) -> None:
    """What was written of a line must be seen at once, and no more when it has ended, as the log has it then."""
    container = await bench.create(asks)
    seen: list[bytes] = []
    async with asyncio.timeout(2 * PATIENCE), bench.engine.open_lines(container) as lines:
        await bench.engine.start(container)
        async for stream, text in lines:
            assert stream == "stdout"
            seen.append(text)
            if text == b"half":
                await bench.engine.put_archive(container, packed({"tmp/go": b""}))
            if text == b"name: ":
                break
    assert seen in ([b"half", b"name: "], [b"half", b"", b"name: "])
    assert (await bench.output(container, follow=False))["stdout"][0] == b"half done"


async def test_an_open_line_of_what_runs_already(real: Bench) -> None:
    """Who comes later must see the changes from then on."""
    container = await real.start("while :; do printf '\\r%s' tick; sleep 0.2; printf '\\rtock'; sleep 0.2; done")
    async with asyncio.timeout(2 * PATIENCE), real.engine.open_lines(container) as lines:
        seen = [await anext(lines) for _ in range(3)]
    assert {stream for stream, _ in seen} == {"stdout"}
    assert {text for _, text in seen} == {b"tick", b"tock"}


async def test_open_lines_end_with_their_container(bench: Bench) -> None:
    """When the container ends there must be no more to come, and nothing of one that has ended before."""
    container = await bench.start(says_goodbye)
    async with asyncio.timeout(2 * PATIENCE), bench.engine.open_lines(container) as lines:
        await bench.engine.stop(container, 10)
        assert [line async for line in lines] == []
    async with asyncio.timeout(2 * PATIENCE), bench.engine.open_lines(container) as lines:
        assert [line async for line in lines] == []


async def test_a_terminal_has_one_stream(real: Bench) -> None:
    """The output of a container with a terminal must be readable, too."""
    info = await real.run_to_end("echo one; echo two >&2", options=("--tty",))
    assert await real.output(info.id) == {"stdout": [b"one", b"two"], "stderr": []}


# Files


@script("ls -ln /data/message | cut -c1-10; ls -ln /data/message | awk '{print $3, $4}'; cat /data/message")
async def shows_file(process: Process) -> None:
    file = process.files["/data/message"]
    process.print("-" + "".join(bit if file.mode >> 8 - place & 1 else "-" for place, bit in enumerate("rwxrwxrwx")))
    process.print(f"{file.user} {file.group}")
    process.write(file.content, "stdout")


async def test_files_go_in_before_the_start(bench: Bench) -> None:
    """Files must get into a container that has not started, with their owner and mode, folders included."""
    container = await bench.create(shows_file)
    await bench.engine.put_archive(container, packed({"data/message": b"hello\n"}, user=1234, group=77, mode=0o640))
    await bench.engine.start(container)
    await bench.engine.wait(container)
    assert (await bench.output(container))["stdout"] == [b"-rw-r-----", b"1234 77", b"hello"]


async def test_files_come_out(bench: Bench) -> None:
    """A file must come out as it went in; one that is not there must be an error that names it."""
    container = await bench.create(ends_well)
    await bench.engine.put_archive(container, packed({"tmp/message": b"\x00\xff" * 1000}))
    archive = await bench.engine.get_archive(container, "/tmp/message")
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        content = tar.extractfile("message")
        assert content is not None
        assert content.read() == b"\x00\xff" * 1000
    with pytest.raises(EngineError, match="/tmp/nothing can't be copied out of the container"):
        await bench.engine.get_archive(container, "/tmp/nothing")


class Zeros:
    """An archive of one file of zeros that comes in pieces, and counts those that were taken."""

    def __init__(self, size: int) -> None:
        self._entry = tarfile.TarInfo("zeros")
        self._entry.size = size

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._entry.tobuf()
        for _ in range(self._entry.size // 2**20):
            yield bytes(2**20)
        yield bytes(20 * 512)


async def test_large_archives_are_never_in_memory(real: Bench) -> None:
    """Archives must go in and come out piece by piece: fifty megabytes must need far less of memory."""
    size = 50 * 2**20
    container = await real.create(ends_well)
    tracemalloc.start()
    try:
        await real.engine.put_archive(container, Zeros(size), "/tmp")
        read = 0
        async for piece in real.engine.read_archive(container, "/tmp/zeros"):
            read += len(piece)
        assert size < read < size + 2**20
        assert tracemalloc.get_traced_memory()[1] < 20 * 2**20
    finally:
        tracemalloc.stop()


async def test_an_archive_in_pieces(bench: Bench) -> None:
    """An archive must go in and come out in pieces of any size, and what is refused be said before it is sent."""
    container = await bench.create(ends_well)
    archive = packed({"tmp/message": b"\x00\xff" * 1000})

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(archive), 700):
            yield archive[start : start + 700]

    await bench.engine.put_archive(container, in_pieces())
    read = b"".join([piece async for piece in bench.engine.read_archive(container, "/tmp/message")])
    with tarfile.open(fileobj=io.BytesIO(read)) as tar:
        content = tar.extractfile("message")
        assert content is not None and content.read() == b"\x00\xff" * 1000
    with pytest.raises(EngineError, match="/tmp/nothing can't be copied out of the container"):
        await anext(bench.engine.read_archive(container, "/tmp/nothing"))
    with pytest.raises(EngineError) as caught:
        await bench.engine.put_archive(bench.name("nothing"), in_pieces())
    assert not isinstance(caught.value, EngineUnavailable)


async def test_a_large_archive_that_is_refused(real: Bench) -> None:
    """A refusal must be said although the engine stops reading what is sent."""
    refused = [(real.name("nothing"), "/tmp")]
    if real.kind != "podman":  # which makes the folder
        refused.append((await real.create(ends_well), "/no/such/folder"))
    for container, path in refused:
        with pytest.raises(EngineError) as caught:
            await real.engine.put_archive(container, Zeros(50 * 2**20), path)
        assert not isinstance(caught.value, EngineUnavailable), caught.value


async def test_images_travel_from_engine_to_engine(bench: Bench) -> None:
    """Saved images must be there again, under their names, once they are loaded; what is not there must be named."""
    archive = [piece async for piece in bench.engine.save_images(BUSYBOX)]

    async def in_pieces() -> AsyncIterator[bytes]:
        for piece in archive:
            yield piece

    loaded = await bench.engine.load_images(in_pieces())
    assert [name.removeprefix("docker.io/library/") for name in loaded] == [BUSYBOX]
    assert await bench.engine.image(BUSYBOX)
    assert await bench.engine.load_images(b"".join(archive)) == loaded
    with pytest.raises(EngineError, match=rf"the image {bench.name()}:1 can't be saved"):
        await anext(bench.engine.save_images(f"{bench.name()}:1"))
    with pytest.raises(EngineError, match="the images can't be loaded"):
        await bench.engine.load_images(b"this is no archive. " * 100)


async def test_saving_an_image_into_a_container(real: Bench) -> None:
    """An image must pass through this process into a command's input without being in memory as a whole."""
    container = await real.start(lasts)
    tracemalloc.start()
    try:
        image = real.engine.save_images("redis:7.0-bookworm")
        command = ("sh", "-c", "tar -t | grep -c manifest.json; cat >/dev/null")
        async with real.engine.open_command(container, command, stdin=image) as running:
            lines = [line async for chunk in running.lines() for line in chunk.lines]
            assert await running.wait() == 0
        assert lines == [b"1"]
        assert tracemalloc.get_traced_memory()[1] < 30 * 2**20
    finally:
        tracemalloc.stop()


async def test_a_path_is_there_or_not(bench: Bench) -> None:
    """A file and the folders that it is in must be found, before the start as well; what is not there must not."""
    container = await bench.create(ends_well)
    await bench.engine.put_archive(container, packed({"data/below/message": b"hello"}))
    for path in ("/", "/data", "/data/below", "/data/below/message"):
        assert await bench.engine.has_path(container, path), path
    assert not await bench.engine.has_path(container, "/data/nothing")


# Commands inside


@script('echo "$X"; echo err >&2; exit 3')
async def complains(process: Process) -> int:
    process.print(process.env["X"])
    process.print("err", "stderr")
    return 3


async def test_a_command_in_a_container(bench: Bench) -> None:
    """A command must run in a container, and its exit code and all it writes come back."""
    container = await bench.start(lasts)
    code, output = await bench.engine.exec(container, ("sh", "-c", complains), env={"X": "1 2"})
    assert code == 3
    assert sorted(output.split(b"\n")) == [b"", b"1 2", b"err"]


async def test_a_command_needs_a_running_container(bench: Bench) -> None:
    """A command in a container that does not run must be an error that says so."""
    container = await bench.create(ends_well)
    with pytest.raises(EngineError, match=r"'sh' can't be run in the container.*not running"):
        await bench.engine.exec(container, ("sh", "-c", complains), env={"X": ""})


@script('while read -r line; do echo "got $line"; echo "$line" >&2; done; echo over; exit 4')
async def repeats(process: Process) -> int:
    pending = b""
    while data := await process.stdin.read():
        *lines, pending = (pending + data).split(b"\n")
        for line in lines:
            process.print(f"got {line.decode()}")
            process.print(line.decode(), "stderr")
    process.print("over")
    return 4


async def test_a_command_talks_with_who_runs_it(bench: Bench) -> None:
    """A command's output must come while it runs and be told apart, its input be sent piece by piece, up to its end."""
    container = await bench.start(lasts)
    answered: asyncio.Queue[bytes] = asyncio.Queue()

    async def words() -> AsyncIterator[bytes]:
        yield b"one\ntw"
        assert await answered.get() == b"got one"
        yield b"o\n"
        assert await answered.get() == b"got two"

    written: dict[str, list[bytes]] = {"stdout": [], "stderr": []}
    async with bench.engine.open_command(container, ("sh", "-c", repeats), stdin=words()) as command:
        async for chunk in command.lines():
            assert chunk.time == pytest.approx(time.time(), abs=60)
            written[chunk.stream] += chunk.lines
            for line in chunk.lines if chunk.stream == "stdout" else []:
                answered.put_nowait(line)
        assert await command.wait() == 4
    assert written == {"stdout": [b"got one", b"got two", b"over"], "stderr": [b"one", b"two"]}


@script("wc -c; md5sum </dev/null | cut -c1-4")
async def counts(process: Process) -> None:
    process.print(str(len(await process.stdin.read_all())))
    process.print(hashlib.md5(b"").hexdigest()[:4])


@pytest.mark.parametrize("form", [bytes, "pieces"])
async def test_a_command_gets_a_lot_of_input(bench: Bench, form: object) -> None:
    """Eight megabytes of input, more than lie between two programs, must arrive as they are, whole or in pieces."""
    size = 8 * 2**20
    container = await bench.start(lasts)
    content = bytes(size)

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, size, 100_000):
            yield content[start : start + 100_000]

    stdin = content if form is bytes else in_pieces()
    async with bench.engine.open_command(container, ("sh", "-c", counts), stdin=stdin) as command:
        lines = [line async for chunk in command.lines() for line in chunk.lines]
        assert await command.wait() == 0
    assert lines == [str(size).encode(), b"d41d"]


@script("echo enough; exit 0")
async def reads_nothing(process: Process) -> None:
    process.print("enough")


async def test_a_command_need_not_read_its_input(bench: Bench) -> None:
    """A command that ends before its input does must end as usual."""
    container = await bench.start(lasts)
    async with bench.engine.open_command(container, ("sh", "-c", reads_nothing), stdin=bytes(8 * 2**20)) as command:
        assert await command.wait() == 0


async def test_input_that_fails_ends_the_command(bench: Bench) -> None:
    """An error of what gives the input must reach who runs the command, as it is."""
    container = await bench.start(lasts)

    async def broken() -> AsyncIterator[bytes]:
        yield b"one\n"
        raise ValueError("no more to be had")

    with pytest.raises(ValueError, match="no more to be had"):
        async with bench.engine.open_command(container, ("sh", "-c", repeats), stdin=broken()) as command:
            await command.wait()


@script("echo started; sleep 1000 & wait; echo never")
async def sleeps(process: Process) -> None:
    process.print("started")
    await asyncio.Event().wait()


@pytest.mark.parametrize("how", ["cancelled", "left"])
async def test_a_command_that_is_left_is_ended(bench: Bench, how: str) -> None:
    """Leaving the block must end a command, and what it has started, while the container goes on."""
    container = await bench.start(lasts)
    started = asyncio.Event()

    async def run() -> None:
        async with bench.engine.open_command(container, ("sh", "-c", sleeps)) as command:
            async for _ in command.lines():
                started.set()
                if how == "left":
                    return

    running = asyncio.ensure_future(run())
    await started.wait()
    if how == "cancelled":
        running.cancel()
    await asyncio.wait([running])
    assert running.cancelled() == (how == "cancelled")
    assert (await bench.info(container)).state == "running"
    if bench.kind != "fake":
        _, processes = await bench.engine.exec(container, ("ps", "-o", "args"))
        assert [line for line in processes.splitlines() if b"sleep 1000" in line] == [b"sleep 1000"], "its own program"


async def test_a_command_is_lost_with_the_engine(bench: Bench) -> None:
    """When the engine goes away, who reads from a command must be told so."""
    container = await bench.start(lasts)
    with pytest.raises(EngineUnavailable, match="does not answer"):
        async with bench.engine.open_command(container, ("sh", "-c", sleeps)) as command:
            async for _ in command.lines():
                await bench.cut()
            await command.wait()
    await bench.restore()


# Networks


async def test_a_container_joins_one_more_network(bench: Bench) -> None:
    """A container must join a network with an address of its choice, leave it, and both may be repeated."""
    third = int(bench.run, 16) % 256
    network = await bench.engine.ensure_network(bench.name("net"), bench.labels, subnet=f"10.213.{third}.0/24")
    assert network.subnets == (f"10.213.{third}.0/24",)
    other = await bench.engine.ensure_network(bench.name("other"), bench.labels)
    container = await bench.start(lasts, network=other.name)
    for _ in range(2):
        await bench.engine.connect_network(network.name, container, aliases=("extra",), address=f"10.213.{third}.77")
        assert (await bench.info(container)).networks[network.name] == f"10.213.{third}.77"
    for _ in range(2):
        await bench.engine.disconnect_network(network.id, container)
        assert [*(await bench.info(container)).networks] == [other.name]
    await bench.engine.disconnect_network(bench.name("nothing"), container)
    await bench.engine.disconnect_network(network.name, bench.name("nothing"))
    with pytest.raises(EngineError, match=rf"can't join the network '{bench.name('nothing')}'"):
        await bench.engine.connect_network(bench.name("nothing"), container)
    with pytest.raises(EngineError):
        await bench.engine.connect_network(network.name, bench.name("nothing"))


async def test_an_address_needs_a_subnet(bench: Bench) -> None:
    """An address in a network whose addresses the engine chooses must be refused in words that say what to do."""
    if bench.kind == "podman":
        pytest.skip("Podman gives it if it happens to be in the range")
    network = await bench.engine.ensure_network(bench.name("net"), bench.labels)
    container = await bench.start(lasts)
    with pytest.raises(EngineError, match=r"created with a subnet\. Give ensure_network\(\) a subnet"):
        await bench.engine.connect_network(network.name, container, address="10.213.0.77")


async def test_a_joined_container_is_found_by_its_aliases(real: Bench) -> None:
    """On a network that a container joined later it must be found by the aliases that it was given there."""
    network = await real.engine.ensure_network(real.name("net"), real.labels)
    server = await real.start("while :; do echo hello | nc -l -p 5000; done", "server")
    await real.engine.connect_network(network.id, server, aliases=("extra",))
    talk = "until nc extra 5000 </dev/null >/tmp/x && test -s /tmp/x; do sleep 0.1; done; cat /tmp/x"
    info = await real.run_to_end(talk, "client", network=network.name, aliases=("client",))
    assert (await real.output(info.id))["stdout"] == [b"hello"]


async def test_a_network_is_made_once(bench: Bench) -> None:
    """A network must be made if it is missing, found by its labels, and removed, repeatedly."""
    name = bench.name("net")
    made = await bench.engine.ensure_network(name, bench.labels)
    assert made == await bench.engine.ensure_network(name, {"other": "labels"})
    assert made.name == name
    assert made.gateway
    assert made.labels == bench.labels
    assert await bench.engine.networks(bench.labels) == [made]
    assert await bench.engine.networks({**bench.labels, "x": "y"}) == []
    for _ in range(2):
        await bench.engine.remove_network(name)
    assert await bench.engine.networks(bench.labels) == []


async def test_a_network_goes_while_containers_are_on_it(bench: Bench) -> None:
    """A network must be removed although a container is on it, and the container live on."""
    network = await bench.engine.ensure_network(bench.name("net"), bench.labels)
    container = await bench.start(lasts, network=network.name, aliases=("somebody",))
    assert (await bench.info(container)).networks[network.name]
    await bench.engine.remove_network(network.id)
    info = await bench.info(container)
    assert info.state == "running"
    assert network.name not in info.networks


async def test_containers_find_each_other_and_the_host(real: Bench) -> None:
    """On a network, a container must reach another one by its alias, and the host by the gateway."""
    network = await real.engine.ensure_network(real.name("net"), real.labels)
    assert network.gateway is not None
    said: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = await reader.readline()
        if not said.done():
            said.set_result(line)

    server = "while :; do echo hello | nc -l -p 5000; done"
    await real.start(server, "server", network=network.name, aliases=("alias-a", "alias-b"))
    async with Listener(listen) as listener:
        port = await listener.open_tcp(host=network.gateway)  # Podman has the address only from now on
        talk = f"until nc alias-b 5000 </dev/null >/tmp/x && test -s /tmp/x; do sleep 0.1; done; nc host {port} </tmp/x"
        client = await real.start(
            talk, "client", network=network.name, aliases=("c",), extra_hosts={"host": network.gateway}
        )
        assert await said == b"hello\n"
        await real.engine.remove(client)


# Volumes


async def test_a_volume_is_made_once(bench: Bench) -> None:
    """A volume must be made if it is missing, found by its labels, and removed, repeatedly."""
    name = bench.name("volume")
    for _ in range(2):
        made = await bench.engine.ensure_volume(name, bench.labels)
        assert made == VolumeInfo(name, bench.labels)
    assert await bench.engine.volumes(bench.labels) == [VolumeInfo(name, bench.labels)]
    assert await bench.engine.volumes({**bench.labels, "x": "y"}) == []
    for _ in range(2):
        await bench.engine.remove_volume(name)
    assert await bench.engine.volumes(bench.labels) == []


async def test_a_volume_in_use_names_its_users(bench: Bench) -> None:
    """A volume must not be removed under its containers, which have to be named; after them it must go."""
    name = bench.name("volume")
    await bench.engine.ensure_volume(name, bench.labels)
    await bench.run_to_end(ends_well, mounts=(Mount("volume", name, "/data"),))
    with pytest.raises(EngineError, match=rf"the volume '{name}' is in use by {bench.name()}\."):
        await bench.engine.remove_volume(name)
    await bench.engine.remove(bench.name())
    await bench.engine.remove_volume(name)


async def test_data_outlives_its_container(real: Bench, tmp_path: Path) -> None:
    """What is written to a volume must be there for the next container; a bind mount must show the host's files."""
    volume = real.name("volume")
    await real.engine.ensure_volume(volume, real.labels)
    (tmp_path / "file").write_text("from the host\n")
    mounts = (Mount("volume", volume, "/data"), Mount("bind", str(tmp_path), "/host", read_only=True))
    await real.run_to_end("echo kept > /data/file", mounts=mounts)
    await real.engine.remove(real.name())
    info = await real.run_to_end("cat /data/file /host/file; echo no > /host/file", mounts=mounts)
    output = await real.output(info.id)
    assert output["stdout"] == [b"kept", b"from the host"]
    assert b"Read-only" in output["stderr"][0]


async def test_anonymous_volumes_go_with_their_container(real: Bench) -> None:
    """A volume without a name must be there while its container is, and no longer."""
    container = await real.create(ends_well, mounts=(Mount("volume", None, "/scratch"),))
    volume = (await docker(real, "inspect", container, "--format={{(index .Mounts 0).Name}}")).strip()
    assert volume in (await docker(real, "volume", "ls", "--quiet")).split()
    await real.engine.remove(container)
    assert volume not in (await docker(real, "volume", "ls", "--quiet")).split()


# Ports


@script("while :; do echo hello | nc -l -p 80; done")
async def answers(process: Process) -> None:
    async def hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello\n")
        await writer.drain()

    process.listen(80, hello)
    await asyncio.Event().wait()


def first_line(port: int) -> bytes:
    """What is said at a port; nothing where nobody takes the call, or the engine does who can't pass it on yet."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection, connection.makefile("rb") as file:
            return file.readline()
    except OSError:
        return b""


async def test_a_published_port_answers_on_loopback(bench: Bench) -> None:
    """What listens in a container must be reachable at its published port, on loopback only."""
    published = PublishedPort(80, free_port())
    container = await bench.start(answers, ports=(published,))
    assert (await bench.info(container)).ports == (published,)
    await until_seen(lambda: first_line(published.host_port) == b"hello\n", "the container's program answers")
    for address in {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None)} - {"127.0.0.1", "::1"}:
        if not str(address).startswith("127."):
            with pytest.raises(OSError), socket.create_connection((str(address), published.host_port), timeout=2):
                pass


async def test_a_port_of_somebody_else_is_named(bench: Bench) -> None:
    """A port that a process has must be refused at the start, with the port and its owner; then it must work."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        port = free_port()
        holder.bind(("127.0.0.1", port))
        holder.listen()
        container = await bench.create(answers, ports=(PublishedPort(80, port),))
        with pytest.raises(EngineError, match=rf"port {port} of this machine is taken by pid \d+ \(\w+\)"):
            await bench.engine.start(container)
    await bench.engine.start(container)
    assert (await bench.info(container)).state == "running"


async def test_a_port_of_another_container_is_named(real: Bench) -> None:
    """A port that another container has must be refused with that container's name."""
    port = PublishedPort(80, free_port())
    await real.start(answers, "first", ports=(port,))
    with pytest.raises(EngineError, match=rf"port {port.host_port} .* taken by the container {real.name('first')}\."):
        await real.start(answers, "second", ports=(port,))


# Builds


@script("echo building; exit 0")
async def builds(process: Process) -> None:
    process.print("building")


@script("echo oh no; exit 7")
async def breaks(process: Process) -> int:
    process.print("oh no")
    return 7


async def build(bench: Bench, folder: Path, dockerfile: str, **args: str) -> list[bytes]:
    lines: list[bytes] = []
    (folder / "Dockerfile").write_text(dockerfile.replace("LABELLED", f"LABEL {bench.name()}=1"))
    request = BuildRequest(
        context=str(folder), dockerfile="Dockerfile", tag=f"{bench.name()}:1", args=args, labels=bench.labels
    )
    await bench.engine.build(request, lines.extend)
    return lines


async def forget_builds(bench: Bench) -> None:
    if bench.kind != "fake":
        for tag in (await docker(bench, "images", "--quiet", f"--filter=label={bench.name()}")).split():
            await docker(bench, "rmi", "--force", tag)
        await docker(bench, "image", "prune", "--force", f"--filter=label={bench.name()}")


async def test_an_image_is_built(bench: Bench, tmp_path: Path) -> None:
    """A build must show what it does, and its image must run."""
    try:
        lines = await build(bench, tmp_path, f"FROM {BUSYBOX}\nLABELLED\nRUN {builds}\n")
        assert b"building" in lines
        assert await bench.engine.image(f"{bench.name()}:1")
        info = await bench.run_to_end(greets, image=f"{bench.name()}:1", env={"GREETING": "built"})
        assert info.exit_code == 7
    finally:
        await bench.clean()
        await forget_builds(bench)


@pytest.mark.parametrize(
    ("dockerfile", "message"),
    [
        (
            f"FROM {BUSYBOX}\nLABELLED\n# comment\nRUN {breaks}\nRUN {builds}\n",
            r"Dockerfile:4 failed at 'RUN echo oh no; ",
        ),
        (f"FROM {BUSYBOX}\nLABELLED\n\nRUNN x\n", r"Dockerfile:4 failed at 'RUNN x'.*[Uu]nknown instruction"),
    ],
)
async def test_the_line_of_a_failed_build_is_shown(bench: Bench, tmp_path: Path, dockerfile: str, message: str) -> None:
    """A build that fails must say at which line of the Dockerfile, and why."""
    try:
        with pytest.raises(EngineError, match=message):
            await build(bench, tmp_path, dockerfile)
    finally:
        await forget_builds(bench)


@pytest.fixture
async def builder(real: Bench) -> AsyncIterator[ContainerEngine]:
    """The engine, with a command that has BuildKit: that of the distribution, where another one came first."""
    places = {"DOCKER_HOST": real.engine.address, "PATH": f"/usr/bin:{os.environ['PATH']}"}
    engine = await connect({**os.environ, **places})
    yield engine
    await engine.close()


async def test_a_secret_is_there_while_an_image_is_built(real: Bench, builder: ContainerEngine, tmp_path: Path) -> None:
    """A build secret must be a file for the step that asks for it, and in neither image, history nor log."""
    word, lines = f"hush {real.run}, 'quoted'\nand more", list[bytes]()
    say = "cat /run/secrets/my.token; echo :; cat /other"
    mounts = "--mount=type=secret,id=my.token --mount=type=secret,id=two,target=/other"
    (tmp_path / "Dockerfile").write_text(
        f"FROM {BUSYBOX}\nLABEL {real.name()}=1\nARG PART=1\nRUN {mounts} {{ {say}; }} | md5sum\nCOPY . /context\n"
        "RUN ls -A /context /run/secrets || true\n"
    )
    request = BuildRequest(
        context=str(tmp_path),
        dockerfile="Dockerfile",
        tag=f"{real.name()}:1",
        args={"PART": real.run},
        labels=real.labels,
        secrets={"my.token": word, "two": "sesame"},
    )
    try:
        await builder.build(request, lines.extend)
        said = b"\n".join(lines).decode()
        assert hashlib.md5(f"{word}:\nsesame".encode()).hexdigest() in said, said
        history = await docker(real, "history", "--no-trunc", request.tag)
        inspected = await docker(real, "inspect", request.tag)
        info = await real.run_to_end("ls -A /context /run/secrets; cat /context/*", image=request.tag)
        seen = str(await real.output(info.id))
        assert "Dockerfile" in seen and ".fairlead" not in seen
        assert not [text for text in (said, history, inspected, seen) if "hush" in text or "sesame" in text]
        assert "sesame" not in repr(request)
        assert [path.name for path in tmp_path.iterdir()] == ["Dockerfile"]
    finally:
        await real.clean()
        await forget_builds(real)


@pytest.mark.docker
@pytest.mark.parametrize("said", ["unknown flag: --secret", "ERROR: BuildKit is enabled but the buildx component …"])
async def test_a_command_without_buildkit_is_told(tmp_path: Path, said: str) -> None:
    """Where secrets can't be given to a build, it must say what is missing; and no command line may show them."""
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "docker").write_text(f"#!/bin/sh\necho \"$@\" >{tmp_path}/arguments\necho '{said}' >&2\nexit 1\n")
    (tmp_path / "docker").chmod(0o755)
    request = BuildRequest(context=str(tmp_path), dockerfile="Dockerfile", tag="x", secrets={"token": "hush"})
    for path in (str(tmp_path), str(tmp_path / "nothing")):
        engine = await connect({"DOCKER_HOST": "unix:///var/run/docker.sock", "PATH": path})
        with pytest.raises(EngineError, match=r"need BuildKit.*buildx"):
            await engine.build(request, lambda lines: None)
        await engine.close()
    arguments = (tmp_path / "arguments").read_text()
    assert "--secret=id=token" in arguments and "hush" not in arguments


async def test_a_build_without_a_dockerfile(bench: Bench, tmp_path: Path) -> None:
    """A missing Dockerfile must be named."""
    with pytest.raises(EngineError, match=r"there is no .*/Missing to build from"):
        request = BuildRequest(context=str(tmp_path), dockerfile="Missing", tag="x")
        await bench.engine.build(request, lambda lines: None)


# Usage


async def test_it_says_what_a_container_uses(bench: Bench) -> None:
    """Processor time must rise and memory be there while it runs; nothing must be said of one that does not."""
    name = await bench.start(lasts)
    first = await bench.engine.usage(name)
    second = await bench.engine.usage(name)
    assert first is not None and second is not None
    assert second.cpu_seconds >= first.cpu_seconds >= 0 and second.measured_at >= first.measured_at
    assert 0 < second.memory < second.memory_limit
    await bench.engine.kill(name)
    await bench.engine.wait(name)
    assert await bench.engine.usage(name) is None
