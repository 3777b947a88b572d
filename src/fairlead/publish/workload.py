"""The Deployment of a workload."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairlead.model.endpoint import Endpoint
from fairlead.model.health import FunctionCheck, HealthCheck, HttpCheck, HttpProbe, TcpCheck
from fairlead.model.workload import Workload
from fairlead.publish.chart import Chart
from fairlead.publish.config import checksums, container_fields
from fairlead.publish.diagnostics import Report
from fairlead.publish.environment import PodEnvironment
from fairlead.publish.images import image_fields
from fairlead.publish.labels import metadata, pod_labels, selector
from fairlead.publish.ports import Port, distinct
from fairlead.publish.process import command_line
from fairlead.publish.security import security_context

OBJECT_SCHEMA = {"type": "object"}


def deployment(
    chart: Chart,
    workload: Workload,
    name: str,
    ports: Mapping[str, Port],
    environment: PodEnvironment,
    pull_policy: str,
    report: Report,
) -> dict[str, Any]:
    """The Deployment that keeps a workload's pods running.

    Args:
        chart: The chart it is in.
        workload: The workload.
        name: The name of its objects.
        ports: Its ports.
        environment: The variables and arguments of its container.
        pull_policy: The environment's image pull policy, for workloads that have none of their own.
        report: Where health checks are reported that a cluster can't make.
    """
    replicas = chart.values.declare(
        ("replicas", workload.name), workload.replicas, kind="integer", schema={"type": "integer", "minimum": 0}
    )
    annotations = checksums(chart, workload, environment)
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(chart, name),
        "spec": {
            "replicas": replicas,
            "revisionHistoryLimit": 3,
            "selector": {"matchLabels": selector(name)},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            "template": {
                "metadata": {
                    "labels": pod_labels(chart, name),
                    **({"annotations": annotations} if annotations else {}),
                },
                "spec": {
                    # A Service called `cache` would otherwise put CACHE_PORT into every environment.
                    "enableServiceLinks": False,
                    "automountServiceAccountToken": False,
                    "containers": [_container(chart, workload, name, ports, environment, pull_policy, report)],
                },
            },
        },
    }


def _container(
    chart: Chart,
    workload: Workload,
    name: str,
    ports: Mapping[str, Port],
    environment: PodEnvironment,
    pull_policy: str,
    report: Report,
) -> dict[str, Any]:
    command, first_arguments = command_line(workload, ports)
    fields: dict[str, Any] = {"name": name, **image_fields(chart, workload, pull_policy)}
    if command:
        fields["command"] = command
    if arguments := [*first_arguments, *environment.args]:
        fields["args"] = arguments
    if ports:
        fields["ports"] = [
            {"name": port.name, "containerPort": port.number, "protocol": port.protocol}
            for port in distinct(dict(ports))
        ]
    fields |= container_fields(chart, workload, name, environment)
    fields |= probes(workload, ports, report)
    fields["resources"] = chart.values.declare(("resources", workload.name), {}, kind="object", schema=OBJECT_SCHEMA)
    fields["securityContext"] = security_context(workload)
    return fields


def probes(workload: Workload, ports: Mapping[str, Port], report: Report) -> dict[str, Any]:
    """The probes a workload asks for; its health check is the readiness probe where it asks for no other."""
    made = {f"{kind}Probe": _http_probe(probe, ports) for kind, probe in workload.probes.items()}
    for check in _checks_beyond_probes(workload):
        found = None if "readinessProbe" in made else _readiness(workload, check, ports)
        if found is not None:
            made["readinessProbe"] = found
        else:
            _report_check(workload, check, report)
    order = ("startupProbe", "readinessProbe", "livenessProbe")
    return {kind: made[kind] for kind in order if kind in made}


def _checks_beyond_probes(workload: Workload) -> list[HealthCheck]:
    """The health checks without those that a probe brought along, or that the readiness probe makes anyway."""
    checks = list(workload.health_checks)
    for kind, probe in workload.probes.items():
        twins = [check for check in checks if _asks_the_same(check, probe)]
        gone = twins if kind == "readiness" else twins[:1]
        checks = [check for check in checks if not any(check is twin for twin in gone)]
    return checks


def _asks_the_same(check: HealthCheck, probe: HttpProbe) -> bool:
    return isinstance(check, HttpCheck) and check.base is probe.endpoint and check.path == probe.path


def _readiness(workload: Workload, check: HealthCheck, ports: Mapping[str, Port]) -> dict[str, Any] | None:
    """A readiness probe that asks what the check asks, if there is one. Kubernetes takes 200 to 399 for healthy."""
    endpoint = check.base if isinstance(check, HttpCheck) else check.endpoint if isinstance(check, TcpCheck) else None
    if not isinstance(endpoint, Endpoint) or endpoint.resource is not workload:
        return None
    ask: dict[str, Any]
    if isinstance(check, HttpCheck) and 200 <= check.status < 400:
        ask = {"httpGet": _http_get(check.path, _port(endpoint, ports))}
    elif isinstance(check, TcpCheck):
        ask = {"tcpSocket": {"port": _port(endpoint, ports).name}}
    else:
        return None
    return {**ask, "periodSeconds": 5, "timeoutSeconds": 2, "failureThreshold": 3}


def _report_check(workload: Workload, check: HealthCheck, report: Report) -> None:
    if isinstance(check, FunctionCheck):
        report.warn(
            workload,
            f"the health check {check.name!r} is a function, which only a run can call",
            "Add with_http_health_check() or with_http_probe('readiness', …) for the cluster.",
        )
    else:
        report.warn(
            workload,
            f"the health check {check.name!r} is left out: a pod has one readiness probe, for a status of 200 to 399",
            "Answer for all of them on one path.",
        )


def _http_probe(probe: HttpProbe, ports: Mapping[str, Port]) -> dict[str, Any]:
    return {
        "httpGet": _http_get(probe.path, _port(probe.endpoint, ports)),
        "initialDelaySeconds": probe.initial_delay,
        "periodSeconds": probe.period,
        "timeoutSeconds": probe.timeout,
        "failureThreshold": probe.failure_threshold,
        "successThreshold": probe.success_threshold,
    }


def _http_get(path: str, port: Port) -> dict[str, Any]:
    return {"path": path, "port": port.name, "scheme": "HTTPS" if port.spec.scheme == "https" else "HTTP"}


def _port(endpoint: Endpoint, ports: Mapping[str, Port]) -> Port:
    """The port of an endpoint, by the name under which the container has it."""
    asked = ports[endpoint.spec.name]
    return next(
        port for port in distinct(dict(ports)) if (port.number, port.protocol) == (asked.number, asked.protocol)
    )
