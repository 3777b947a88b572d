"""What unit tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from tests.support.folders import own_folders


@pytest.fixture(scope="session", autouse=True)
def surroundings_of_nobody() -> Iterator[None]:
    """Nothing of the user's is read or changed, nor do tests of other checkouts meet there."""
    with own_folders(), pytest.MonkeyPatch.context() as patch:
        for name in ("FORCE_COLOR", "NO_COLOR", *(name for name in os.environ if name.startswith("FAIRLEAD_"))):
            patch.delenv(name, raising=False)
        yield
