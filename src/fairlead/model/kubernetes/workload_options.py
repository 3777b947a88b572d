"""What a program asks of the cluster it is published to. A run takes no notice of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Literal, Self, get_args

from fairlead.model.argument_checks import kind_of
from fairlead.model.kubernetes.parts import ComputeEnvironment, NodePool, is_part
from fairlead.model.kubernetes.persistent_volumes import PersistentVolume
from fairlead.model.kubernetes.pod_options import PodOptions
from fairlead.model.kubernetes.quantity import is_above, is_quantity
from fairlead.model.kubernetes.schedule import SCHEDULE_REMEDY, schedule_problem
from fairlead.model.locations import Location, mistake, user_location
from fairlead.model.values.value import Value
from fairlead.records import record

WorkloadKind = Literal["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"]


@record
class Autoscaling:
    """Minimum and maximum pods, and the target utilisation in percent of the requests."""

    minimum: int
    maximum: int
    cpu: int | None
    memory: int | None


@record
class DisruptionBudget:
    """How many pods have to stay, or may go, while nodes are emptied: a number, or percent as text."""

    field: Literal["minAvailable", "maxUnavailable"]
    amount: int | str


@record
class Account:
    """The ServiceAccount that a program runs as; ``create`` is False if it exists already."""

    name: str | None
    create: bool
    annotations: Mapping[str, str | Value] = MappingProxyType({})
    where: Location | None = None


@record
class ClaimMount:
    """A persistent volume for a program; ``target`` is None where it takes the place of a volume of the same name."""

    volume: PersistentVolume
    target: str | None
    read_only: bool
    where: Location


class KubernetesWorkload(PodOptions):
    """The options of a workload that only a cluster takes notice of."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.workload_kind: WorkloadKind | None = None
        self.schedule: str | None = None
        self.compute_environments: list[ComputeEnvironment] = []
        self.node_pools: list[tuple[NodePool, Location]] = []
        self.claims: list[ClaimMount] = []
        #: Requests and limits of its container, in the notation of Kubernetes.
        self.resource_needs: dict[str, dict[str, str]] = {}
        self._needs_where = self.where
        self.autoscaling: Autoscaling | None = None
        self.disruption_budget: DisruptionBudget | None = None
        self.account: Account | None = None

    def with_workload(self, kind: WorkloadKind, *, schedule: str | None = None) -> Self:
        """Say what keeps its pods in a cluster.

        By default it is a Job when another resource waits for its completion, a StatefulSet when it has a named volume
        of its own, and a Deployment otherwise.

        Args:
            kind: ``Deployment``, ``StatefulSet``, ``DaemonSet`` (a pod on each node), ``Job`` (runs to its end once)
                or ``CronJob``.
            schedule: When a CronJob runs, such as ``0 3 * * *`` or ``@daily``; for no other kind.
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
        elif when is not None and kind == "CronJob" and (problem := schedule_problem(when)) is not None:
            mistake(problem, resource=self.name, remedy=SCHEDULE_REMEDY)
        elif kind != "CronJob" and when is not None:
            mistake(f"a {kind} has no schedule", resource=self.name, remedy="Leave it out, or ask for a CronJob.")
        else:
            self.workload_kind, self.schedule = kind, when
        return self

    def with_compute_environment(self, *environments: ComputeEnvironment) -> Self:
        """Say which environments it is published to; it has to be said where there are several.

        Args:
            *environments: What ``add_kubernetes_environment`` returned.
        """
        self._declare("with_compute_environment")
        for environment in environments:
            if isinstance(environment, ComputeEnvironment):
                self.compute_environments.append(environment)
            else:
                mistake(
                    f"with_compute_environment() needs an environment, not {kind_of(environment)}",
                    resource=self.name,
                    remedy="Pass what add_kubernetes_environment() returned.",
                )
        return self

    def with_node_pool(self, pool: NodePool) -> Self:
        """Run it on the nodes of a pool only; the last pool of an environment counts.

        Args:
            pool: What ``add_node_pool`` of an environment returned.
        """
        self._declare("with_node_pool")
        if is_part(pool, NodePool, self, "with_node_pool"):
            self.node_pools.append((pool, user_location()))
        return self

    def with_persistent_volume(
        self, volume: PersistentVolume, target: str | None = None, *, read_only: bool = False
    ) -> Self:
        """Keep data in a persistent volume of an environment.

        Args:
            volume: What ``add_persistent_volume`` of an environment returned.
            target: Absolute path in the container; without it, the volume takes the place of the one of its name.
            read_only: Whether it can only be read there.
        """
        self._declare("with_persistent_volume")
        protected = self._flag("with_persistent_volume", "read_only", read_only)
        valid = target is None or self._path("with_persistent_volume", "target", target)
        if is_part(volume, PersistentVolume, self, "with_persistent_volume") and valid:
            self.claims.append(ClaimMount(volume, target, protected, user_location()))
        return self

    def with_resources(
        self,
        *,
        cpu: str | None = None,
        memory: str | None = None,
        cpu_limit: str | None = None,
        memory_limit: str | None = None,
        ephemeral_storage: str | None = None,
        ephemeral_storage_limit: str | None = None,
    ) -> Self:
        """Set the requests and limits of its container, written like ``250m`` and ``128Mi``.

        Args:
            cpu: Request of CPU, in cores.
            memory: Request of memory, in bytes.
            cpu_limit: Limit of CPU, in cores.
            memory_limit: Limit of memory, in bytes.
            ephemeral_storage: Request of the node's disk, in bytes, for its logs and for files outside of volumes.
            ephemeral_storage_limit: Limit of the node's disk, in bytes; a pod that writes more is evicted.
        """
        self._declare("with_resources")
        given = {
            "requests": {"cpu": cpu, "memory": memory, "ephemeral-storage": ephemeral_storage},
            "limits": {"cpu": cpu_limit, "memory": memory_limit, "ephemeral-storage": ephemeral_storage_limit},
        }
        for kind, amounts in given.items():
            for what, amount in amounts.items():
                if self._is_quantity("with_resources", what, amount):
                    self.resource_needs.setdefault(kind, {})[what] = str(amount)
        self._needs_where = user_location()
        return self

    def with_autoscaling(
        self, minimum: int, maximum: int, *, cpu: int | None = None, memory: int | None = None
    ) -> Self:
        """Scale the number of pods by their utilisation.

        Args:
            minimum: The fewest pods, 1 or more.
            maximum: The most pods.
            cpu: Target CPU utilisation, in percent of the request; 80 if neither target is given.
            memory: Target memory utilisation, in percent of the request.
        """
        self._declare("with_autoscaling")
        valid = [self._number("with_autoscaling", "minimum", minimum, 1)]
        valid.append(self._number("with_autoscaling", "maximum", maximum, 1))
        for what, percent in (("cpu", cpu), ("memory", memory)):
            valid.append(percent is None or self._number("with_autoscaling", what, percent, 1))
        if not all(valid):
            return self
        if maximum < minimum:
            mistake(
                f"with_autoscaling() got at least {minimum} and at most {maximum} pods",
                resource=self.name,
                remedy="Give the smaller number first.",
            )
        else:
            self.autoscaling = Autoscaling(minimum, maximum, 80 if cpu is None and memory is None else cpu, memory)
        return self

    def with_disruption_budget(
        self, *, min_available: int | str | None = None, max_unavailable: int | str | None = None
    ) -> Self:
        """Say how many pods have to stay while nodes are emptied for maintenance.

        Args:
            min_available: How many have to stay, as a number or like ``"50%"``.
            max_unavailable: How many may go at once; one of the two is given.
        """
        self._declare("with_disruption_budget")
        if (min_available is None) == (max_unavailable is None):
            mistake(
                "with_disruption_budget() needs one of min_available and max_unavailable",
                resource=self.name,
                remedy="Give one of them.",
            )
        elif min_available is not None and self._is_amount("min_available", min_available):
            self.disruption_budget = DisruptionBudget("minAvailable", min_available)
        elif max_unavailable is not None and self._is_amount("max_unavailable", max_unavailable):
            self.disruption_budget = DisruptionBudget("maxUnavailable", max_unavailable)
        return self

    def with_service_account(
        self, name: str | None = None, *, create: bool = True, annotations: Mapping[str, str | Value] | None = None
    ) -> Self:
        """Run it as a ServiceAccount, with the account's token mounted.

        Args:
            name: The account's name; by default the resource's.
            create: Whether to publish the account; False if it exists already.
            annotations: Its annotations, by which clouds give it rights of theirs; values of them may be deferred.
        """
        self._declare("with_service_account")
        valid = name is None or self._object_name("with_service_account", "name", name)
        made = self._flag("with_service_account", "create", create)
        if self._annotations("with_service_account", annotations) and valid:
            self.account = Account(name, made, dict(annotations or {}), user_location())
        return self

    def _given_values(self) -> Iterator[tuple[object, Location]]:
        """Also the annotations of its ServiceAccount."""
        yield from super()._given_values()
        if self.account is not None:
            for value in self.account.annotations.values():
                yield value, self.account.where or self.where

    def _finish(self) -> None:
        """Report requests above their limits, whichever calls gave them."""
        super()._finish()
        limits = self.resource_needs.get("limits", {})
        for what, request in self.resource_needs.get("requests", {}).items():
            if what in limits and is_above(request, limits[what]):
                mistake(
                    f"its request of {what}, {request!r}, is above its limit, {limits[what]!r}",
                    resource=self.name,
                    where=self._needs_where,
                    remedy="Raise the limit, or leave it out.",
                )

    def _is_quantity(self, method: str, what: str, amount: object) -> bool:
        if amount is None:
            return False
        if isinstance(amount, str) and is_quantity(amount):
            return True
        found = repr(amount) if isinstance(amount, str) else kind_of(amount)
        mistake(f"{method}() got {found} as {what}", resource=self.name, remedy="Write it like '250m' or '128Mi'.")
        return False

    def _is_amount(self, what: str, amount: object) -> bool:
        if isinstance(amount, str) and re.fullmatch(r"(100|[1-9]?[0-9])%", amount):
            return True
        if isinstance(amount, str):
            mistake(
                f"with_disruption_budget() got {amount!r} as {what}",
                resource=self.name,
                remedy="Give a number, or percent like '50%'.",
            )
            return False
        return self._number("with_disruption_budget", what, amount, 0)
