"""The engine itself, before anything of Fairlead's is asked of it."""

from __future__ import annotations

import subprocess
import uuid
from collections.abc import Callable

import pytest

pytestmark = pytest.mark.docker


def docker(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)


def test_engine_runs_a_container_and_hands_over_its_output(image: Callable[[str], str]) -> None:
    """A container must run to its end, with its output and its exit code, and leave nothing."""
    name = f"fairlead-test-{uuid.uuid4().hex[:8]}"
    ended = docker("run", "--rm", "--name", name, image("busybox:1.35"), "sh", "-c", "echo made fast; exit 3")

    assert (ended.returncode, ended.stdout) == (3, "made fast\n"), ended.stderr
    assert docker("ps", "--all", "--quiet", "--filter", f"name={name}").stdout == ""
