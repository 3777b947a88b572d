"""A cluster for code without an event loop: the methods of ``Cluster`` and ``Namespace``, which block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from fairlead.engines.kube import Object
from fairlead.testing.kubernetes.clusters import Cluster, Namespace
from fairlead.testing.kubernetes.objects import Condition, Manifest, Objects
from fairlead.testing.loop_thread import LoopThread


class BlockingObjects:
    """The objects of a cluster or of one of its namespaces; see :class:`Objects`.

    Args:
        objects: The same for an event loop.
        thread: The thread of that loop.
    """

    def __init__(self, objects: Objects, thread: LoopThread) -> None:
        self._objects = objects
        self._thread = thread

    def apply(self, manifest: Manifest) -> list[Object]:
        """Create or change objects; see :meth:`Objects.apply`.

        Args:
            manifest: An object, several, YAML as text, or the path of a file or folder with YAML.
        """
        return self._thread.run(self._objects.apply(manifest))

    def get(self, kind: str, name: str) -> Object | None:
        """An object, or None.

        Args:
            kind: Its kind.
            name: Its name.
        """
        return self._thread.run(self._objects.get(kind, name))

    def list(self, kind: str, labels: Mapping[str, str] | None = None) -> list[Object]:
        """The objects of a kind, by name.

        Args:
            kind: Their kind.
            labels: Labels that they carry.
        """
        return self._thread.run(self._objects.list(kind, labels))

    def delete(self, kind: str, name: str) -> bool:
        """Delete an object, and return whether it was there.

        Args:
            kind: Its kind.
            name: Its name.
        """
        return self._thread.run(self._objects.delete(kind, name))

    def wait_for(self, kind: str, name: str, condition: Condition | None = None, timeout: float = 60) -> Object:
        """Block until an object is there and meets a condition; see :meth:`Objects.wait_for`.

        Args:
            kind: Its kind.
            name: Its name.
            condition: Is called with the object, in another thread.
            timeout: Seconds.
        """
        return self._thread.run(self._objects.wait_for(kind, name, condition, timeout))

    def wait_gone(self, kind: str, name: str, timeout: float = 60) -> None:
        """Block until an object is not there; see :meth:`Objects.wait_gone`.

        Args:
            kind: Its kind.
            name: Its name.
            timeout: Seconds.
        """
        self._thread.run(self._objects.wait_gone(kind, name, timeout))


class BlockingNamespace(BlockingObjects):
    """A namespace; see :class:`Namespace`.

    Args:
        namespace: The same for an event loop.
        thread: The thread of that loop.
    """

    def __init__(self, namespace: Namespace, thread: LoopThread) -> None:
        super().__init__(namespace, thread)
        self.name: str = namespace.name
        #: The path of a file that only this user can read; for ``KUBECONFIG``.
        self.kubeconfig: Path = namespace.kubeconfig


class BlockingCluster(BlockingObjects):
    """A cluster that is up; see :class:`Cluster`.

    Args:
        cluster: The same for an event loop.
        thread: The thread of that loop.
    """

    def __init__(self, cluster: Cluster, thread: LoopThread) -> None:
        super().__init__(cluster, thread)
        self._cluster = cluster
        self.name: str = cluster.name
        #: The path of a file that only this user can read; for ``KUBECONFIG``.
        self.kubeconfig: Path = cluster.kubeconfig

    @contextmanager
    def namespace(
        self, prefix: str = "test", *, labels: Mapping[str, str] | None = None
    ) -> Iterator[BlockingNamespace]:
        """Create a namespace whose name no other has, and delete it when the block ends; see :meth:`Cluster.namespace`.

        Args:
            prefix: What its name begins with.
            labels: Labels that it carries.
        """
        making = self._cluster.namespace(prefix, labels=labels)
        namespace = self._thread.run(making.__aenter__())
        try:
            yield BlockingNamespace(namespace, self._thread)
        finally:
            self._thread.run(making.__aexit__(None, None, None))

    def in_namespace(self, name: str) -> BlockingNamespace:
        """A namespace that is there; it stays.

        Args:
            name: Its name.
        """
        return BlockingNamespace(self._cluster.in_namespace(name), self._thread)
