"""Installs, upgrades and uninstalls Helm releases."""

from __future__ import annotations

from fairlead.drivers.k3s.helm.access import HelmAccess
from fairlead.drivers.k3s.helm.work import UNINSTALL_SECONDS, ReleaseWork, needs_of
from fairlead.drivers.k3s.link import link_to
from fairlead.drivers.k3s.own_labels import APP, app_labels
from fairlead.engines.helm.records import read_records
from fairlead.model.driving.driver import Driver, StopReason
from fairlead.model.driving.driver_context import DriverContext
from fairlead.resources.k3s.helm_release import HelmRelease


class HelmReleaseDriver(Driver):
    """Brings a release into its cluster; it has ended when the release is deployed."""

    stop_timeout = UNINSTALL_SECONDS + 30.0

    def __init__(self) -> None:
        self._context: DriverContext | None = None

    @property
    def _started(self) -> tuple[DriverContext, HelmRelease]:
        assert self._context is not None
        assert isinstance(self._context.resource, HelmRelease)
        return self._context, self._context.resource

    async def start(self, context: DriverContext) -> None:
        """Show what is to be installed; the work is done by :meth:`wait`."""
        self._context = context
        context, release = self._started
        context.report(
            release=release.release_name, namespace=release.namespace, chart=release.chart, version=release.version
        )

    async def wait(self) -> int:
        """Do the work, and tell 0.

        Raises:
            StartError: Its chart or values can't be had, or it is not rolled out; with the reason of its pod.
            EngineError: Helm, the engine or the cluster's API refuses or does not answer.
        """
        context, release = self._started
        link = await link_to(context, release.cluster)
        access = await context.shared(HelmAccess, HelmAccess.make)
        await ReleaseWork(context, release, link, access).do()
        return 0

    async def stop(self, reason: StopReason) -> None:
        """Uninstall it where the user stops it in the middle; its cluster's end, and that of the run, leave it be."""
        if reason is StopReason.ASKED:
            await self.undo()

    async def undo(self) -> None:
        """Uninstall it, as the user stops it.

        Raises:
            StartError: Its cluster is not up.
            HelmError: Helm refuses.
        """
        context, release = self._started
        link = await link_to(context, release.cluster)
        records = await read_records(link.api, namespace=release.namespace, name=release.release_name)
        if not records:
            return
        if records[-1].labels.get(APP) != app_labels(context.app_id)[APP]:
            context.log(f"The release {release.release_name} was not installed by this app, and stays")
            return
        access = await context.shared(HelmAccess, HelmAccess.make)
        async with access.open(context, link, needs_of(release)) as helm:
            await helm.uninstall(release.release_name, release.namespace, wait_seconds=UNINSTALL_SECONDS)
        context.log(f"Uninstalled the release {release.release_name}")
