"""An app must have one host, and a host that died in any way must not be in anybody's way."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from fairlead.errors import AlreadyRunning, StateError
from fairlead.runtime.store.instance import InstanceLock, RunRecord, running_instance, running_instances

HOST = """
import json, pathlib, sys
from fairlead.errors import FairleadError
from fairlead.runtime.store.instance import InstanceLock, RunRecord
folder, record = pathlib.Path(sys.argv[1]), RunRecord(**json.loads(sys.argv[2]))
import os, dataclasses
record = dataclasses.replace(record, pid=os.getpid())
lock = InstanceLock(folder)
try:
    lock.acquire(record)
except FairleadError as error:
    print(type(error).__name__, error, flush=True)
    sys.exit(error.exit_code)
print("acquired", flush=True)
sys.stdin.read()
lock.release()
"""


def record_of(folder: Path, app_id: str = "shop-1") -> RunRecord:
    return RunRecord(
        app_id=app_id,
        name="shop",
        apphost="/home/u/shop/apphost.py",
        pid=os.getpid(),
        started=time.time(),
        run_id="r1",
        socket=str(folder / f"{app_id}.sock"),
    )


def start_host(folder: Path, record: RunRecord) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOST, str(folder), json.dumps(asdict(record))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def answer(host: subprocess.Popen[str]) -> str:
    assert host.stdout is not None
    return host.stdout.readline().strip()


@contextmanager
def host(folder: Path, record: RunRecord) -> Iterator[subprocess.Popen[str]]:
    """A host in a process of its own, that has the lock."""
    process = start_host(folder, record)
    try:
        assert answer(process) == "acquired"
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_second_host_is_refused(tmp_path: Path) -> None:
    """A second host must be refused, and told the first one's name, process, start, app file, and how to stop it."""
    record = replace(record_of(tmp_path), started=1_700_000_000.0)
    with host(tmp_path, record) as first:
        with pytest.raises(AlreadyRunning) as caught:
            InstanceLock(tmp_path).acquire(record_of(tmp_path))
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.started))
        text = str(caught.value)
        for part in ("shop is already running", f"process {first.pid},", since, record.apphost, "`fairlead stop`"):
            assert part in text
        assert running_instances(tmp_path) == [replace(record, pid=first.pid)]


def test_other_apps_run_beside(tmp_path: Path) -> None:
    """Another app, or another checkout, must run at the same time."""
    with host(tmp_path, record_of(tmp_path, "shop-1")), host(tmp_path, record_of(tmp_path, "shop-2")):
        assert [found.app_id for found in running_instances(tmp_path)] == ["shop-1", "shop-2"]
        assert running_instance("shop-2", tmp_path) is not None
        assert running_instance("shop-3", tmp_path) is None


def test_a_killed_host_is_in_nobodys_way(short_folder: Path) -> None:
    """After kill -9, the app must start again at once, and the socket and record of the dead must be gone."""
    record = record_of(short_folder)
    with host(short_folder, record) as first, socket.socket(socket.AF_UNIX) as server:
        server.bind(record.socket)
        first.send_signal(signal.SIGKILL)
        first.wait()
        assert Path(record.socket).exists()
        lock = InstanceLock(short_folder)
        lock.acquire(record)
        assert not Path(record.socket).exists()
        assert running_instances(short_folder) == [record]
        lock.release()


def test_what_the_dead_left_is_cleaned_by_looking(tmp_path: Path) -> None:
    """Looking for hosts must remove what dead ones left, and list only the living."""
    with host(tmp_path, record_of(tmp_path, "living")):
        with host(tmp_path, record_of(tmp_path, "dead")) as dead:
            dead.kill()
            dead.wait()
            assert (tmp_path / "dead.json").exists()
            assert [found.app_id for found in running_instances(tmp_path)] == ["living"]
        assert sorted(path.name for path in tmp_path.iterdir()) == ["living.json", "living.lock"]


def test_a_regular_end_leaves_nothing(tmp_path: Path) -> None:
    """A host that ends by itself must leave no file."""
    with host(tmp_path, record_of(tmp_path)) as first:
        first.communicate()
        assert first.returncode == 0
        assert list(tmp_path.iterdir()) == []


