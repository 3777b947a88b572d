"""What the tests of whole apps share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.cli import Workplace, workplace


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    """A folder for an app; what runs there is stopped at the end, and nothing of it may be left."""
    with workplace(tmp_path) as made:
        yield made
