"""What `fairlead.testing` offers, and what importing it costs."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from typing import cast

import pytest

import fairlead.testing
from fairlead import AppBuilder, Apphost
from fairlead.drivers.containers.engine import EngineConnection
from fairlead.engines.containers import ContainerEngine
from fairlead.engines.helm import Helm
from fairlead.engines.kube import KubernetesApi
from fairlead.testing import InMemory, testing

NAMES = [
    "BlockingCluster",
    "BlockingNamespace",
    "BlockingRunning",
    "Cluster",
    "FakeEngine",
    "FakeHelm",
    "FakeKubernetesApi",
    "InMemory",
    "InMemoryDriver",
    "Namespace",
    "Running",
    "shared_cluster",
    "testing",
]


def test_the_names() -> None:
    """The names must be those listed here, no more and no fewer, also to `dir` and to a type checker."""
    source = inspect.getsource(fairlead.testing)
    typed = [line.split()[-1] for line in source.splitlines() if line.startswith("    from fairlead.")]

    assert sorted(getattr(fairlead.testing, "__all__", [])) == NAMES == sorted(typed)
    assert set(NAMES) <= set(dir(fairlead.testing))
    with pytest.raises(AttributeError, match="no attribute 'Mock'"):
        getattr(fairlead.testing, "Mock")  # noqa: B009


@pytest.mark.parametrize("name", NAMES)
def test_they_are_documented(name: str) -> None:
    """Every class, public method and argument must say what it is for."""
    value = getattr(fairlead.testing, name)
    members = [
        member
        for key, member in vars(value).items()
        if not key.startswith("_") and (inspect.isfunction(member) or isinstance(member, property))
    ]
    assert "__doc__" in vars(value) and value.__doc__
    assert [member for member in members if not inspect.getdoc(member)] == []
    for function in [value, *filter(inspect.isfunction, members)]:
        arguments = [each for each in inspect.signature(function).parameters if each != "self"]
        text = inspect.getdoc(function) or ""
        # What a driver or an engine is asked for is documented where the contract is.
        contracts = {*vars(ContainerEngine), *vars(KubernetesApi), *vars(Helm)}
        if len(arguments) > 1 and function.__name__ not in contracts:
            assert [each for each in arguments if f"{each}:" not in text] == []


def test_the_plugin_costs_next_to_nothing() -> None:
    """Every run of pytest loads the plugin, so it must bring nothing along that only an app needs."""
    program = (
        "import json, sys, pytest; before = set(sys.modules); import fairlead.testing.plugin;"
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    ours = {"fairlead", "fairlead.testing", "fairlead.testing.observers", "fairlead.testing.plugin"}
    assert {name for name in json.loads(ended.stdout) if name.partition(".")[0] in ("fairlead", "aiohttp")} == ours


async def test_engine_of_the_test() -> None:
    """Drivers must get the engine that the test gives; it stays open, as it is the test's."""

    class Closable:
        closed = False

        async def close(self) -> None:
            self.closed = True

    def define(app: AppBuilder) -> None:
        app.add(InMemory("api"))

    async def unwanted() -> EngineConnection:
        pytest.fail("another engine is connected to")

    engine = Closable()
    async with testing(Apphost(define, name="shop"), engine=cast(ContainerEngine, engine)) as app:
        connection = await app.host.run.shared.get(EngineConnection, unwanted)
        assert connection.engine is cast(object, engine)

    assert not engine.closed
