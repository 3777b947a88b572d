"""What Helm releases and manifests have in common: objects that a run brings into a cluster, and is done with then."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar, TypeVar

from fairlead.model.argument_checks import kind_of
from fairlead.model.endpoints.placement import Placement
from fairlead.model.locations import mistake
from fairlead.model.names import is_label
from fairlead.model.resource import Resource
from fairlead.resources.k3s.server import K3sServer

P = TypeVar("P", bound=str)


class ClusterObjects(Resource):
    """Objects in a cluster, which it waits for by itself.

    Args:
        name: The resource's name.
        cluster: Its cluster.
        method: What declares it, for messages.
        wait: Whether it is finished only when its workloads are up.
        timeout: Seconds that it may take.
    """

    ready_when_finished: ClassVar[bool] = True

    def __init__(self, name: str, cluster: K3sServer, *, method: str, wait: bool, timeout: float) -> None:
        super().__init__(name)
        self.cluster = cluster
        #: Whether it is finished only when its workloads are up.
        self.awaits_rollout = self._flag(method, "wait", wait)
        self.timeout = float(timeout) if self._seconds(timeout) else 600.0
        self.wait_for(cluster)
        self.excluded_from_manifest = True

    @property
    def placement(self) -> Placement:
        """In its cluster, whose pods read the values that it is given."""
        return Placement.pod_of(self.cluster.name)

    def _seconds(self, timeout: object) -> bool:
        number = isinstance(timeout, (int, float)) and not isinstance(timeout, bool)
        if number and math.isfinite(timeout) and timeout > 0:  # type: ignore[arg-type, operator]
            return True
        mistake(
            f"timeout= needs seconds, not {timeout if number else kind_of(timeout)}",
            resource=self.name,
            remedy="Give a number above 0.",
        )
        return False

    def _namespace(self, method: str, name: object) -> bool:
        """Whether something can be the name of a namespace."""
        if not self._text(method, "namespace", name):
            return False
        if is_label(str(name)):
            return True
        mistake(
            f"{method}() got {name!r} as the name of a namespace",
            resource=self.name,
            remedy="Use up to 63 lower-case letters, digits and '-'; start and end with a letter or digit.",
        )
        return False

    def _published(self, method: str, publish_as: P | None, known: Sequence[str]) -> P | None:
        good = publish_as is None or self._one_of(method, "publish_as", publish_as, known)
        return publish_as if good else None
