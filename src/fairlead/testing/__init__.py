"""Run an app inside a test, and fakes to test kinds of resources with.

The names are loaded when they are asked for: the pytest plugin, which is below this package, is imported by every run
of pytest in an environment that has Fairlead, also where no test starts an app.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fairlead.testing.blocking import BlockingRunning as BlockingRunning
    from fairlead.testing.fakes.fake_engine import FakeEngine as FakeEngine
    from fairlead.testing.fakes.fake_helm import FakeHelm as FakeHelm
    from fairlead.testing.fakes.fake_kubernetes import FakeKubernetesApi as FakeKubernetesApi
    from fairlead.testing.kubernetes.blocking_cluster import BlockingCluster as BlockingCluster
    from fairlead.testing.kubernetes.blocking_cluster import BlockingNamespace as BlockingNamespace
    from fairlead.testing.kubernetes.clusters import Cluster as Cluster
    from fairlead.testing.kubernetes.clusters import Namespace as Namespace
    from fairlead.testing.memory import InMemory as InMemory
    from fairlead.testing.memory import InMemoryDriver as InMemoryDriver
    from fairlead.testing.run import testing as testing
    from fairlead.testing.running import Running as Running
    from fairlead.testing.shared.shared_cluster import shared_cluster as shared_cluster

# Where each of them is; the same as above, as a test sees to.
_HOME = {
    "BlockingCluster": "fairlead.testing.kubernetes.blocking_cluster",
    "BlockingNamespace": "fairlead.testing.kubernetes.blocking_cluster",
    "BlockingRunning": "fairlead.testing.blocking",
    "Cluster": "fairlead.testing.kubernetes.clusters",
    "FakeEngine": "fairlead.testing.fakes.fake_engine",
    "FakeHelm": "fairlead.testing.fakes.fake_helm",
    "FakeKubernetesApi": "fairlead.testing.fakes.fake_kubernetes",
    "InMemory": "fairlead.testing.memory",
    "InMemoryDriver": "fairlead.testing.memory",
    "Namespace": "fairlead.testing.kubernetes.clusters",
    "Running": "fairlead.testing.running",
    "shared_cluster": "fairlead.testing.shared.shared_cluster",
    "testing": "fairlead.testing.run",
}

if not TYPE_CHECKING:
    __all__ = [*_HOME]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOME[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
