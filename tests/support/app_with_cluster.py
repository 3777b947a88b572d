"""An app with a cluster of two nodes and all that can stand beside one: its definition, and kubectl in its cluster."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml
from tests.support.cluster import K3S_IMAGE, run
from tests.support.helm import BALANCED, DEPLOYMENT, HELM_IMAGE, write_chart

from fairlead import AppBuilder
from fairlead.testing import Running

BUSYBOX = "busybox:1.35"
KUBECTL_IMAGE = "alpine/kubectl:1.36.0"
PYTHON_IMAGE = "python:3.11-slim-bookworm"
IMAGES = (K3S_IMAGE, BUSYBOX, "redis:7.0-bookworm", "registry:2", KUBECTL_IMAGE, HELM_IMAGE, PYTHON_IMAGE)
PATIENCE = 180.0
#: The official client of Kubernetes, of which only a part is typed.
official: Any = import_module("kubernetes")
SERVER = """
import http.server, os
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello from the host")
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Answer).serve_forever()
"""
#: An account that may look at ConfigMaps, and at nothing else.
ACCOUNT: list[dict[str, Any]] = [
    {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "reader"}},
    {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": "reader"},
        "rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["list"]}],
    },
    {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "reader"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
        "subjects": [{"kind": "ServiceAccount", "name": "reader"}],
    },
]


def write_folder(folder: Path, helm: Path) -> None:
    """Write what the definition refers to: a program, an image, a chart, and a private repository of two charts."""
    (folder / "server.py").write_text(SERVER)
    (folder / "tool").mkdir()
    write_tool(folder, "one")
    repository = folder / "repository"
    repository.mkdir()
    for chart in (write_chart(repository, "web", "1.2.3"), write_chart(repository, "base")):
        run(helm, "package", chart, "--destination", repository)
    run(helm, "repo", "index", repository)
    base = {"name": "base", "version": ">=1", "repository": "http://charts"}
    write_chart(folder, "web", "1.2.3", DEPLOYMENT, BALANCED, dependencies=[base])
    (folder / "httpd.conf").write_text("/:me:s3cret\n")
    private = {"name": "private", "url": "http://charts", "username": "me", "password": "s3cret"}
    (folder / "repositories.yaml").write_text(yaml.safe_dump({"repositories": [private]}))


def write_tool(folder: Path, text: str) -> None:
    """Write the image that the app builds, with a text in it."""
    (folder / "tool" / "Dockerfile").write_text(f"FROM {BUSYBOX}\nRUN echo {text} > /text\n")


def definition(folder: Path) -> Callable[[AppBuilder], None]:
    """A cluster beside a Redis, a process, an image that is only built, clients on both sides and charts."""

    def define(app: AppBuilder) -> None:
        cache = app.add_redis("cache")
        app.add_executable("hello", sys.executable, ".", "server.py").with_http_endpoint(env="PORT")
        tool = app.add_dockerfile("Own_Tool", "./tool").with_explicit_start()
        k8s = app.add_k3s_cluster("k8s", agent_count=1).with_disabled_component("traefik").with_registry()
        k8s.load_image(BUSYBOX).load_image(tool)
        k8s.add_k8s_manifest("account", ACCOUNT)
        app.add_executable("program", "sleep", ".", "1000").with_reference(k8s)
        app.add_executable("reader", "sleep", ".", "1000").with_reference(k8s, service_account="default/reader")
        for name, image in (("kubectl", KUBECTL_IMAGE), ("helm", HELM_IMAGE), ("python", PYTHON_IMAGE)):
            box = app.add_container(name, image, stop_timeout=0.1).with_entrypoint("sleep", "1000").with_reference(k8s)
            if name == "python":
                box.with_bind_mount(Path(official.__file__).parents[1], "/packages", read_only=True)
                box.with_environment("PYTHONPATH", "/packages")

        password = app.add_parameter("word", "s3cret-word", secret=True)
        server = app.add_container("charts", BUSYBOX, stop_timeout=0.1)
        server.with_bind_mount(folder / "repository", "/charts", read_only=True)
        server.with_bind_mount(folder / "httpd.conf", "/etc/httpd.conf", read_only=True)
        server.with_args("httpd", "-f", "-p", "80", "-h", "/charts", "-c", "/etc/httpd.conf")
        values = {"image": BUSYBOX, "word": password, "redis": {"address": cache.endpoint("tcp").host_and_port}}
        local = k8s.add_helm_release("local", "./web", values={**values, "name": "local"}, timeout=PATIENCE)
        local.wait_for_start(server)
        remote = k8s.add_helm_release("remote", "web", "http://charts", "1.2.3", values={"image": BUSYBOX}, wait=False)
        remote.wait_for_start(server)
        registry = k8s.add_helm_release("pushed", "oci://k8s-registry:5000/charts/web", wait=False)
        registry.with_helm_value("image", BUSYBOX).with_helm_value("name", "pushed").with_explicit_start()

    return define


@dataclass(frozen=True)
class Kubectl:
    """kubectl in the server of the running app's cluster."""

    app: Running

    def node(self, name: str = "k8s") -> str:
        """The container of a node."""
        return f"{self.app.host.run.app_id}-{name}"

    def __call__(self, *arguments: str) -> str:
        return run("docker", "exec", self.node(), "kubectl", *arguments)

    def start(self, image: str, *pods: str, node: str = "k8s") -> None:
        """Start pods that do nothing."""
        at_node = f'{{"spec": {{"nodeName": "{node}"}}}}'
        for pod in pods:
            options = ("--restart=Never", f"--overrides={at_node}", "--", "sleep", "100000")
            self("run", pod, f"--image={image}", *options)

    def wait(self, *pods: str) -> None:
        """Return when pods are ready."""
        self("wait", "--for=condition=Ready", *(f"pod/{pod}" for pod in pods), f"--timeout={PATIENCE:.0f}s")

    def says(self, pod: str, *command: str) -> str:
        """What a command in a pod writes; empty if it fails."""
        argv = ["docker", "exec", self.node(), "kubectl", "exec", pod, "--", *command]
        return subprocess.run(argv, capture_output=True, text=True, timeout=60).stdout
