"""What ``fairlead doctor`` looks at for the clusters of an app; nothing is started."""

from __future__ import annotations

from collections.abc import Sequence

from fairlead.drivers.finding import Finding
from fairlead.drivers.k3s.nodes.before_start import nodes_of
from fairlead.drivers.k3s.nodes.machine import Machine, observe_machine
from fairlead.drivers.k3s.nodes.preflight import ClusterPlan, judge_machine, judge_subnets
from fairlead.engines.containers import ContainerEngine
from fairlead.engines.docker import connect
from fairlead.engines.sockets import port_owner
from fairlead.errors import EngineError, FairleadError
from fairlead.model.app import App
from fairlead.resources.k3s.helm_release import HelmRelease
from fairlead.resources.k3s.server import K3sServer


async def check_clusters(app: App, is_running: bool) -> list[Finding]:
    """What speaks against the clusters of an app; one finding that all is fine otherwise.

    That there is no engine, ``doctor_checks`` says.

    Args:
        app: The app.
        is_running: Whether the app runs, so that its ports are taken by itself.
    """
    clusters = [item for item in app if isinstance(item, K3sServer)]
    if not clusters:
        return []
    try:
        engine = await connect()
    except FairleadError:
        return []
    try:
        return await look_at_clusters(app, clusters, engine, is_running=is_running)
    except EngineError as error:
        return [Finding.of("Clusters", error)]
    finally:
        await engine.close()


async def look_at_clusters(
    app: App, clusters: Sequence[K3sServer], engine: ContainerEngine, *, is_running: bool
) -> list[Finding]:
    """The same, of an engine that is there.

    Args:
        app: The app.
        clusters: Its clusters.
        engine: The engine they would run in.
        is_running: Whether the app runs.

    Raises:
        EngineError: The engine does not answer, or not well.
    """
    machine = await observe_machine(engine)
    findings = judge_machine(machine.facts, machine.host, nodes_of(app))
    for cluster in clusters:
        findings += judge_subnets(ClusterPlan.of(cluster), machine.host, machine.networks)
        findings += await _images(cluster, engine)
        if not is_running and machine.facts.is_local:
            findings += _ports(cluster)
    if not any(finding.result == "problem" for finding in findings):
        findings.insert(0, Finding("Clusters", "fine", _summary(clusters, machine)))
    return findings


def _summary(clusters: Sequence[K3sServer], machine: Machine) -> str:
    names = ", ".join(cluster.name for cluster in clusters)
    version = f"cgroups of version {machine.facts.cgroup_version}" if machine.facts.cgroup_version else "cgroups"
    return f"{names}: {version}, {machine.facts.memory / (1 << 30):.0f} GiB of memory, {machine.facts.cpus} processors"


async def _images(cluster: K3sServer, engine: ContainerEngine) -> list[Finding]:
    wanted = [cluster.image_reference]
    if any(isinstance(child, HelmRelease) and child.helm_runner == "container" for child in cluster.children):
        wanted.append(str(cluster.helm_image))
    if cluster.registry is not None:
        wanted.append(cluster.registry.image_reference)
    findings = []
    for reference in filter(None, wanted):  # one that is built from a Dockerfile has none
        try:
            missing = await engine.image(reference) is None
        except EngineError as error:
            findings.append(Finding.of("Images", error))
            continue
        if missing:
            text = f"{cluster.name}: the engine does not have the image {reference}, and pulls it at the start"
            findings.append(Finding("Images", "note", text, f"Have it already: docker pull {reference}"))
    return findings


def _ports(cluster: K3sServer) -> list[Finding]:
    """The ports of this machine that the definition chooses, and that somebody else has."""
    resources = [cluster, *cluster.children]
    findings = []
    for resource in resources:
        for spec in resource.endpoints.values():
            owner = port_owner(spec.port) if spec.port is not None and spec.protocol == "tcp" else None
            if owner is not None:
                text = f"{resource.name}: port {spec.port} of this machine is taken by {owner}"
                findings.append(
                    Finding("Ports", "problem", text, "Stop that, or choose another port for the endpoint.")
                )
    return findings
