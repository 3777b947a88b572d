"""Where the Services of an app are, seen from one of its environments: each environment is a namespace of its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from fairlead.model.app import App
from fairlead.model.names import listing
from fairlead.model.programs.workload import Workload
from fairlead.model.resource import Resource
from fairlead.publish.chart.names import object_name
from fairlead.publish.chart.object_names import ObjectName
from fairlead.publish.chart.properties import default_text
from fairlead.records import record
from fairlead.resources.kubernetes import KubernetesEnvironment

_ANOTHER_VALUE = "Give another value where app.is_publish_mode"


@record
class Problem:
    """Why nothing can be reached: what its resource ``is not``, and what to do about it."""

    reason: str
    remedy: str


class Addresses:
    """The hosts of the Services of an app, for the pods of one environment.

    Args:
        here: The names of the resources that the environment has pods for.
        elsewhere: The other environments that each resource is published to.
        suffix: What follows the name of a Service of this environment, for pods in another namespace; None where
            that namespace is not known, and empty for the environment's own pods.
    """

    def __init__(
        self,
        here: Collection[str],
        elsewhere: Mapping[str, list[KubernetesEnvironment]],
        suffix: str | None = "",
    ) -> None:
        self._here = here
        self._elsewhere = elsewhere
        self._suffix = suffix

    def from_outside(self, namespace: str | None) -> Addresses:
        """The same for pods in another namespace.

        Args:
            namespace: The namespace of the environment; None where the definition does not name it.
        """
        return Addresses(self._here, self._elsewhere, f".{namespace}.svc" if namespace else None)

    def is_here(self, resource: Resource) -> bool:
        """Whether a resource has pods in this environment."""
        return resource.name in self._here

    def other(self, resource: Resource) -> KubernetesEnvironment | None:
        """The only other environment with this resource, if its namespace is known.

        None if the resource is here or in several others.
        """
        found = self._elsewhere.get(resource.name, [])
        is_reachable = not self.is_here(resource) and len(found) == 1 and default_text(found[0].properties.namespace)
        return found[0] if is_reachable else None

    def host(self, resource: Resource) -> str:
        """The host name of a resource's Service, with the namespace where that is another environment's."""
        name, other = object_name(resource.name), self.other(resource)
        if other is not None:
            return f"{name}.{default_text(other.properties.namespace)}.svc"
        return f"{name}{self._suffix}" if self._suffix else ObjectName("Service", name)

    def problem(self, resource: Resource) -> Problem | None:
        """Why a resource can't be reached from here; None where it can."""
        if self.is_here(resource) and self._suffix is None:
            return Problem(
                "is in a namespace that the definition does not name",
                "Name it: with_properties(namespace=…) of its environment.",
            )
        if self.is_here(resource) or self.other(resource) is not None:
            return None
        names = [environment.name for environment in self._elsewhere.get(resource.name, [])]
        if not names:
            return Problem("is not published", f"{_ANOTHER_VALUE}, or publish both.")
        if len(names) > 1:
            return Problem(
                f"is published to {listing(names)}, and not to this environment",
                f"{_ANOTHER_VALUE}, or publish it here too: with_compute_environment(…).",
            )
        return Problem(
            f"is published to {names[0]!r}, in a namespace that the definition does not name",
            f"Name it: {names[0]}.with_properties(namespace=…).",
        )


def elsewhere(app: App, environment: KubernetesEnvironment) -> dict[str, list[KubernetesEnvironment]]:
    """The other environments that each resource with pods is published to.

    Args:
        app: The app.
        environment: The environment that is not among them.
    """
    found: dict[str, list[KubernetesEnvironment]] = {}
    for resource in app:
        workload = resource.parent if resource.created_by_job else resource
        if isinstance(workload, Workload) and not is_excluded(resource):
            found[resource.name] = [
                other
                for other in workload.compute_environments
                if isinstance(other, KubernetesEnvironment) and other is not environment
            ]
    return found


def is_excluded(resource: Resource) -> bool:
    """Whether the definition leaves a resource out, by itself or with what it is a part of."""
    above: Resource | None = resource
    while above is not None:
        if above.excluded_from_manifest:
            return True
        above = above.parent
    return False
