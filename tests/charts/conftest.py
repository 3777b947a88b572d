from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.charts import Charts


@pytest.fixture
def charts(helm: Path, tmp_path: Path) -> Charts:
    return Charts(helm, tmp_path / "out")


@pytest.fixture
def kustomize(kubectl: Path) -> Callable[[Path], str]:
    """What kubectl makes of a base or an overlay."""

    def build(folder: Path) -> str:
        done = subprocess.run([kubectl, "kustomize", folder], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return build
