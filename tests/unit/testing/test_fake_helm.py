"""The fake Helm, which has to behave as the real one does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import yaml

from fairlead.engines.helm import Chart, Helm, HelmError, ReleaseSpec
from fairlead.engines.helm.records import read_records
from fairlead.engines.kube import ObjectKind, ObjectRef
from fairlead.testing import FakeHelm, FakeKubernetesApi

CONFIG = ObjectKind("v1", "ConfigMap")


def render(spec: ReleaseSpec) -> Iterator[dict[str, Any]]:
    for name in spec.values.get("names", ["settings"]):
        yield {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"release": spec.name}}
    yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "extra", "namespace": None}}


def spec(version: str | None = None, **values: Any) -> ReleaseSpec:
    return ReleaseSpec(name="web", namespace="shop", chart=Chart("charts/web", version=version), values=values)


@pytest.fixture
def api() -> FakeKubernetesApi:
    return FakeKubernetesApi()


@pytest.fixture
def helm(api: FakeKubernetesApi) -> FakeHelm:
    helm = FakeHelm(api)
    helm.add_chart("charts/web", "1.0.0", render)
    return helm


def ignore(lines: list[bytes]) -> None:
    """Take output that no test looks at."""


async def names(api: FakeKubernetesApi) -> list[str]:
    return [obj["metadata"]["name"] for obj in (await api.list(CONFIG, namespace="shop")).items]


async def test_a_release_from_its_installation_to_its_end(helm: FakeHelm, api: FakeKubernetesApi) -> None:
    """A release must be installed once, upgraded by revisions with its objects, and leave nothing when it is gone."""
    contract: Helm = helm
    lines: list[bytes] = []
    assert await contract.status("web", "shop") is None
    await contract.install(spec(), lines.extend)
    release = await contract.status("web", "shop")
    assert release is not None
    assert (release.revision, release.status, release.chart) == (1, "deployed", "web-1.0.0")
    assert lines[-1] == b"STATUS: deployed"
    assert await names(api) == ["settings"]
    with pytest.raises(HelmError, match="cannot re-use a name that is still in use"):
        await contract.install(spec(), ignore)
    await contract.upgrade(spec(names=["other"]), ignore)
    assert [(one.revision, one.status) for one in await contract.history("web", "shop")] == [
        (1, "superseded"),
        (2, "deployed"),
    ]
    assert await names(api) == ["other"]
    assert await contract.uninstall("web", "shop")
    assert not await contract.uninstall("web", "shop")
    assert await contract.status("web", "shop") is None
    assert await names(api) == []


async def test_what_is_not_there_is_an_error(helm: FakeHelm) -> None:
    """A chart or a version that nobody has, and a release that was never installed, must be refused."""
    with pytest.raises(HelmError, match=r"chart 'charts/web' 2.0.0 not found"):
        await helm.install(spec("2.0.0"), ignore)
    with pytest.raises(HelmError, match='"web" has no deployed releases'):
        await helm.upgrade(spec(), ignore)
    assert await helm.status("web", "shop") is None


async def test_the_newest_version_unless_one_is_named(helm: FakeHelm) -> None:
    """Without a version it must be the newest chart, with one that one."""
    helm.add_chart("charts/web", "2.0.0", render)
    await helm.install(spec(), ignore)
    await helm.upgrade(spec("1.0.0"), ignore)
    assert [one.chart for one in await helm.history("web", "shop")] == ["web-2.0.0", "web-1.0.0"]


async def test_a_release_that_fails_is_there_and_can_be_upgraded(helm: FakeHelm) -> None:
    """A failed installation must leave a failed release, which an upgrade mends."""
    chart = helm.add_chart("charts/web", "1.0.1", render)
    chart.fails = "timed out waiting for the condition"
    with pytest.raises(HelmError, match="INSTALLATION FAILED: timed out"):
        await helm.install(spec(), ignore)
    failed = await helm.status("web", "shop")
    assert failed is not None
    assert (failed.status, failed.description, failed.is_pending) == ("failed", chart.fails, False)
    chart.fails = ""
    await helm.upgrade(spec(), ignore)
    assert [one.status for one in await helm.history("web", "shop")] == ["failed", "deployed"]


async def test_who_waits_sees_it_pending(helm: FakeHelm) -> None:
    """While its workloads come up a release must be pending, and deployed when they are."""
    chart = helm.add_chart("charts/web", "1.0.1", render, is_rolled_out=False)
    begun = asyncio.Event()
    installing = asyncio.ensure_future(helm.install(spec(), lambda lines: begun.set()))
    await begun.wait()
    release = await helm.status("web", "shop")
    assert release is not None
    assert (release.status, release.is_pending) == ("pending-install", True)
    chart.rolled_out.set()
    await installing
    assert [one.status for one in await helm.history("web", "shop")] == ["deployed"]


async def test_what_was_interrupted_has_failed(helm: FakeHelm) -> None:
    """An operation that is cancelled must leave the release failed, which an upgrade mends."""
    chart = helm.add_chart("charts/web", "1.0.1", render, is_rolled_out=False)
    begun = asyncio.Event()
    installing = asyncio.ensure_future(helm.install(spec(), lambda lines: begun.set()))
    await begun.wait()
    installing.cancel()
    await asyncio.wait([installing])
    chart.rolled_out.set()
    await helm.upgrade(spec(), ignore)
    assert [one.status for one in await helm.history("web", "shop")] == ["failed", "deployed"]


async def test_what_was_killed_stays_pending(helm: FakeHelm) -> None:
    """An operation that is killed must leave the release pending: it can be rolled back, and not be upgraded."""
    await helm.install(spec(), ignore)
    helm.add_chart("charts/web", "1.0.1", render, is_rolled_out=False)
    helm.killed = True
    begun = asyncio.Event()
    upgrading = asyncio.ensure_future(helm.upgrade(spec(), lambda lines: begun.set()))
    await begun.wait()
    upgrading.cancel()
    await asyncio.wait([upgrading])
    with pytest.raises(HelmError, match="another operation"):
        await helm.upgrade(spec(), ignore)
    await helm.rollback("web", "shop", 1, ignore)
    assert [one.status for one in await helm.history("web", "shop")] == ["superseded", "pending-upgrade", "deployed"]


async def test_what_was_killed_can_be_uninstalled(helm: FakeHelm) -> None:
    """An installation that is killed must leave the release pending, and uninstalling it must take it away."""
    helm.add_chart("charts/web", "1.0.1", render, is_rolled_out=False)
    helm.killed = True
    begun = asyncio.Event()
    installing = asyncio.ensure_future(helm.install(spec(), lambda lines: begun.set()))
    await begun.wait()
    installing.cancel()
    await asyncio.wait([installing])
    with pytest.raises(HelmError, match="another operation"):
        await helm.upgrade(spec(), ignore)
    assert await helm.uninstall("web", "shop")


async def test_a_rollout_that_takes_too_long(helm: FakeHelm) -> None:
    """What is not rolled out in time must have failed."""
    helm.add_chart("charts/web", "1.0.1", render, is_rolled_out=False)
    late = ReleaseSpec(name="web", namespace="shop", chart=Chart("charts/web"), timeout=0.01)
    with pytest.raises(HelmError, match="deadline exceeded"):
        await helm.install(late, ignore)


async def test_a_template_asks_no_cluster(helm: FakeHelm, api: FakeKubernetesApi) -> None:
    """The manifests must be YAML of what would be installed, in the release's namespace unless they have none."""
    documents = [*yaml.safe_load_all(await helm.template(spec()))]
    assert [document["metadata"] for document in documents] == [
        {"namespace": "shop", "name": "settings"},
        {"name": "extra"},
    ]
    assert api.called == []


