from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.charts import Charts

KUBECTL_IMAGE = "alpine/kubectl:1.36.0"


@pytest.fixture
def charts(helm: Path, tmp_path: Path) -> Charts:
    return Charts(helm, tmp_path / "out")


@pytest.fixture
def kustomize(image: Callable[[str], str]) -> Callable[[Path], str]:
    """What kubectl makes of a base or an overlay; all that is beside it is there too."""

    def build(folder: Path) -> str:
        container = docker("create", image(KUBECTL_IMAGE), "kustomize", f"/work/{folder.name}")
        try:
            docker("cp", str(folder.parent), f"{container}:/work")
            return docker("start", "--attach", container)
        finally:
            docker("rm", "--force", container)

    return build


def docker(*arguments: str) -> str:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
