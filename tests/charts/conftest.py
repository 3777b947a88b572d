from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.charts import Charts


@pytest.fixture
def charts(helm: Path, tmp_path: Path) -> Charts:
    return Charts(helm, tmp_path / "out")
