"""Processes that share a file of secrets must not lose each other's entries, nor a killed one the file."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

from fairlead.runtime.store.secrets import SecretStore, generate_password

WRITER = """
import pathlib, sys
from fairlead.runtime.store.secrets import SecretStore, generate_password
store = SecretStore(pathlib.Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    store.set(f"{sys.argv[2]}-{number}", "x")
    store.get_or_create(f"shared-{number}", generate_password)
print("written", flush=True)
"""


def writer(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), name, str(count)], stdout=subprocess.PIPE, text=True
    )


def test_no_entry_is_lost(tmp_path: Path) -> None:
    """What several processes store at once must all be there."""
    path = tmp_path / "shop.json"
    writers = [writer(path, name, 10) for name in "abcd"]
    assert [process.communicate()[0] for process in writers] == ["written\n"] * 4
    expected = {f"{name}-{number}" for name in (*"abcd", "shared") for number in range(10)}
    assert set(SecretStore(path).names()) == expected


def test_a_killed_writer_costs_nothing(tmp_path: Path) -> None:
    """A process that is killed at any moment of a write must leave the file whole and the lock free."""
    path = tmp_path / "shop.json"
    store = SecretStore(path)
    store.set("kept", "value")
    seed = time.time_ns()
    moments = random.Random(seed)
    for number in range(10):
        process = writer(path, f"w{number}", 100_000)
        deadline = time.monotonic() + 150
        while f"w{number}-0" not in store.names():
            assert time.monotonic() < deadline
        time.sleep(moments.random() * 0.02)  # no wait for something: the random moment of the kill
        process.kill()
        process.communicate()
        assert store.get("kept") == "value", f"seed {seed}"
        store.set(f"after-{number}", generate_password())
    assert sum(name.startswith("after-") for name in store.names()) == 10
