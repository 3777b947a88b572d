"""The packages of an example's programs, for image builds that have no way to an index."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

from tests.support.cluster import run

ROOT = Path(__file__).resolve().parents[2]


def wheels(requirements: Path) -> Path:
    """The folder with all that a file of requirements asks for, fetched once."""
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    folder = ROOT / ".cache" / "wheels" / digest
    if not folder.exists():
        partial = folder.with_name(f"{digest}.{os.getpid()}")
        python = Path(sys.base_prefix) / "bin" / "python3"
        target = ("--only-binary", ":all:", "--python-version", "3.11", "--platform", "manylinux2014_x86_64")
        command = (python, "-m", "pip", "download", "--quiet", "--dest", partial, *target)
        # What pip here thinks the packages need may differ from what they need in the image, which has Python 3.11.2.
        run(*command, "--requirement", requirements, "async-timeout")
        partial.rename(folder)
    return folder
