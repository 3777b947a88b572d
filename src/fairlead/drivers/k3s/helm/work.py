"""What one start of a Helm release does: it recovers, leaves alone, installs or upgrades the release."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from fairlead.drivers.k3s.helm.access import HelmAccess
from fairlead.drivers.k3s.helm.charts import chart_cache, local_chart, local_digest
from fairlead.drivers.k3s.helm.credentials import HelmNeeds
from fairlead.drivers.k3s.helm.plan import FIELDS, REVISION, Plan, plan_release
from fairlead.drivers.k3s.helm.progress import explain_release, follow_release, missing_objects, rolled_out_objects
from fairlead.drivers.k3s.helm.values import release_values
from fairlead.drivers.k3s.link import ClusterLink
from fairlead.drivers.k3s.own_labels import APP, app_labels, own_labels
from fairlead.drivers.k3s.rollout.waiting import wait_for_rollout
from fairlead.engines.helm import Chart, Helm, HelmError, ReleaseSpec
from fairlead.engines.helm.chart_folder import missing_dependencies
from fairlead.engines.helm.records import ReleaseRecord, annotate_record, read_records
from fairlead.engines.kube import ObjectKind, ObjectRef
from fairlead.engines.tasks import TaskScope
from fairlead.errors import EngineError, StartError
from fairlead.model.driving.driver_context import DriverContext
from fairlead.resources.k3s.helm_release import HelmRelease

UNINSTALL_SECONDS: Final = 60.0
"""Seconds in which the objects of a release have to be gone that is uninstalled."""
_MARGIN_SECONDS: Final = 20.0
"""Seconds that Helm has beyond its time to say itself that it is over."""
_WATCH_SECONDS: Final = 1.0
"""Seconds between two looks at a release that another process is at."""
_NAMESPACE: Final = ObjectKind("v1", "Namespace")


def needs_of(release: HelmRelease) -> HelmNeeds:
    """The Helm that a release is uninstalled by, as it is installed by."""
    return HelmNeeds(image=str(release.cluster.helm_image), on_host=release.helm_runner == "host")


class ReleaseWork:
    """What one start of a release does.

    Args:
        context: The start.
        release: The release.
        link: Its cluster.
        access: Opens Helm.
    """

    def __init__(self, context: DriverContext, release: HelmRelease, link: ClusterLink, access: HelmAccess) -> None:
        self._context = context
        self._release = release
        self._link = link
        self._access = access
        self._deadline = time.monotonic() + release.timeout
        self._is_restart = context.is_restart
        without = "servicelb" in release.cluster.disabled_components
        #: Why Services of the type LoadBalancer get no address.
        self._without_addresses = 'with_disabled_component("servicelb") leaves out what gives it one' if without else ""

    async def do(self) -> None:
        """See to it that the release is as it is declared.

        Raises:
            StartError: It can't be, or not in time.
            EngineError: Helm, the engine or the cluster's API refuses or does not answer.
        """
        try:
            async with asyncio.timeout(self._release.timeout + _MARGIN_SECONDS), AsyncExitStack() as stack:
                await self._do(stack)
        except TimeoutError:
            raise await self._late("") from None

    async def _do(self, stack: AsyncExitStack) -> None:
        local = await asyncio.to_thread(local_chart, self._context, self._release)
        values = await release_values(self._context, self._release)
        await self._require_namespace()
        fields = self._context.field_hashes(await self._fields(local, values))
        helm: Helm | None = None
        while (plan := await self._plan(fields)).step != "keep":
            if plan.reason:
                self._context.log(plan.reason)
            if plan.step == "wait":
                await self._wait_for_others()
                continue
            if helm is None:
                needs = await asyncio.to_thread(self._needs, local)
                helm = await stack.enter_async_context(self._access.open(self._context, self._link, needs))
            if plan.step in ("install", "upgrade"):
                await self._roll_out(helm, plan, local, values)
                await self._record(fields)
                return
            await self._recover(helm, plan)

    # What is wanted

    async def _fields(self, local: Path | None, values: dict[str, Any]) -> dict[str, Any]:
        """The parts that it is made from, by name."""
        release = self._release
        chart = (release.repo, release.chart) if local is None else await asyncio.to_thread(local_digest, local)
        return {"chart": chart, "version": release.version, "values": values}

    def _needs(self, local: Path | None) -> HelmNeeds:
        """The Helm that installs it, with what that may have to fetch."""
        needs = needs_of(self._release)
        if local is None:
            return replace(needs, chart=self._release.chart, repository=self._release.repo)
        missing = missing_dependencies(local) if local.is_dir() else []
        return replace(needs, dependencies=tuple(one.repository for one in missing if one.path is None))

    async def _require_namespace(self) -> None:
        name = self._release.namespace
        if not self._release.create_namespace and await self._link.api.get(ObjectRef(_NAMESPACE, name)) is None:
            raise StartError(
                f"its namespace {name} is not there",
                remedy="Leave create_namespace=False out, or wait for what creates it: wait_for_completion(manifest).",
            )

    # What is there

    async def _records(self) -> list[ReleaseRecord]:
        release = self._release
        return await read_records(self._link.api, namespace=release.namespace, name=release.release_name)

    async def _plan(self, fields: dict[str, str]) -> Plan:
        records = await self._records()
        plan = plan_release(
            records,
            fields,
            app=app_labels(self._context.app_id)[APP],
            now=time.time(),
            is_restart=self._is_restart,
        )
        if plan.step != "keep":
            return plan
        objects = rolled_out_objects(records[-1])
        if missing := await missing_objects(self._link.api, objects):
            return Plan("upgrade", f"Upgrading, as it has lost {', '.join(map(str, missing))}")
        self._context.log(f"Nothing has changed since revision {records[-1].revision}")
        self._report(records[-1])
        if self._release.awaits_rollout:
            await wait_for_rollout(self._link.api, objects, self._seconds_left, self._tell)
            self._tell(None)
        return plan

    # What is done

    async def _roll_out(self, helm: Helm, plan: Plan, local: Path | None, values: dict[str, Any]) -> None:
        release = self._release
        spec = ReleaseSpec(
            name=release.release_name,
            namespace=release.namespace,
            chart=await self._chart(helm, local),
            values=values,
            create_namespace=release.create_namespace,
            wait=release.awaits_rollout,
            timeout=self._seconds_left,
            labels=await self._labels(),
        )
        progress = TaskScope(f"progress of {release.name}")
        progress.spawn(
            follow_release(self._link.api, spec.name, spec.namespace, self._without_addresses, self._tell), "pods"
        )
        try:
            operation = helm.install if plan.step == "install" else helm.upgrade
            await operation(spec, self._write)
        except HelmError as error:
            raise await self._failure(error) from error
        finally:
            await progress.close()
            self._tell(None)

    async def _chart(self, helm: Helm, local: Path | None) -> Chart:
        """The chart as an archive or folder of this machine."""
        cache, release = chart_cache(self._context), self._release
        if local is not None:
            path = await cache.built(helm, local, self._write) if local.is_dir() else local
            return Chart(str(path))
        chart = Chart(release.chart, release.repo, release.version)
        files = await asyncio.to_thread(self._access.read_files)
        if release.repo is None:
            files.require(release.chart)
        elif (name := files.repository_at(release.repo)) is not None:  # with the user's credentials
            chart = Chart(f"{name}/{release.chart}", None, release.version)
        return Chart(str(await cache.fetched(helm, chart, self._write)))

    async def _labels(self) -> dict[str, str]:
        """Labels of the release: whose it is, and which revision this operation makes."""
        records = await self._records()
        revision = records[-1].revision + 1 if records else 1
        return own_labels(self._context, outlives_run=True) | {REVISION: str(revision)}

    async def _record(self, fields: dict[str, str]) -> None:
        """Note what the revision was made from, by which the next start sees whether anything has changed."""
        record = (await self._records())[-1]
        self._report(record)
        with suppress(EngineError):  # another process is at it: then the next start upgrades it
            await annotate_record(self._link.api, record, {FIELDS: json.dumps(fields)})

    async def _recover(self, helm: Helm, plan: Plan) -> None:
        release = self._release
        if plan.step == "rollback":
            await helm.rollback(release.release_name, release.namespace, plan.revision, self._write)
        else:
            await helm.uninstall(release.release_name, release.namespace, wait_seconds=UNINSTALL_SECONDS)

    async def _wait_for_others(self) -> None:
        """Return when another process that is at it has ended, or has had its time."""
        while True:
            if plan_release(await self._records(), {}, app="", now=time.time()).step != "wait":
                return
            await asyncio.sleep(_WATCH_SECONDS)

    # What is told

    @property
    def _seconds_left(self) -> float:
        return max(1.0, self._deadline - time.monotonic())

    def _write(self, lines: list[bytes]) -> None:
        self._context.write_lines("stdout", lines)

    def _tell(self, progress: str | None) -> None:
        """Show what it waits for; None for nothing."""
        self._context.report(progress=progress)
        if progress is not None:
            self._context.log(progress)

    def _report(self, record: ReleaseRecord) -> None:
        self._context.report(revision=record.revision, chart=record.chart or self._release.chart)

    async def _failure(self, error: HelmError) -> StartError:
        """Why it failed: Helm's words, and the reasons of the pods."""
        if "deadline exceeded" in error.message or "timed out waiting" in error.message:
            return await self._late(error.message)
        reason = await self._explain()
        return StartError(f"{error.message}; {reason}" if reason else error.message, remedy=error.remedy)

    async def _late(self, words: str) -> StartError:
        reason = await self._explain()
        told = f" (Helm: {words})" if words else ""
        return StartError(f"not rolled out within {self._release.timeout:g} s{f': {reason}' if reason else ''}{told}")

    async def _explain(self) -> str:
        release = self._release
        return await explain_release(self._link.api, release.release_name, release.namespace, self._without_addresses)
