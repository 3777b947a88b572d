from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support.cluster import K3S_IMAGE, Cluster


@pytest.fixture(scope="session")
def cluster(helm: Path, image: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One cluster for all tests, each of which has a namespace of its own."""
    image(K3S_IMAGE)
    made = Cluster(helm, tmp_path_factory.mktemp("cluster"))
    try:
        made.start()
        yield made
    finally:
        made.remove()
