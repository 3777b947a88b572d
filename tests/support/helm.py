"""Charts for tests, and each Helm there is: the fake one, the real one in a container, and that of this machine."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from tests.support.cluster import Cluster, run

from fairlead.engines.docker import connect
from fairlead.engines.helm import Helm, ReleaseSpec
from fairlead.engines.helm.container import open_container_helm
from fairlead.engines.helm.host import open_host_helm
from fairlead.testing import FakeHelm, FakeKubernetesApi

HELM_IMAGE = "alpine/helm:3.17.3"
NEWER_IMAGE = "alpine/helm:4.3.1"
_CONFIG_MAP = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Values.name }}}
data:
  values: {{ toJson .Values | quote }}
  note: {{ include "note" . }}
"""
#: Templates for ``write_chart``: pods that sleep, and a Service that has an address of the load balancer.
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}}
spec:
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: box
        image: {{ .Values.image }}
        imagePullPolicy: IfNotPresent
        command: [sh, -c, {{ .Values.command | default "sleep 100000" | quote }}]
        readinessProbe: {exec: {command: [sh, -c, {{ .Values.probe | default "true" | quote }}]}, periodSeconds: 1}
"""
BALANCED = """\
apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}}
spec: {type: LoadBalancer, selector: {app: {{ .Release.Name }}}, ports: [{port: 8099}]}
"""


def write_chart(folder: Path, name: str = "web", version: str = "1.0.0", *templates: str, **chart: Any) -> Path:
    """A chart whose ConfigMap, called as its value ``name`` says, shows all its values.

    Args:
        folder: Where its folder is created.
        name: Its name, and that of its folder.
        version: Its version.
        templates: More templates.
        chart: More of its Chart.yaml.
    """
    path = folder / name
    (path / "templates").mkdir(parents=True)
    (path / "Chart.yaml").write_text(yaml.safe_dump({"apiVersion": "v2", "name": name, "version": version, **chart}))
    (path / "values.yaml").write_text(yaml.safe_dump({"name": name}))
    (path / "templates" / "_note.tpl").write_text('{{ define "note" }}from a file that begins with _{{ end }}')
    for number, template in enumerate((_CONFIG_MAP, *templates)):
        (path / "templates" / f"{number}.yaml").write_text(template)
    return path


def program(image: str, folder: Path) -> Path:
    """The helm of an image, as a program of this machine."""
    container = run("docker", "create", image)
    try:
        run("docker", "cp", f"{container}:/usr/bin/helm", folder / "helm")
    finally:
        run("docker", "rm", container)
    return folder / "helm"


def render_chart(spec: ReleaseSpec) -> Iterator[dict[str, Any]]:
    """The same for the fake Helm."""
    values = {"name": "web", **spec.values}
    metadata = {"name": values["name"]}
    yield {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"values": json.dumps(values)}}


@contextlib.asynccontextmanager
async def fake_helm(chart: Path) -> AsyncIterator[Helm]:
    """The fake one."""
    helm = FakeHelm(FakeKubernetesApi())
    helm.add_chart(str(chart), "1.0.0", render_chart)
    yield helm


@contextlib.asynccontextmanager
async def container_helm(cluster: Cluster, image: str = HELM_IMAGE, **options: Any) -> AsyncIterator[Helm]:
    """The one in a container, on the network of the cluster's node."""
    network, address = network_of(cluster)
    config = kubeconfig(cluster, f"{address}:6443")
    engine = await connect()
    try:
        async with open_container_helm(
            engine, name="fairlead-test-helm", image=image, kubeconfig=config, network=network, **options
        ) as helm:
            yield helm
    finally:
        await engine.close()


@contextlib.asynccontextmanager
async def host_helm(
    cluster: Cluster, program: Path, environment: Mapping[str, str] = os.environ
) -> AsyncIterator[Helm]:
    """The one of this machine."""
    config = kubeconfig(cluster, f"127.0.0.1:{cluster.port(6443)}")
    async with open_host_helm(kubeconfig=config, environment=environment, program=str(program)) as helm:
        yield helm


def network_of(cluster: Cluster) -> tuple[str, str]:
    """The network of the cluster's node, and its address there."""
    networks = json.loads(run("docker", "inspect", "--format", "{{json .NetworkSettings.Networks}}", cluster.node))
    name, network = next(iter(networks.items()))
    return name, network["IPAddress"]


def kubeconfig(cluster: Cluster, server: str) -> bytes:
    """The cluster's kubeconfig with another address."""
    config = yaml.safe_load(run("docker", "exec", cluster.node, "cat", "/etc/rancher/k3s/k3s.yaml"))
    config["clusters"][0]["cluster"]["server"] = f"https://{server}"
    return json.dumps(config).encode()
