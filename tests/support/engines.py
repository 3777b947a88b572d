"""Container engines as a person reaches them, by the `docker` command, to see what Fairlead has done there."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest

_DOCKER = pytest.param("docker", marks=pytest.mark.docker)
_PODMAN = pytest.param("podman", marks=pytest.mark.podman)
# Runs a test on each engine, which it gets as `engine_host`.
ENGINES = pytest.mark.parametrize("engine_host", [_DOCKER, _PODMAN], indirect=True)
# Runs it on one, as what it is about is not the engine's.
ONE_ENGINE = pytest.mark.parametrize("engine_host", [_DOCKER], indirect=True)


@dataclass(frozen=True)
class EngineHost:
    """One engine of this machine.

    Args:
        name: ``docker`` or ``podman``.
        address: Where it is, in the form of DOCKER_HOST; empty where commands find it by themselves.
    """

    name: str
    address: str = ""

    @property
    def environment(self) -> Mapping[str, str]:
        """What makes a command use it."""
        return {"DOCKER_HOST": self.address} if self.address else {}

    def run(self, *arguments: str) -> str:
        """What a `docker` command writes; it has to end well."""
        # Not from the environment: apps of the test may be told to use something else.
        address = ["--host", self.address] if self.address else ["--context", "default"]
        environment = {name: value for name, value in os.environ.items() if name != "DOCKER_HOST"}
        done = subprocess.run(
            ["docker", *address, *arguments], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"docker {' '.join(arguments)}: {done.stderr}"
        return done.stdout

    def containers(self, *labels: str) -> dict[str, str]:
        """Names and ids of the containers that have all these labels."""
        filters = [f"--filter=label={label}" for label in labels]
        rows = self.run("ps", "-a", "--no-trunc", "--format", "{{.Names}} {{.ID}}", *filters)
        found = (row.rpartition(" ") for row in rows.splitlines())
        return {name: container for name, _, container in found}

    def objects(self, *labels: str) -> list[str]:
        """Containers, networks and volumes that have all these labels, in words."""
        filters = [f"--filter=label={label}" for label in labels]
        networks = self.run("network", "ls", "--format", "{{.Name}}", *filters).split()
        volumes = self.run("volume", "ls", "--format", "{{.Name}}", *filters[:1]).split()
        if len(labels) > 1:  # Podman lists those that have any of them
            volumes = [name for name in volumes if self._has(name, labels)]
        found = [f"container {name}" for name in sorted(self.containers(*labels))]
        return found + [f"network {name}" for name in sorted(networks)] + [f"volume {name}" for name in sorted(volumes)]

    def _has(self, volume: str, labels: Sequence[str]) -> bool:
        try:
            found = json.loads(self.run("volume", "inspect", "--format", "{{json .Labels}}", volume)) or {}
        except AssertionError:
            if volume in self.run("volume", "ls", "--format", "{{.Name}}").split():
                raise
            return False  # it was removed meanwhile
        return {*labels} <= {f"{name}={value}" for name, value in found.items()}

    def discard(self, *objects: str) -> None:
        """Remove what a test has made, in words as ``objects`` gives them; what is not there any more is fine."""
        for kind, _, name in (one.partition(" ") for one in objects):
            with contextlib.suppress(AssertionError):
                self.run(kind, "rm", *(["--force"] if kind != "network" else []), name)

    def remove_images(self, label: str) -> None:
        """Remove the images that carry a label; a test builds them for itself alone."""
        images = set(self.run("image", "ls", "--quiet", f"--filter=label={label}").split())
        if images:
            self.run("image", "rm", "--force", *images)

    def inspect_all(self, *labels: str) -> str:
        """All that the engine tells of containers, networks and volumes that have these labels."""
        found = [self.run("inspect", container) for container in self.containers(*labels).values()]
        for name in self.objects(*labels):
            kind, _, rest = name.partition(" ")
            found += [self.run(kind, "inspect", rest)] if kind != "container" else []
        return "\n".join(found)