async def test_an_object_that_is_refused_fails_the_release(helm: FakeHelm, api: FakeKubernetesApi) -> None:
    """Where the namespace is not there and must not be created nothing must be installed, with the API's words."""
    release = ReleaseSpec(name="web", namespace="nowhere", chart=Chart("charts/web"), create_namespace=False)
    with pytest.raises(HelmError, match="namespaces 'nowhere' not found"):
        await helm.install(release, ignore)
    assert await helm.status("web", "nowhere") is None
    assert await api.get(ObjectRef(CONFIG, "settings", "nowhere")) is None


async def test_the_cluster_has_records_of_each_revision(helm: FakeHelm, api: FakeKubernetesApi) -> None:
    """The cluster must have what Helm keeps there: a record of each revision with its labels, gone with the release."""
    await helm.install(replace(spec(), labels={"team": "blue"}), ignore)
    await helm.upgrade(spec(names=["other"]), ignore)
    first, second = await read_records(api, namespace="shop", name="web")
    assert [(one.revision, one.status, one.labels["team"]) for one in (first, second)] == [
        (1, "superseded", "blue"),
        (2, "deployed", "blue"),
    ]
    assert "name: other" in second.manifests
    assert (second.hooks, second.description, second.is_pending) == ("", "Upgrade complete", False)
    await helm.uninstall("web", "shop")
    assert await read_records(api) == []
