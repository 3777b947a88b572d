"""Uninstalls what an app has installed in a cluster that stays, and does not declare any more."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from fairlead.drivers.k3s.helm.access import HelmAccess
from fairlead.drivers.k3s.helm.credentials import HelmNeeds
from fairlead.drivers.k3s.link import ClusterLink
from fairlead.drivers.k3s.own_labels import RESOURCE, app_labels
from fairlead.engines.helm.records import ReleaseRecord, read_records
from fairlead.errors import EngineError, StartError
from fairlead.model.driving.driver_context import DriverContext
from fairlead.resources.k3s.helm_release import HelmRelease
from fairlead.resources.k3s.server import K3sServer


async def prune_releases(context: DriverContext, link: ClusterLink, declared: Collection[HelmRelease]) -> None:
    """Uninstall the releases of the app that are not declared in the cluster any more. What fails is logged.

    Args:
        context: The start of the cluster.
        link: The cluster.
        declared: Its releases.
    """
    cluster = context.resource
    assert isinstance(cluster, K3sServer)
    try:
        records = await read_records(link.api, labels=app_labels(context.app_id))
        undeclared = undeclared_releases(records, declared)
        if not undeclared:
            return
        access = await context.shared(HelmAccess, HelmAccess.make)
        on_host = bool(declared) and all(release.helm_runner == "host" for release in declared)
        async with access.open(context, link, HelmNeeds(image=str(cluster.helm_image), on_host=on_host)) as helm:
            for record in undeclared:
                context.log(
                    f"Uninstalling the release {record.name} in {record.namespace}, which is not declared any more "
                    f"(it was {record.labels.get(RESOURCE, record.name)})"
                )
                await helm.uninstall(record.name, record.namespace, wait_seconds=None)
    except (EngineError, StartError) as error:
        context.log(f"A release that is not declared any more is left in the cluster: {error.message}")


def undeclared_releases(records: Iterable[ReleaseRecord], declared: Iterable[HelmRelease]) -> list[ReleaseRecord]:
    """The last record of each release that is not declared. Pure."""
    known = {(release.namespace, release.release_name) for release in declared}
    last = {(record.namespace, record.name): record for record in records}
    return [record for key, record in last.items() if key not in known and record.status != "uninstalled"]
