"""Services that run elsewhere, seen from a cluster."""

from __future__ import annotations

from fairlead.model.resource import Resource
from fairlead.model.values.value import Value, ValueLike
from fairlead.publish.cluster_kind import ClusterKind
from fairlead.resources.external import ExternalService


class ExternalClusterKind(ClusterKind):
    """A service that somebody else runs: each cluster may use another one, so its address is a parameter."""

    def parameter_comment(self, provider: Resource, value: ValueLike) -> str | None:
        """Its address, where that is plain text."""
        assert isinstance(provider, ExternalService)
        is_address = not isinstance(value, Value) and value is provider.url
        return "The address of a service that somebody else runs." if is_address else None
