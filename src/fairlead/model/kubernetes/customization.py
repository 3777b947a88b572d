"""Handing the finished Kubernetes objects of a resource to the definition, which may do with them what it likes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Self

from fairlead.model.locations import Location, user_location
from fairlead.model.resource import Resource
from fairlead.records import record


class KubernetesObjects(dict[str, list[dict[str, Any]]]):
    """The objects of one resource as plain data, by their kinds.

    Change them in place, add kinds, or take some away. What is not known before the chart is installed is an opaque
    leaf, which can be moved and copied; deferred values of the definition may be put in as well.
    """

    def all(self) -> Iterator[dict[str, Any]]:
        """All the objects, kind by kind."""
        for objects in self.values():
            yield from objects

    def add(self, content: dict[str, Any]) -> None:
        """Add an object, which has to say its kind."""
        self.setdefault(content["kind"], []).append(content)

    @property
    def workload(self) -> dict[str, Any]:
        """What keeps the pods: the Deployment, StatefulSet, Job or other.

        Raises:
            LookupError: There is no such object any more.
        """
        found = [content for content in self.all() if _pod_template(content) is not None]
        if not found:
            raise LookupError("none of the objects has pods")
        return found[-1]

    @property
    def pod_spec(self) -> dict[str, Any]:
        """What its pods consist of."""
        template: dict[str, Any] = _pod_template(self.workload) or {}
        spec: dict[str, Any] = template["spec"]
        return spec

    @property
    def container(self) -> dict[str, Any]:
        """The container of the program."""
        container: dict[str, Any] = self.pod_spec["containers"][0]
        return container


def _pod_template(content: dict[str, Any]) -> dict[str, Any] | None:
    spec = content.get("spec")
    if isinstance(spec, dict) and "jobTemplate" in spec:
        spec = spec["jobTemplate"]["spec"]
    template = spec.get("template") if isinstance(spec, dict) else None
    return template if isinstance(template, dict) and isinstance(template.get("spec"), dict) else None


CustomizeCallback = Callable[[KubernetesObjects], object]


@record
class Customization:
    """One call of ``with_kubernetes_objects``.

    Args:
        function: What changes the objects.
        where: The line of the call.
        method: The name that the method was called by.
    """

    function: CustomizeCallback
    where: Location
    method: str


class CustomizableObjects(Resource):
    """A resource whose Kubernetes objects the definition can change."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.customizations: list[Customization] = []

    def with_kubernetes_objects(self, function: CustomizeCallback) -> Self:
        """Change the Kubernetes objects that it is published as.

        The function is called while the app is published, for each environment, when all objects are finished and
        before they are checked. In a run it is not called.

        Args:
            function: Gets the :class:`KubernetesObjects` and changes them in place; what it returns does not matter.
        """
        self._customize("with_kubernetes_objects", function)
        return self

    def publish_as_kubernetes_service(self, function: CustomizeCallback) -> Self:
        """Do what :meth:`with_kubernetes_objects` does; Aspire's name of it.

        Args:
            function: Gets the :class:`KubernetesObjects` and changes them in place; what it returns does not matter.
        """
        self._customize("publish_as_kubernetes_service", function)
        return self

    def _customize(self, method: str, function: CustomizeCallback) -> None:
        self._declare(method)
        if self._callable(method, function):
            self.customizations.append(Customization(function, user_location(), method))
