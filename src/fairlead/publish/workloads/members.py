"""Which resources of a chart get pods, and which controller keeps the pods of each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from graphlib import TopologicalSorter

from fairlead.model.programs.workload import Workload
from fairlead.model.resource import Resource
from fairlead.publish.workloads.mounts.storage import Storage
from fairlead.records import record

JOB = "Job"


@record
class Members:
    """The resources of one chart that get pods.

    Args:
        resources: The resources by their names, in the order of the definition.
        controllers: The kind of the controller of each, such as ``Deployment``, by name.
        completion_targets: The names of those that others wait to see complete.
    """

    resources: Mapping[str, Resource]
    controllers: Mapping[str, str]
    completion_targets: Collection[str]

    @property
    def workloads(self) -> list[Workload]:
        """Those that are programs of the definition."""
        return [member for member in self.resources.values() if isinstance(member, Workload)]

    def is_job(self, name: str) -> bool:
        """Whether the resource of this name is a Job of the chart."""
        return self.controllers.get(name) == JOB

    def in_order(self) -> Iterable[str]:
        """The names of all, each Job before those that wait for it and have to know its name."""
        graph = {
            name: [wait.target.name for wait in member.waits if self.is_job(wait.target.name)]
            for name, member in self.resources.items()
        }
        return TopologicalSorter(graph).static_order()


def plan_members(resources: Iterable[Resource], completion_targets: Collection[str], storage: Storage) -> Members:
    """Decide which controller keeps the pods of each resource.

    Args:
        resources: The resources that get pods.
        completion_targets: The names of those that others wait to see complete.
        storage: The volumes of the chart.
    """
    by_name = {resource.name: resource for resource in resources}
    controllers = {
        name: _controller(resource, name in completion_targets, storage) for name, resource in by_name.items()
    }
    return Members(by_name, controllers, completion_targets)


def _controller(member: Resource, is_completion_target: bool, storage: Storage) -> str:
    if not isinstance(member, Workload):
        return JOB
    if member.is_job:
        return "CronJob"
    if member.workload_kind is not None:
        return member.workload_kind
    if is_completion_target:
        return JOB
    return "StatefulSet" if member.stable_host_name or storage.has_own_volume(member) else "Deployment"
