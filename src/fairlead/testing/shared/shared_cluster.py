"""Sharing a cluster among all test processes of a machine, and from one run of tests to the next."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from types import TracebackType

from fairlead.definition import Definition
from fairlead.errors import UsageError
from fairlead.model.app import App
from fairlead.model.endpoints.consumer import Mode
from fairlead.runtime.store.project_settings import TESTS, app_identity, find_settings
from fairlead.testing.arguments import check_parameters, given_names
from fairlead.testing.either_way import EitherWay
from fairlead.testing.kubernetes.blocking_cluster import BlockingCluster
from fairlead.testing.kubernetes.clusters import Cluster
from fairlead.testing.loop_thread import LoopThread
from fairlead.testing.shared.shared_order import SharedOrder
from fairlead.testing.shared.shared_run import SharedRun


class shared_cluster(EitherWay[Cluster, BlockingCluster]):
    """Use the cluster of an app together with all other test processes of this machine.

    ``with shared_cluster(shop, "k8s") as cluster:`` in a fixture of the session starts the cluster in a process of its
    own, or joins the one that runs, as with ``pytest -n``. It ends when the last test process has left or has died. One
    whose definition says ``Lifetime.PERSISTENT`` stays, for the next run of the tests; ``fairlead down`` removes it.

    It is apart from the cluster of ``fairlead run``, and so is all that the definition keeps besides.

    Args:
        apphost: The definition, at the top level of its file: another process imports it from there.
        name: The cluster.
        select: Names of further resources to start, with what they need, such as an operator; by default all that is
            declared in the cluster, such as its manifests and releases.
        exclude: Names of resources to do without; as for :class:`testing`.
        parameters: Values of parameters by name.
        timeout: Seconds that the cluster, and each of the selected resources, may take to be ready.
    """

    def __init__(
        self,
        apphost: Definition,
        name: str,
        *,
        select: Collection[str] = (),
        exclude: Collection[str] = (),
        parameters: Mapping[str, str] | None = None,
        timeout: float = 600,
    ) -> None:
        self._apphost = apphost
        self._name = name
        self._select = given_names("select", select)
        self._exclude = given_names("exclude", exclude)
        self._parameters = dict(parameters or {})
        self._timeout = timeout
        self._run: SharedRun | None = None
        self._cluster: Cluster | None = None

    def _blocking(self, entered: Cluster, thread: LoopThread) -> BlockingCluster:
        return BlockingCluster(entered, thread)

    async def __aenter__(self) -> Cluster:
        """Join the cluster, and wait until it and what is selected is ready.

        Raises:
            DefinitionError: The definition has mistakes.
            UsageError: There is no resource or parameter of a given name, the resource is no cluster, or other tests
                share it with other options.
            StartError: Its host does not start.
            ResourceFailed: It, or something that is selected, has failed.
            WaitTimeout: One of them is not ready in time.
        """
        app = self._apphost.build(Mode.RUN)
        check_parameters(app, self._parameters)
        names = _selected(app, self._name, self._select, self._exclude)
        app_id = app_identity(app, find_settings(app.directory), TESTS)
        self._run = await asyncio.to_thread(SharedRun.join, self._order(names), app_id)
        try:
            self._cluster = await self._open(self._run, names)
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self._cluster

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the cluster; it ends if this was the last process."""
        cluster, self._cluster = self._cluster, None
        run, self._run = self._run, None
        try:
            if cluster is not None:
                await cluster.close()
        finally:
            if run is not None:
                run.leave()

    async def _open(self, run: SharedRun, names: tuple[str, ...]) -> Cluster:
        snapshots = {name: await run.wait_ready(name, self._timeout) for name in names}
        kubeconfig = snapshots[names[0]]["properties"].get("kubeconfig")
        if not kubeconfig:
            raise UsageError("it is no cluster", resource=names[0])
        return await Cluster.open(names[0], Path(kubeconfig), run.run_id)

    def _order(self, names: tuple[str, ...]) -> SharedOrder:
        return SharedOrder(
            file=str(self._apphost.file),
            name=self._apphost.name,
            selected=names,
            excluded=self._exclude,
            parameters=self._parameters,
            search_path=tuple(path or os.getcwd() for path in sys.path),  # noqa: PTH109
        )


def _selected(app: App, name: str, select: tuple[str, ...], exclude: tuple[str, ...]) -> tuple[str, ...]:
    """The resources to start and to wait for, by their names in the model; the cluster is the first."""
    try:
        cluster, others, left_out = app[name], [app[other] for other in select], [app[other] for other in exclude]
    except LookupError as error:
        raise UsageError(str(error.args[0])) from None
    wanted = others or [child for child in cluster.children if not child.passive]
    names = (resource.name for resource in (cluster, *wanted) if resource not in left_out)
    return tuple(dict.fromkeys(names))
