"""Takes what service endpoints have left in a cluster out of it, once they are declared no longer."""

from __future__ import annotations

from collections.abc import Iterable

from fairlead.drivers.k3s.endpoints.node_port_service import FOR_SERVICE, SERVICE
from fairlead.drivers.k3s.link import ClusterLink
from fairlead.drivers.k3s.own_labels import RESOURCE, app_labels, cut
from fairlead.engines.kube import ObjectRef
from fairlead.errors import EngineError
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.resource import Resource
from fairlead.resources.k3s.service_endpoint import ServiceEndpoint


async def prune_service_endpoints(context: DriverContext, link: ClusterLink, declared: Iterable[Resource]) -> None:
    """Remove the Services of endpoints that are not declared any more, or are in another namespace now.

    Args:
        context: The start of the cluster.
        link: The cluster.
        declared: What is declared in it.
    """
    endpoints = {(cut(each.name), each.namespace) for each in declared if isinstance(each, ServiceEndpoint)}
    try:
        for service in (await link.api.list(SERVICE, labels=app_labels(context.app_id))).items:
            metadata = service["metadata"]
            resource = metadata["labels"].get(RESOURCE)
            is_endpoints = FOR_SERVICE in metadata.get("annotations", {})  # and not a manifest's
            if is_endpoints and (resource, metadata["namespace"]) not in endpoints:
                context.log(
                    f"Removing what the service endpoint {resource} has left in namespace {metadata['namespace']}"
                )
                await link.api.delete(ObjectRef(SERVICE, metadata["name"], metadata["namespace"]))
    except EngineError as error:
        context.log(f"What service endpoints have left in it can't be removed: {error.message}")
