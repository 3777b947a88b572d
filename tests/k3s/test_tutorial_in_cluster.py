"""The last step of the tutorial: a cluster beside the app, with a notice board that the page shows."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from tests.support.cli import Workplace, eventually, workplace
from tests.support.cluster import COMING_UP, K3S_IMAGE
from tests.support.pages import files

pytestmark = [pytest.mark.k3s, pytest.mark.timeout(900)]


@pytest.fixture
def tide(tmp_path: Path, image: Callable[[str], str]) -> Iterator[Workplace]:
    """The folder of a reader who has done all steps."""
    for name in (K3S_IMAGE, "nginx:1.22-bookworm"):
        image(name)
    with workplace(tmp_path) as place:
        for name, text in files("docs/tutorial.md"):
            file = tmp_path / name
            file.parent.mkdir(exist_ok=True)
            file.write_text(text)
        (tmp_path / ".venv").symlink_to(Path(sys.executable).parents[1])
        yield place


def test_tutorial_ends_with_a_cluster(tide: Workplace) -> None:
    """The page must show what a pod of the cluster says, and kubectl find the cluster."""
    tide.fairlead("run", "--detach")
    try:
        eventually(lambda: tide.call("wait", "page", "--timeout", "30").returncode == 0, "page is healthy", COMING_UP)
        (url,) = tide.resource("page")["urls"]
        with urlopen(f"{url['url']}/notices", timeout=30) as answer:
            assert "Gale warning for Dover" in answer.read().decode()
        assert Path(tide.fairlead("kubeconfig", "harbour").strip()).is_file()
    finally:
        tide.fairlead("stop")
