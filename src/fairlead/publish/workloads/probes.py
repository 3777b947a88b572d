"""The probes of a container: what Kubernetes asks to know whether a program has started, is ready, and still lives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import ceil
from typing import Any

from fairlead.model.endpoints.endpoint import EndpointHandle
from fairlead.model.health import CommandCheck, FunctionCheck, HealthCheck, HttpCheck, TcpCheck
from fairlead.model.kubernetes.probes import HttpProbe
from fairlead.model.programs.workload import Workload
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.leaves import encode
from fairlead.publish.chart.ports import Port, distinct

#: Seconds between two probes by a command, and for its answer, where the definition doesn't say.
_COMMAND_PERIOD, _COMMAND_TIMEOUT = 10, 30
_TIMES = {"periodSeconds": 5, "timeoutSeconds": 2, "failureThreshold": 3}


def probes(
    workload: Workload, ports: Mapping[str, Port], image_health: Callable[[], CommandCheck | None], report: Report
) -> dict[str, Any]:
    """The probes a workload asks for.

    The readiness probe is the one asked for, else the first health check that a probe can express, else the kind's
    ready command, else the health check of an image that the project builds.

    Args:
        workload: The workload.
        ports: Its ports.
        image_health: Gives the health check of its image, where that is known.
        report: Where health checks are reported that a cluster can't make.
    """
    made = {f"{kind}Probe": _http_probe(probe, ports) for kind, probe in workload.probes.items()}
    for check in _checks_beyond_probes(workload):
        found = None if "readinessProbe" in made else _readiness(workload, check, ports)
        if found is not None:
            made |= found | made
        else:
            _report_check(workload, check, report)
    if workload.ready_command and "readinessProbe" not in made:
        command = [encode(part, "dollars") for part in workload.ready_command]
        made["readinessProbe"] = {"exec": {"command": command}, **_TIMES, "timeoutSeconds": workload.ready_timeout}
    if "readinessProbe" not in made and (check_of_image := image_health()) is not None:
        made |= _by_command(check_of_image) | made
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
    """The probes that ask what the check asks, if there are any. Kubernetes takes 200 to 399 for healthy."""
    if isinstance(check, CommandCheck):
        return _by_command(check)
    endpoint = check.base if isinstance(check, HttpCheck) else check.endpoint if isinstance(check, TcpCheck) else None
    if not isinstance(endpoint, EndpointHandle) or endpoint.resource is not workload:
        return None
    ask: dict[str, Any]
    if isinstance(check, HttpCheck) and 200 <= check.status < 400:
        ask = {"httpGet": _http_get(check.path, _port(endpoint, ports))}
    elif isinstance(check, TcpCheck):
        ask = {"tcpSocket": {"port": _port(endpoint, ports).name}}
    else:
        return None
    return {"readinessProbe": {**ask, **_TIMES}}


def _by_command(check: CommandCheck) -> dict[str, Any]:
    """A readiness probe by a command, and a startup probe where the program has time to start.

    That one asks as often as for any program that starts, so that one that is up soon is ready soon.
    """
    ask = {"exec": {"command": [encode(part, "dollars") for part in check.argv]}}
    period, retries = ceil(check.interval or _COMMAND_PERIOD), check.retries or _TIMES["failureThreshold"]
    times = {"timeoutSeconds": ceil(check.timeout or _COMMAND_TIMEOUT), "failureThreshold": retries}
    found = {"readinessProbe": {**ask, "periodSeconds": period, **times}}
    if check.start_period:
        soon = min(period, _TIMES["periodSeconds"])
        failures = ceil(check.start_period / soon) + retries
        found["startupProbe"] = {**ask, "periodSeconds": soon, **times, "failureThreshold": failures}
    return found


def _report_check(workload: Workload, check: HealthCheck, report: Report) -> None:
    if isinstance(check, FunctionCheck):
        report.warn(
            workload,
            f"the health check {check.name!r} is a function, which only a run can call",
            "Add with_http_health_check() or with_http_probe('readiness', …) for the cluster.",
        )
        return
    status, remedy = ", for a status of 200 to 399", "Answer for all of them on one path."
    if isinstance(check, CommandCheck):
        status, remedy = "", "Let one command, or one path, answer for all of them."
    report.warn(workload, f"the health check {check.name!r} is left out: a pod has one readiness probe{status}", remedy)


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


def _port(endpoint: EndpointHandle, ports: Mapping[str, Port]) -> Port:
    """The port of an endpoint, by the name under which the container has it."""
    asked = ports[endpoint.spec.name]
    return next(
        port for port in distinct(dict(ports)) if (port.number, port.protocol) == (asked.number, asked.protocol)
    )
