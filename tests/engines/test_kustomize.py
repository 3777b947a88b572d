"""Kustomizations, built by the real kubectl in a container: the cluster they go to is one in memory."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.engines import ENGINES, EngineHost
from tests.support.fake_cluster import FakeCluster

from fairlead import AppBuilder, Apphost
from fairlead.engines.kube import ObjectKind, ObjectRef
from fairlead.testing import FakeKubernetesApi, testing

WEB = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n"


def write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def boat(folder: Path, path: str, api: FakeKubernetesApi) -> testing:
    def define(app: AppBuilder) -> None:
        app.add(FakeCluster("k8s", api)).add_k8s_manifest("objects", path)

    return testing(Apphost(define, name="boat", file=folder / "apphost.py"))


@ENGINES
async def test_all_that_a_kustomization_refers_to_is_used(tmp_path: Path, engine_host: EngineHost) -> None:
    """Bases, components, patches and the files of generators must be found wherever they are, and through links."""
    write(
        tmp_path,
        {
            "k8s/base/kustomization.yaml": "resources: [web.yaml, ../common/]\n",
            "k8s/base/web.yaml": f"{WEB}data: {{color: red, size: s}}\n",
            "k8s/common/Kustomization": "resources: [account.yml]\n",
            "k8s/common/account.yml": "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web}\n",
            "k8s/parts/label/kustomization.yml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
            "labels: [{pairs: {part: label}}]\n",
            "patches/color.yaml": f"{WEB}data: {{color: blue}}\n",
            "settings/app.conf": "answer = 42\n",
            "settings/app.env": "A=1\n",
            "k8s/overlays/dev/kustomization.yaml": "resources: [../../linked]\n"
            "components: [../../parts/label]\n"
            "patches: [{path: ../../../patches/color.yaml}]\n"
            "configMapGenerator:\n"
            "- {name: files, files: [renamed=../../../settings/app.conf], envs: [../../../settings/app.env]}\n"
            "generatorOptions: {disableNameSuffixHash: true}\n",
        },
    )
    (tmp_path / "k8s/linked").symlink_to("base")
    (tmp_path / "current").symlink_to("k8s/overlays/dev")
    api = FakeKubernetesApi()
    async with boat(tmp_path, "current", api) as app:
        await app.wait_for("objects", "completed")
        assert engine_host.containers("dev.fairlead.resource=objects") == {}

    config_maps = {obj["metadata"]["name"]: obj for obj in (await api.list(ObjectKind("v1", "ConfigMap"))).items}
    assert config_maps["web"]["data"] == {"color": "blue", "size": "s"}
    assert config_maps["web"]["metadata"]["labels"]["part"] == "label"
    assert config_maps["files"]["data"] == {"renamed": "answer = 42\n", "A": "1"}
    assert await api.get(ObjectRef(ObjectKind("v1", "ServiceAccount"), "web", "default")) is not None


@ENGINES
async def test_the_words_of_kustomize_are_the_reason(tmp_path: Path, engine_host: EngineHost) -> None:
    """A Kustomization that can't be built must fail with Kustomize's words, about the paths of this machine."""
    write(
        tmp_path,
        {
            "k8s/kustomization.yaml": "resources: [web.yaml, again.yaml]\n",
            "k8s/web.yaml": WEB,
            "k8s/again.yaml": WEB,
        },
    )
    async with boat(tmp_path, "k8s", FakeKubernetesApi()) as app:
        with pytest.raises(Exception, match=r"Kustomize fails for k8s: .*already registered") as caught:
            await app.wait_for("objects", "completed")
        assert str(tmp_path / "k8s/again.yaml") in str(caught.value)
        assert "/fairlead-kustomize" not in str(caught.value)
