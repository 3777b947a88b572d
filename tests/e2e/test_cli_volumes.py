"""The volumes of processes, by the command line."""

from __future__ import annotations

import pytest
from tests.support.cli import Workplace

COUNTS = """
    app.add_executable(
        "counter", sys.executable, ".", "-c",
        "import os, pathlib; f = pathlib.Path(os.environ['DATA_PATH'], 'n'); "
        "n = int(f.read_text()) + 1 if f.exists() else 1; f.write_text(str(n)); print('run', n)",
    ).with_volume("counts", "/data", env="DATA_PATH")
"""


@pytest.mark.docker
def test_data_of_a_process_stays_until_it_is_taken_down(place: Workplace) -> None:
    """What a process keeps in its volume must outlive runs and `down`, and go with `down --volumes`."""
    place.write(COUNTS)
    assert "run 1" in place.fairlead("run")
    assert place.json("down")["removed"] == []
    assert "run 2" in place.fairlead("run")

    (folder,) = (place.folder / ".local/share/fairlead/volumes").glob("*/counts")
    assert place.json("down", "--volumes")["removed"] == [f"folder {folder}"]
    assert not folder.exists()
