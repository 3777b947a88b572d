"""How a program's pods are placed, labelled and confined in a cluster, and how its Service is seen from outside it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Literal, Self, get_args

from fairlead.model.argument_checks import KEY_REMEDY, kind_of
from fairlead.model.kubernetes.annotations import Annotation
from fairlead.model.kubernetes.probes import ProbedWorkload
from fairlead.model.locations import Location, mistake, user_location
from fairlead.model.names import is_label_key, is_label_value, listing
from fairlead.model.values.value import Value
from fairlead.records import record

TaintEffect = Literal["NoSchedule", "PreferNoSchedule", "NoExecute"]
ServiceKind = Literal["ClusterIP", "NodePort", "LoadBalancer"]
#: The label of nodes by which pods are spread over nodes, and that by which they are over zones.
NODE, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"
_CAPABILITY = "[A-Z][A-Z_]*"


@record
class TopologySpread:
    """How evenly pods are spread over the values of a label of nodes."""

    topology_key: str
    max_skew: int
    required: bool


@record
class PodAffinity:
    """Whether pods are on the nodes, or in the zones, of another workload's pods; without weight they have to be.

    ``target`` is None for the workload itself.
    """

    target: PodOptions | None
    is_near: bool
    topology_key: str
    weight: int | None


@record
class ServiceOptions:
    """What a Service has besides the ports of its program. ``ports`` are the endpoints of further ones."""

    type: ServiceKind | None = None
    annotations: Mapping[str, str | Value] = MappingProxyType({})
    ports: Mapping[int, str] = MappingProxyType({})
    where: Location | None = None


class PodOptions(ProbedWorkload):
    """A workload whose pods and Service in a cluster can be described further. A run takes no notice of it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        #: What values.yaml has under ``pods``: fields of pods and containers, by their names there.
        self.pod_fields: dict[str, Any] = {}
        #: The annotations of pods that are only known when the chart is installed.
        self.pod_annotations: dict[str, Annotation] = {}
        self.spreads: list[TopologySpread] = []
        self.affinities: list[PodAffinity] = []
        self.service = ServiceOptions()

    def with_toleration(
        self,
        key: str | None = None,
        value: str | None = None,
        *,
        effect: TaintEffect | None = None,
        seconds: int | None = None,
    ) -> Self:
        """Let its pods run on nodes with a taint.

        Args:
            key: The taint's key; by default that of any taint.
            value: The taint's value; by default any.
            effect: The taint's effect; by default any.
            seconds: For ``NoExecute``: how long they stay on a node that gets the taint; by default for ever.
        """
        self._declare("with_toleration")
        valid = key is None or self._label_key("with_toleration", key)
        valid &= value is None or (key is not None and self._label_value("with_toleration", value))
        if value is not None and key is None:
            mistake("with_toleration() got a value and no key", resource=self.name, remedy="Give the taint's key.")
        valid &= effect is None or self._one_of("with_toleration", "effect", effect, get_args(TaintEffect))
        valid &= seconds is None or self._number("with_toleration", "seconds", seconds, 0)
        if valid:
            fields: dict[str, str | int | None] = {
                "key": key,
                "operator": "Exists" if value is None else "Equal",
                "value": value,
            }
            fields |= {"effect": effect, "tolerationSeconds": seconds}
            self.pod_fields.setdefault("tolerations", []).append(_given(fields))
        return self

    def with_node_selector(self, labels: Mapping[str, str]) -> Self:
        """Run its pods only on nodes with these labels.

        Args:
            labels: The labels; several calls add up.
        """
        self._declare("with_node_selector")
        if self._labels("with_node_selector", labels):
            self.pod_fields.setdefault("nodeSelector", {}).update(labels)
        return self

    def with_node_affinity(self, key: str, *values: str, weight: int | None = None) -> Self:
        """Run its pods on nodes that have one of several values of a label.

        Args:
            key: The label.
            *values: Its values; none for nodes that have the label at all.
            weight: From 1 to 100, how much such nodes are preferred; by default pods run on no others.
        """
        self._declare("with_node_affinity")
        valid = self._label_key("with_node_affinity", key) & self._weight("with_node_affinity", weight)
        valid &= all([self._label_value("with_node_affinity", value) for value in values])
        if not valid:
            return self
        expression = _given({"key": key, "operator": "In" if values else "Exists", "values": list(values) or None})
        node_affinity = self.pod_fields.setdefault("affinity", {}).setdefault("nodeAffinity", {})
        if weight is None:
            required = node_affinity.setdefault(_REQUIRED, {"nodeSelectorTerms": [{"matchExpressions": []}]})
            required["nodeSelectorTerms"][0]["matchExpressions"].append(expression)
        else:
            term = {"weight": weight, "preference": {"matchExpressions": [expression]}}
            node_affinity.setdefault(_PREFERRED, []).append(term)
        return self

    def with_affinity(self, other: PodOptions, *, topology_key: str = NODE, weight: int | None = None) -> Self:
        """Run its pods where pods of another workload run.

        Args:
            other: The other workload.
            topology_key: The label of nodes that both have to share; by default its name, so the same node.
            weight: From 1 to 100, how much that is preferred; by default pods run nowhere else.
        """
        return self._with_affinity("with_affinity", other, topology_key, weight, is_near=True)

    def with_anti_affinity(
        self, other: PodOptions | None = None, *, topology_key: str = NODE, weight: int | None = None
    ) -> Self:
        """Run its pods where no pods of another workload run, or no others of its own.

        Args:
            other: The other workload; by default itself.
            topology_key: The label of nodes that both must not share; by default their name, so not the same node.
            weight: From 1 to 100, how much that is preferred; by default pods run nowhere else.
        """
        return self._with_affinity("with_anti_affinity", other, topology_key, weight, is_near=False)

    def _with_affinity(
        self, method: str, other: PodOptions | None, topology_key: str, weight: int | None, *, is_near: bool
    ) -> Self:
        self._declare(method)
        valid = self._label_key(method, topology_key) & self._weight(method, weight)
        if not isinstance(other, PodOptions) and (other is not None or is_near):
            mistake(
                f"{method}() needs a workload, not {kind_of(other)}",
                resource=self.name,
                remedy="Pass what an add_…() returned.",
            )
        elif valid:
            self.affinities.append(PodAffinity(other, is_near, topology_key, weight))
        return self

    def with_topology_spread(self, topology_key: str = ZONE, *, max_skew: int = 1, required: bool = False) -> Self:
        """Spread its pods evenly over zones, or over what else a label of nodes tells.

        Args:
            topology_key: The label.
            max_skew: How many pods more there may be for one value of the label than for another.
            required: Whether a pod that would make it uneven has to wait; by default it runs all the same.
        """
        self._declare("with_topology_spread")
        valid = self._label_key("with_topology_spread", topology_key)
        valid &= self._number("with_topology_spread", "max_skew", max_skew, 1)
        strict = self._flag("with_topology_spread", "required", required)
        if valid:
            self.spreads.append(TopologySpread(topology_key, max_skew, strict))
        return self

    def with_priority_class(self, name: str) -> Self:
        """Give its pods a priority over others when there is no room for all.

        Args:
            name: A PriorityClass of the cluster.
        """
        self._declare("with_priority_class")
        if self._object_name("with_priority_class", "name", name):
            self.pod_fields["priorityClassName"] = name
        return self

    def with_pod_label(self, key: str, value: str) -> Self:
        """Label its pods, for what looks for pods by their labels.

        Args:
            key: The label.
            value: Its value.
        """
        self._declare("with_pod_label")
        is_label = self._label_key("with_pod_label", key) & self._label_value("with_pod_label", value)
        if is_label and self._is_free_key("with_pod_label", key):
            self.pod_fields.setdefault("labels", {})[key] = value
        return self

    def with_pod_annotation(self, key: str, value: str | Value) -> Self:
        """Annotate its pods, for what works on pods, such as sidecar injectors and scrapers of metrics.

        Args:
            key: The annotation.
            value: Its text; a parameter, or a ``ref`` with one in it.
        """
        self._declare("with_pod_annotation")
        valid = self._annotation("with_pod_annotation", key, value)
        if valid and self._is_free_key("with_pod_annotation", key):
            self._set_pod_annotation(key, value)
        return self

    def _set_pod_annotation(self, key: str, value: str | Value) -> None:
        """Text is what values.yaml has; a deferred value takes its place, and the other way round."""
        texts = self.pod_fields.setdefault("annotations", {})
        texts.pop(key, None)
        self.pod_annotations.pop(key, None)
        if isinstance(value, Value):
            self.pod_annotations[key] = Annotation(value, user_location())
        else:
            texts[key] = value
        if not texts:
            del self.pod_fields["annotations"]

    def with_security_context(
        self,
        *,
        run_as_user: int | None = None,
        run_as_group: int | None = None,
        run_as_non_root: bool | None = None,
        read_only_root_filesystem: bool | None = None,
        capabilities: Collection[str] | None = None,
        fs_group: int | None = None,
    ) -> Self:
        """Say as whom its container runs, and what it may do; what is not given is as the image needs it.

        Args:
            run_as_user: The id of the user.
            run_as_group: The id of the user's first group.
            run_as_non_root: Whether the cluster refuses to run it as root.
            read_only_root_filesystem: Whether it can write to its volumes only.
            capabilities: The Linux capabilities that it has, such as ``NET_BIND_SERVICE``; all others are dropped.
            fs_group: The id of the group that can write to its volumes.
        """
        self._declare("with_security_context")
        ids = {"runAsUser": run_as_user, "runAsGroup": run_as_group, "fsGroup": fs_group}
        flags = {"runAsNonRoot": run_as_non_root, "readOnlyRootFilesystem": read_only_root_filesystem}
        valid = [
            self._number("with_security_context", what, number, 0) for what, number in ids.items() if number is not None
        ]
        valid += [
            isinstance(flag, bool) or self._flag("with_security_context", what, flag)
            for what, flag in flags.items()
            if flag is not None
        ]
        added = None if capabilities is None else self._capabilities(capabilities)
        if not all(valid):
            return self
        del ids["fsGroup"]
        known = {
            **ids,
            **flags,
            "capabilities": None if added is None else _given({"drop": ["ALL"], "add": added or None}),
        }
        if container := _given(known):
            self.pod_fields.setdefault("securityContext", {}).update(container)
        if fs_group is not None:
            group = {"fsGroup": fs_group, "fsGroupChangePolicy": "OnRootMismatch"}
            self.pod_fields.setdefault("podSecurityContext", {}).update(group)
        return self

    def with_service(
        self,
        *,
        type: ServiceKind | None = None,
        annotations: Mapping[str, str | Value] | None = None,
        ports: Mapping[int, str] | None = None,
    ) -> Self:
        """Say how its Service is seen from outside the cluster.

        Args:
            type: ``ClusterIP``, ``NodePort`` or ``LoadBalancer``; by default that of the environment.
            annotations: Its annotations, by which clouds know which kind of load balancer to make; values of them may
                be deferred.
            ports: Further ports that it listens on, with the names of the endpoints that they lead to:
                ``{80: "http"}``. In the cluster its program is reached by its own port as well.
        """
        self._declare("with_service")
        valid = [type is None or self._one_of("with_service", "type", type, get_args(ServiceKind))]
        valid.append(self._annotations("with_service", annotations))
        if ports is not None and not isinstance(ports, Mapping):
            mistake(
                f"with_service() needs ports, not {kind_of(ports)}", resource=self.name, remedy="Write {80: 'http'}."
            )
            return self
        valid += [self._number("with_service", "a port", number, 1, 65535) for number in ports or {}]
        if all(valid):
            self.service = ServiceOptions(type, dict(annotations or {}), dict(ports or {}), user_location())
        return self

    def _given_values(self) -> Iterator[tuple[object, Location]]:
        """Also the annotations of its pods and its Service."""
        yield from super()._given_values()
        for annotation in self.pod_annotations.values():
            yield annotation.value, annotation.where
        for value in self.service.annotations.values():
            yield value, self.service.where or self.where

    def _finish(self) -> None:
        """Check that further ports of its Service lead to endpoints that it has."""
        super()._finish()
        unknown = [name for name in self.service.ports.values() if name not in self.endpoints]
        if unknown:
            mistake(
                f"with_service() leads a port to the endpoint {unknown[0]!r}, which it doesn't have",
                resource=self.name,
                where=self.service.where,
                remedy=f"Its endpoints are {listing(self.endpoints)}." if self.endpoints else "Declare the endpoint.",
            )

    def _capabilities(self, given: Collection[str]) -> list[str]:
        if not isinstance(given, Collection):
            mistake(
                f"with_security_context() needs capabilities, not {kind_of(given)}",
                resource=self.name,
                remedy="Write ['NET_BIND_SERVICE'].",
            )
            return []
        names = [given] if isinstance(given, str) else list(given)
        wrong = [name for name in names if not isinstance(name, str) or not re.fullmatch(_CAPABILITY, name)]
        if wrong:
            mistake(
                f"with_security_context() got {wrong[0]!r} as a capability",
                resource=self.name,
                remedy="Write it like 'NET_BIND_SERVICE', without CAP_.",
            )
        return [name for name in names if name not in wrong]

    def _weight(self, method: str, weight: object) -> bool:
        return weight is None or self._number(method, "weight", weight, 1, 100)

    def _labels(self, method: str, labels: object) -> bool:
        """Whether something can be labels of nodes or pods."""
        if not isinstance(labels, Mapping):
            mistake(
                f"{method}() needs labels, not {kind_of(labels)}", resource=self.name, remedy="Write {'key': 'value'}."
            )
            return False
        return all([self._label_key(method, key) & self._label_value(method, text) for key, text in labels.items()])

    def _label_key(self, method: str, key: object) -> bool:
        good = isinstance(key, str) and is_label_key(key)
        if not good:
            mistake(f"{method}() got {key!r} as the key of a label", resource=self.name, remedy=KEY_REMEDY)
        return good

    def _label_value(self, method: str, value: object) -> bool:
        good = isinstance(value, str) and is_label_value(value)
        if not good:
            mistake(
                f"{method}() got {value!r} as the value of a label",
                resource=self.name,
                remedy="Use up to 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends.",
            )
        return good


_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


def _given(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that are set."""
    return {key: value for key, value in fields.items() if value is not None}
