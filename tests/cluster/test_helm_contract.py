"""Every Helm keeps to the contract: the fake one, the real one in a container, and that of this machine."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.conftest import answers
from tests.support.cluster import Cluster
from tests.support.helm import HELM_IMAGE, NEWER_IMAGE, container_helm, fake_helm, host_helm, write_chart

from fairlead.engines.helm import Chart, Helm, HelmError, ReleaseSpec

_REAL = [pytest.param(name, marks=pytest.mark.k3s) for name in (HELM_IMAGE, NEWER_IMAGE, "host")]
ALL = ["fake", *_REAL]


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    return write_chart(tmp_path)


@pytest.fixture
def opened(request: pytest.FixtureRequest, chart: Path) -> AbstractAsyncContextManager[Helm]:
    """The Helm that the test is about."""
    if request.param == "fake":
        return fake_helm(chart)
    cluster: Cluster = request.getfixturevalue("cluster")
    if request.param == "host":
        return host_helm(cluster, request.getfixturevalue("helm"))
    if request.param == NEWER_IMAGE and not answers("docker", "image", "inspect", NEWER_IMAGE):
        pytest.skip(f"the image {NEWER_IMAGE} is not here")  # the default is what has to work everywhere
    image: Callable[[str], str] = request.getfixturevalue("image")
    return container_helm(cluster, image(request.param))


@pytest.fixture
def namespace() -> str:
    """A namespace of the test's own; the first installation creates it."""
    return f"helm-{uuid.uuid4().hex[:8]}"


@contextlib.asynccontextmanager
async def uninstalled(helm: Helm, namespace: str) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await helm.uninstall("web", namespace)


@pytest.mark.parametrize("opened", ALL, indirect=True)
async def test_a_release_from_its_installation_to_its_end(
    opened: AbstractAsyncContextManager[Helm], chart: Path, namespace: str
) -> None:
    """A release must be installed once, upgraded and rolled back by revisions, and leave nothing when it is gone."""
    lines: list[bytes] = []

    def spec(**values: Any) -> ReleaseSpec:
        return ReleaseSpec(name="web", namespace=namespace, chart=Chart(str(chart)), values=values, timeout=60)

    async with opened as helm, uninstalled(helm, namespace):
        assert await helm.history("web", namespace) == []
        assert await helm.status("web", namespace) is None
        with pytest.raises(HelmError, match='UPGRADE FAILED: "web" has no deployed releases'):
            await helm.upgrade(spec(), lines.extend)
        await helm.install(spec(), lines.extend)
        assert b"STATUS: deployed" in lines
        with pytest.raises(HelmError, match=r"INSTALLATION FAILED: (.*: )?cannot re-?use a name that is still in use"):
            await helm.install(spec(), lines.extend)
        await helm.upgrade(spec(name="other"), lines.extend)
        await helm.rollback("web", namespace, 1, lines.extend)
        history = await helm.history("web", namespace)
        assert [(one.revision, one.status, one.chart) for one in history] == [
            (1, "superseded", "web-1.0.0"),
            (2, "superseded", "web-1.0.0"),
            (3, "deployed", "web-1.0.0"),
        ]
        assert history[-1].description == "Rollback to 1"
        assert await helm.status("web", namespace) == history[-1]
        assert await helm.uninstall("web", namespace)
        assert not await helm.uninstall("web", namespace)


@pytest.mark.parametrize("opened", ALL, indirect=True)
async def test_values_keep_their_types(opened: AbstractAsyncContextManager[Helm], chart: Path) -> None:
    """Texts that look like numbers or truths, texts of any characters, None, lists and mappings must arrive so."""
    values = {
        "texts": ["true", "1.10", "1e3", "0755", "12:30", "null", "", "a,b={c}", "'\"\\\n\t ü", "{{ .Chart }}", "~"],
        "others": [True, None, 7, 1.5, {"a.b/c": "d"}, []],
        "empty": {},
    }
    spec = ReleaseSpec(name="web", namespace="default", chart=Chart(str(chart)), values=values)
    async with opened as helm:
        documents = [*yaml.safe_load_all(await helm.template(spec))]
    (config,) = [document for document in documents if document]
    assert json.loads(config["data"]["values"]) == {"name": "web", **values}


@pytest.mark.parametrize("opened", _REAL, indirect=True)
async def test_an_interrupted_operation_is_recorded_as_failed(
    opened: AbstractAsyncContextManager[Helm], tmp_path: Path, namespace: str
) -> None:
    """An operation that is cancelled must have ended when it returns, and have left the release failed, not pending."""
    waits = (
        "{apiVersion: v1, kind: Pod, metadata: {name: slow}, spec: {terminationGracePeriodSeconds: 0, "
        "containers: [{name: slow, image: 'nowhere.invalid/none:1'}]}}"
    )
    chart = write_chart(tmp_path, "slow", "1.0.0", waits)
    spec = ReleaseSpec(name="web", namespace=namespace, chart=Chart(str(chart)), timeout=60)
    async with opened as helm, uninstalled(helm, namespace):
        installing = asyncio.ensure_future(helm.install(spec, lambda lines: None))
        while (release := await helm.status("web", namespace)) is None:
            assert not installing.done()
        assert release.status == "pending-install"
        installing.cancel()
        await asyncio.wait([installing])
        assert installing.cancelled()
        release = await helm.status("web", namespace)
        assert release is not None
        assert release.status == "failed"
        assert "context canceled" in release.description
