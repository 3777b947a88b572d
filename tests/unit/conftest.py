"""What unit tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.support.folders import own_folders


@pytest.fixture(scope="session", autouse=True)
def folders_of_nobody() -> Iterator[None]:
    """Nothing of the user's is read or changed, nor do tests of other checkouts meet there."""
    with own_folders():
        yield
