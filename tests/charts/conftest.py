from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import REPOSITORY, copy_program
from tests.support.charts import Charts

KUBECTL_IMAGE = "alpine/kubectl:1.36.0"
KUBECTL = REPOSITORY / ".cache" / "kubectl" / KUBECTL_IMAGE.rpartition(":")[2] / "kubectl"


@pytest.fixture
def charts(helm: Path, tmp_path: Path) -> Charts:
    return Charts(helm, tmp_path / "out")


@pytest.fixture(scope="session")
def kubectl(image: Callable[[str], str]) -> Path:
    """The real kubectl, copied once out of its image, like helm."""
    if sys.platform != "linux":  # the image holds a Linux binary
        return Path(shutil.which("kubectl") or "kubectl")
    if not KUBECTL.exists():
        copy_program(image(KUBECTL_IMAGE), KUBECTL, "/usr/local/bin/kubectl", "/usr/bin/kubectl")
    return KUBECTL


@pytest.fixture
def kustomize(kubectl: Path) -> Callable[[Path], str]:
    """What kubectl makes of a base or an overlay."""

    def build(folder: Path) -> str:
        done = subprocess.run([kubectl, "kustomize", folder], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return build
