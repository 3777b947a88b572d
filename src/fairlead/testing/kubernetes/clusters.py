"""A cluster inside a test: its kubeconfig, its API, and a namespace for each test."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from fairlead.drivers.k3s.own_labels import FAIRLEAD, MANAGED_BY, RUN
from fairlead.engines.kube import KubernetesApi, ObjectKind, ObjectRef
from fairlead.engines.kube.client import connect
from fairlead.engines.kube.kubeconfig import Kubeconfig, dump, parse
from fairlead.errors import EngineUnavailable, UsageError
from fairlead.model.names import is_label
from fairlead.runtime.store.files import write_private
from fairlead.testing.kubernetes.objects import Objects

_NAMESPACE: Final = ObjectKind("v1", "Namespace")
_LONGEST_PREFIX: Final = 50


class Namespace(Objects):
    """A namespace; made by :meth:`Cluster.namespace` for a test, or by :meth:`Cluster.in_namespace`.

    Args:
        name: Its name.
        api: The cluster's API.
        kubeconfig: A kubeconfig with all rights, whose commands are for this namespace unless they say otherwise.
    """

    def __init__(self, name: str, api: KubernetesApi, kubeconfig: Path) -> None:
        super().__init__(api, name)
        self.name = name
        #: The path of a file that only this user can read; for ``KUBECONFIG``.
        self.kubeconfig = kubeconfig


class Cluster(Objects):
    """A cluster that is up, with all rights; made by :meth:`Running.cluster` and :class:`shared_cluster`.

    Its own methods are for objects of the cluster as a whole, such as a CustomResourceDefinition.

    Args:
        name: Its name in the app.
        api: Its API.
        kubeconfig: The path of its kubeconfig; those of namespaces are written beside it.
        run_id: The run that namespaces belong to.
    """

    def __init__(self, name: str, api: KubernetesApi, kubeconfig: Path, run_id: str) -> None:
        super().__init__(api)
        self.name = name
        #: The path of a file that only this user can read; for ``KUBECONFIG``.
        self.kubeconfig = kubeconfig
        self._run_id = run_id

    @classmethod
    async def open(cls, name: str, kubeconfig: Path, run_id: str) -> Cluster:
        """Connect to a cluster.

        Args:
            name: Its name in the app.
            kubeconfig: The path of its kubeconfig.
            run_id: The run that namespaces belong to.

        Raises:
            EngineError: The kubeconfig can't be used.
        """
        return cls(name, await connect(parse(kubeconfig.read_text(encoding="utf-8"))), kubeconfig, run_id)

    @asynccontextmanager
    async def namespace(
        self, prefix: str = "test", *, labels: Mapping[str, str] | None = None
    ) -> AsyncIterator[Namespace]:
        """Create a namespace whose name no other has, and delete it when the block ends.

        The deletion is not waited for: it takes a cluster seconds, and no later namespace has the name. What a killed
        test leaves goes with the run, or at the next start of a cluster that is kept.

        Args:
            prefix: What its name begins with.
            labels: Labels that it carries.

        Raises:
            UsageError: The prefix can't begin a name.
            WaitTimeout: The cluster does not make it usable within a minute.
        """
        if not is_label(prefix) or len(prefix) > _LONGEST_PREFIX:
            raise UsageError(
                f"{prefix!r} can't begin the name of a namespace",
                remedy=f"Use up to {_LONGEST_PREFIX} lower-case letters, digits and '-', beginning with a letter.",
            )
        name = f"{prefix}-{secrets.token_hex(4)}"
        owned = {MANAGED_BY: FAIRLEAD, RUN: self._run_id}
        metadata = {"name": name, "labels": {**(labels or {}), **owned}}
        try:
            await self.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
            namespace = self.in_namespace(name)
            await namespace.wait_for("ServiceAccount", "default")  # without it the cluster refuses pods
            yield namespace
        finally:
            self._kubeconfig_of(name).unlink(missing_ok=True)
            with suppress(EngineUnavailable):  # the cluster is gone, or goes
                await self.api.delete(ObjectRef(_NAMESPACE, name))

    def in_namespace(self, name: str) -> Namespace:
        """A namespace that is there, such as one that a manifest or a release of the app has created. It stays.

        Args:
            name: Its name.
        """
        path = self._kubeconfig_of(name)
        kubeconfig = parse(self.kubeconfig.read_text(encoding="utf-8"))
        write_private(path, dump(_for_namespace(kubeconfig, name)).encode())
        return Namespace(name, self.api, path)

    async def close(self) -> None:
        """Close the connection; namespaces that are still there stay."""
        await self.api.close()

    def _kubeconfig_of(self, namespace: str) -> Path:
        return self.kubeconfig.with_name(f"{self.kubeconfig.name}.{namespace}")


def _for_namespace(kubeconfig: Kubeconfig, namespace: str) -> Kubeconfig:
    """A kubeconfig whose commands are for a namespace unless they say otherwise."""
    contexts = [
        {**entry, "context": {**entry["context"], "namespace": namespace}} for entry in kubeconfig.get("contexts", ())
    ]
    return {**kubeconfig, "contexts": contexts}
