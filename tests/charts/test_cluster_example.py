"""The chart and the definition of examples/cluster, before anything of it runs."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import yaml
from tests.support.cluster import run
from tests.support.kubernetes_schemas import check_object

from fairlead.cli.app_file import load_app_file
from fairlead.resources.k3s import HelmRelease, KubernetesManifest, ServiceEndpoint

EXAMPLE = Path(__file__).parents[2] / "examples" / "cluster"
CHART = EXAMPLE / "chart"
VALUES = {"cache": {"host": "cache", "port": 6379}, "tideUrl": "http://tide:8000", "sealKey": "a: 'key'"}


def test_its_parts_wait_for_each_other() -> None:
    """The definition must build in both modes, with the chart's values from the app and the waits of its parts."""
    app = load_app_file(EXAMPLE / "apphost.py").build()
    board, notices, door = app["board"], app["notices"], app["door"]
    assert isinstance(board, HelmRelease) and isinstance(notices, KubernetesManifest)
    assert isinstance(door, ServiceEndpoint)

    cache = app["cache"].endpoint("tcp")
    assert repr(board.values["cache"]["host"]) == repr(cache.host)
    assert board.values["sealKey"] is app["seal-key"]
    assert (EXAMPLE / board.chart / "Chart.yaml").is_file()
    assert notices.path and (EXAMPLE / notices.path / "kustomization.yaml").is_file()
    assert {wait.target.name for wait in door.waits} == {"k8s", "board"}
    assert {wait.target.name for wait in app["operator"].waits} == {"notices"}
    assert load_app_file(EXAMPLE / "apphost.py").build("publish").resources


def test_its_chart_is_valid(helm: Path) -> None:
    """The chart must pass helm lint, and render objects that Kubernetes takes, with the values that it is given."""
    run(helm, "lint", CHART, "--strict", "--values", "-", given=json.dumps(VALUES))
    rendered = run(helm, "template", "release", CHART, "--values", "-", given=json.dumps(VALUES))
    documents = [document for document in yaml.safe_load_all(rendered) if document]
    for document in documents:
        check_object(document)
    objects = {(document["kind"], document["metadata"]["name"]): document for document in documents}

    settings = objects["ConfigMap", "release-settings"]["data"]
    assert settings == {"CACHE_HOST": "cache", "CACHE_PORT": "6379", "TIDE_URL": "http://tide:8000"}
    assert objects["Secret", "release-seal"]["stringData"] == {"SEAL_KEY": "a: 'key'"}
    program = objects["ConfigMap", "release-program"]["data"]["board.py"]
    assert program.strip() == (CHART / "files" / "board.py").read_text().strip()


@pytest.mark.parametrize("missing", ["cache", "tideUrl", "sealKey"])
def test_a_value_that_is_missing_is_named(helm: Path, missing: str) -> None:
    """Without a value that the app gives, the chart must not render, and name it."""
    given = {"cache": "cache.host=cache", "tideUrl": "tideUrl=http://tide", "sealKey": "sealKey=key"}
    sets = ",".join(text for name, text in given.items() if name != missing)
    command = ["template", "board", str(CHART), "--set", sets]
    ended = subprocess.run([helm, *command], capture_output=True, text=True, timeout=60)

    assert ended.returncode != 0 and f"{missing.replace('cache', 'cache.host')} is required" in ended.stderr
