"""A k3s cluster that is up at once and has an API in memory, for what is declared in clusters."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from fairlead.drivers.containers.engine import engine_of
from fairlead.drivers.k3s.helm.access import HelmAccess
from fairlead.drivers.k3s.helm.credentials import HelmFiles, HelmNeeds
from fairlead.drivers.k3s.link import ClusterLink, ClusterLinks
from fairlead.engines.helm import Helm
from fairlead.engines.kube import KubernetesApi
from fairlead.model.driving.driver import Driver, StopReason
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.endpoints.consumer import Network
from fairlead.resources.k3s.cluster import K3sCluster


class FakeCluster(K3sCluster):
    """A cluster whose API the test gives it."""

    driver = "tests.support.fake_cluster:FakeClusterDriver"

    def __init__(
        self,
        name: str,
        api: KubernetesApi,
        helm: Helm | None = None,
        *,
        network: str = "net",
        kubeconfigs: Mapping[Network, Mapping[str, Any]] | None = None,
    ) -> None:
        super().__init__(name)
        self.api = api
        self.helm = helm
        self.node_network = network
        self.kubeconfigs = kubeconfigs or {}
        #: What each Helm was opened for.
        self.helm_needs: list[HelmNeeds] = []


class FakeClusterDriver(Driver):
    """Makes a cluster known to its parts, and starts nothing."""

    async def start(self, context: DriverContext) -> None:
        """Put the link."""
        cluster = context.resource
        assert isinstance(cluster, FakeCluster)
        self._name = cluster.name
        self._links = await context.shared(ClusterLinks, ClusterLinks.make)
        if cluster.helm is not None:
            await context.shared(HelmAccess, partial(_access, cluster, cluster.helm))
        engine = await engine_of(context)
        self._links.put(
            ClusterLink(
                cluster.name, cluster.api, engine, {cluster.name: "0"}, cluster.node_network, cluster.kubeconfigs
            )
        )

    async def stop(self, reason: StopReason) -> None:
        """Take the link."""
        self._links.take(self._name)


async def _access(cluster: FakeCluster, helm: Helm) -> HelmAccess:
    """The test's Helm for all releases of the run."""

    @asynccontextmanager
    async def open_helm(context: DriverContext, link: ClusterLink, needs: HelmNeeds) -> AsyncIterator[Helm]:
        cluster.helm_needs.append(needs)
        yield helm

    return HelmAccess(open_helm, HelmFiles)
