"""A throw-away cluster of one node for tests: a k3s in a container, with images brought in from the engine."""

from __future__ import annotations

import json
import re
import subprocess
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

K3S_IMAGE = "rancher/k3s:v1.36.0-k3s1"
LABEL = "dev.fairlead.test=cluster"
COMING_UP = 300.0
"""Seconds that a cluster may take to come up; it takes ten on a quiet machine."""


def run(*command: str | Path, given: str | None = None, timeout: float = 240) -> str:
    """What a command writes; it has to end well."""
    done = subprocess.run(list(map(str, command)), input=given, capture_output=True, text=True, timeout=timeout)
    assert done.returncode == 0, f"{' '.join(map(str, command))}: {done.stderr}{done.stdout}"
    return done.stdout.strip()


class Cluster:
    """One node. Its API server and its port 80 are reached by ports of this machine's loopback."""

    def __init__(self, helm: Path, kubectl: Path, folder: Path) -> None:
        self._helm, self._kubectl = helm, kubectl
        self._cache = folder / "cache"
        self._is_removed = False
        self.node = f"fairlead-test-{uuid.uuid4().hex[:8]}"
        self.kubeconfig = folder / "kubeconfig"
        #: The names of the images in the cluster, with what they name.
        self._images: dict[str, str] = {}

    def start(self) -> None:
        """Start the node. It is not ready yet when this returns: images can be brought in meanwhile."""
        version = run("docker", "info", "--format", "{{.CgroupVersion}}")
        options = [] if version == "2" else ["--kubelet-arg=fail-cgroupv1=false"]
        run(
            *("docker", "run", "--detach", "--name", self.node, "--hostname", "server", "--label", LABEL),
            *("--privileged", "--cgroupns", "private", "--tmpfs", "/run", "--tmpfs", "/var/run"),
            *("--publish", "127.0.0.1::80", "--publish", "127.0.0.1::6443", "--env", "K3S_TOKEN=token"),
            *(K3S_IMAGE, "server", "--node-name", "server", *options),
        )

    def remove(self) -> None:
        """Remove the node; it may be gone already."""
        if not self._is_removed:
            run("docker", "rm", "--force", "--volumes", self.node)
            self._is_removed = True

    def port(self, number: int) -> int:
        """The port of this machine that leads to one of the node."""
        return int(run("docker", "port", self.node, f"{number}/tcp").splitlines()[0].rpartition(":")[2])

    def is_up(self) -> bool:
        """Whether the API answers and the node is Ready."""
        try:
            return " Ready " in self.kubectl("get", "nodes", "--no-headers", timeout=60)
        except (AssertionError, subprocess.TimeoutExpired):
            return False

    def bring(self, images: Iterable[str]) -> None:
        """Bring images of the engine into the cluster, those that are not there yet."""
        names = list(images)
        found = dict(zip(names, run("docker", "image", "inspect", "--format", "{{.Id}}", *names).split(), strict=True))
        missing = [name for name, image in found.items() if self._images.get(name) != image]
        if missing:
            self._import(missing)
        self._images |= found

    def _import(self, images: Iterable[str]) -> None:
        command = ["docker", "exec", "--interactive", self.node, "ctr", "images", "import", "-"]
        with subprocess.Popen(["docker", "save", *images], stdout=subprocess.PIPE) as save:
            done = subprocess.run(command, stdin=save.stdout, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stderr
        assert save.returncode == 0

    def kubectl(self, *arguments: str, given: str | None = None, timeout: float = 240) -> str:
        return run(*self.kubectl_command(), *arguments, given=given or "", timeout=timeout)

    def kubectl_command(self) -> list[str | Path]:
        """The kubectl of this machine, which has all rights in the cluster."""
        return [self._kubectl, "--kubeconfig", self.write_kubeconfig(), "--cache-dir", self._cache]

    def objects(self, kind: str, *options: str, namespace: str = "shop") -> list[dict[str, Any]]:
        """The objects of a kind. An API server that is too busy to tell is asked again, a few times."""
        for is_last in (False, False, True):
            try:
                found = json.loads(self.kubectl("get", kind, "--namespace", namespace, "--output", "json", *options))
                return list(found["items"])
            except AssertionError:
                if is_last:
                    raise
        raise AssertionError("unreachable")

    def write_kubeconfig(self) -> Path:
        """Write the kubeconfig with all rights for this machine, once it is there; the file."""
        if not self.kubeconfig.exists():
            text = run("docker", "exec", self.node, "cat", "/etc/rancher/k3s/k3s.yaml")
            self.kubeconfig.touch(0o600)
            self.kubeconfig.write_text(re.sub(r"https://[^\s]+", f"https://127.0.0.1:{self.port(6443)}", text))
        return self.kubeconfig

    def helm(
        self,
        *arguments: str | Path,
        values: Mapping[str, Any] | None = None,
        timeout: float = 500,
        program: Path | None = None,
    ) -> str:
        """Run the real helm, or another program of it, against the cluster; the values go in by standard input."""
        given = ["--values", "-"] if values else []
        return run(
            *(program or self._helm, *arguments, *given, "--kubeconfig", self.write_kubeconfig()),
            given=json.dumps(values or {}),
            timeout=timeout,
        )

    def drop(self, namespace: str) -> None:
        """Delete a namespace, without a wait: what runs in it takes from those who come next."""
        self.kubectl("delete", "namespace", namespace, "--wait=false", "--ignore-not-found")

    def evidence(self, namespace: str) -> str:
        """What to look at when something did not come up."""
        parts = [self.kubectl("get", "pods,jobs", "--namespace", namespace, "--output", "wide")]
        parts.append(self.kubectl("get", "events", "--namespace", namespace, "--sort-by", ".lastTimestamp")[-4000:])
        for pod in self.objects("pods", namespace=namespace):
            name = pod["metadata"]["name"]
            command = [*self.kubectl_command(), "logs", name, "-n", namespace, "--all-containers", "--tail", "20"]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60)
            parts.append(f"--- {name}\n{done.stdout}{done.stderr}")
        return "\n".join(parts)


def authority_of(kubeconfig: Path) -> str:
    """The certificate authority of a kubeconfig's cluster, of which each cluster has its own."""
    document: Any = yaml.safe_load(kubeconfig.read_text())
    return str(document["clusters"][0]["cluster"]["certificate-authority-data"])
