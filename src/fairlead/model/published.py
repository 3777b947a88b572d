"""What a program asks of the cluster it is published to. A run takes no notice of it."""

from __future__ import annotations

from typing import Literal, Self, get_args

from fairlead.model.customized import Customized
from fairlead.model.declaring import mistake

WorkloadKind = Literal["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"]


class Published(Customized):
    """A resource that gets pods in a cluster."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.workload_kind: WorkloadKind | None = None
        self.schedule: str | None = None

    def with_workload(self, kind: WorkloadKind, *, schedule: str | None = None) -> Self:
        """Say what keeps its pods in a cluster.

        By default it is a Job when another resource waits for its completion, a StatefulSet when it has a named volume
        of its own, and a Deployment otherwise.

        Args:
            kind: ``Deployment``, ``StatefulSet``, ``DaemonSet`` (a pod on each node), ``Job`` (runs to its end once)
                or ``CronJob``.
            schedule: When a CronJob runs, such as ``0 3 * * *``; for no other kind.
        """
        self._declare("with_workload")
        when = self._optional_text("with_workload", "schedule", schedule)
        if not self._one_of("with_workload", "kind", kind, get_args(WorkloadKind)):
            return self
        if kind == "CronJob" and when is None:
            mistake(
                "a CronJob needs a schedule",
                resource=self.name,
                remedy='Give one: with_workload("CronJob", schedule="0 3 * * *").',
            )
        elif kind != "CronJob" and when is not None:
            mistake(f"a {kind} has no schedule", resource=self.name, remedy="Leave it out, or ask for a CronJob.")
        else:
            self.workload_kind, self.schedule = kind, when
        return self
