"""HTTP probes, by which a cluster asks a program whether it has started, is ready, and is alive."""

from __future__ import annotations

from typing import Literal, Self, get_args

from fairlead.model.endpoints.endpoint import EndpointHandle
from fairlead.model.health import HttpCheck
from fairlead.model.kubernetes.customization import CustomizableObjects
from fairlead.model.locations import mistake
from fairlead.records import record

ProbeKind = Literal["startup", "readiness", "liveness"]


@record
class HttpProbe:
    """A Kubernetes HTTP probe; all times in seconds. The defaults are Aspire's."""

    kind: ProbeKind
    path: str
    endpoint: EndpointHandle
    initial_delay: int = 5
    period: int = 5
    timeout: int = 1
    failure_threshold: int = 3
    success_threshold: int = 1


class ProbedWorkload(CustomizableObjects):
    """A workload that a cluster asks by HTTP probes."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.probes: dict[ProbeKind, HttpProbe] = {}

    def with_http_probe(
        self,
        kind: ProbeKind,
        path: str = "/",
        *,
        endpoint: str | None = None,
        initial_delay: int = 5,
        period: int = 5,
        timeout: int = 1,
        failure_threshold: int = 3,
        success_threshold: int = 1,
    ) -> Self:
        """Publish a Kubernetes probe; locally it is a health check of the same path.

        Args:
            kind: ``startup``, ``readiness`` or ``liveness``; a second probe of a kind replaces the first.
            path: Starts with ``/``.
            endpoint: Name of the endpoint; by default the only one, or ``http``.
            initial_delay: Seconds before the first probe.
            period: Seconds between probes.
            timeout: Seconds until a probe counts as failed.
            failure_threshold: Failures in a row that count.
            success_threshold: Successes in a row that count; 1 for a startup and a liveness probe.
        """
        self._declare("with_http_probe")
        numbers = {
            "initial_delay": initial_delay,
            "period": period,
            "timeout": timeout,
            "failure_threshold": failure_threshold,
            "success_threshold": success_threshold,
        }
        least = {"initial_delay": 0}
        valid = [self._number("with_http_probe", what, number, least.get(what, 1)) for what, number in numbers.items()]
        valid.append(self._one_of("with_http_probe", "kind", kind, get_args(ProbeKind)))
        if self._path("with_http_probe", "path", path) and all(valid) and self._may_succeed(kind, success_threshold):
            handle = self.endpoint(endpoint)
            self.probes[kind] = HttpProbe(kind, path, handle, **numbers)
            self.health_checks.append(HttpCheck(path, 200, handle))
        return self

    def _may_succeed(self, kind: ProbeKind, successes: int) -> bool:
        """Whether a probe may need so many successes in a row."""
        if kind == "readiness" or successes == 1:
            return True
        mistake(
            f"with_http_probe() got success_threshold={successes} for a {kind} probe",
            resource=self.name,
            remedy="Leave it out: only a readiness probe may have to succeed several times.",
        )
        return False
