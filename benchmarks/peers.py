"""The programs of others that Fairlead is compared with."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def peer(name: str) -> str | None:
    """Where a peer is, if it was built: in the folder that PEERS names (``~/.cache/peers``), else on PATH."""
    folder = os.environ.get("PEERS", str(Path.home() / ".cache" / "peers"))
    return shutil.which(name, path=f"{folder}:{os.environ['PATH']}")