def test_of_many_that_start_at_once_one_wins(tmp_path: Path) -> None:
    """When many hosts start at once, exactly one must run, and all others be refused."""
    hosts = [start_host(tmp_path, record_of(tmp_path)) for _ in range(8)]
    try:
        answers = [answer(found) for found in hosts]
        assert sum(text == "acquired" for text in answers) == 1
        assert all(text.startswith("AlreadyRunning") for text in answers if text != "acquired")
    finally:
        for found in hosts:
            found.kill()
            found.communicate()


def test_looking_does_not_keep_a_host_from_starting(tmp_path: Path) -> None:
    """A host must start while others keep looking which hosts run, and every one of them must end up seeing it."""
    with ThreadPoolExecutor(4) as pool:
        looks = [pool.submit(lambda: [running_instances(tmp_path) for _ in range(200)]) for _ in range(3)]
        for _ in range(30):
            lock = InstanceLock(tmp_path)
            lock.acquire(record_of(tmp_path))
            assert running_instance("shop-1", tmp_path) is not None
            lock.release()
        for look in looks:
            look.result()
    assert list(tmp_path.iterdir()) == []


def test_one_process_cannot_be_two_hosts(tmp_path: Path) -> None:
    """A second lock in the same process must be refused like one of another process."""
    lock = InstanceLock(tmp_path)
    lock.acquire(record_of(tmp_path))
    with pytest.raises(AlreadyRunning):
        InstanceLock(tmp_path).acquire(record_of(tmp_path))
    lock.release()
    lock.release()
    InstanceLock(tmp_path).release()


def test_the_record_is_private(tmp_path: Path) -> None:
    """The record must be 0600: it names a socket that takes commands."""
    lock = InstanceLock(tmp_path)
    lock.acquire(record_of(tmp_path))
    assert stat.S_IMODE((tmp_path / "shop-1.json").stat().st_mode) == 0o600
    lock.release()


def test_a_lock_whose_folder_was_emptied(tmp_path: Path) -> None:
    """A host whose files somebody removed must not remove those of the next one when it ends."""
    first, second = InstanceLock(tmp_path), InstanceLock(tmp_path)
    first.acquire(record_of(tmp_path))
    for path in tmp_path.iterdir():
        path.unlink()
    record = replace(record_of(tmp_path), run_id="r2")
    second.acquire(record)
    first.release()
    assert running_instance("shop-1", tmp_path) == record
    with pytest.raises(AlreadyRunning):
        InstanceLock(tmp_path).acquire(record_of(tmp_path))
    second.release()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", ["", "{", "[]", '{"app_id": 1}'])
def test_a_damaged_record_is_in_nobodys_way(tmp_path: Path, content: str) -> None:
    """A damaged record must not keep a host from starting, nor a second one from being refused."""
    (tmp_path / "shop-1.json").write_text(content)
    lock = InstanceLock(tmp_path)
    lock.acquire(record_of(tmp_path))
    (tmp_path / "shop-1.json").write_text(content)
    assert running_instances(tmp_path) == []
    with pytest.raises(AlreadyRunning) as caught:
        InstanceLock(tmp_path).acquire(record_of(tmp_path))
    assert "/home/u/shop/apphost.py" in str(caught.value)
    lock.release()
    assert list(tmp_path.iterdir()) == []


def test_a_record_does_not_make_us_remove_what_is_not_ours(tmp_path: Path) -> None:
    """A record that names another file as its socket must not cost that file."""
    (tmp_path / "run").mkdir()
    for name in ("precious", "run/precious"):
        (tmp_path / name).write_text("x")
        record = replace(record_of(tmp_path), socket=str(tmp_path / name))
        (tmp_path / "run" / "shop-1.json").write_text(json.dumps(asdict(record)))
        assert running_instances(tmp_path / "run") == []
        assert (tmp_path / name).read_text() == "x"


def test_no_folder(tmp_path: Path) -> None:
    """A folder that isn't there holds no hosts; one that can't be used must be a StateError with a remedy."""
    assert running_instances(tmp_path / "none") == []
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError):
        running_instances(tmp_path / "file")
    with pytest.raises(StateError) as caught:
        InstanceLock(tmp_path / "file").acquire(record_of(tmp_path))
    assert caught.value.remedy
