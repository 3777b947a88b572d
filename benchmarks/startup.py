"""How long the command line and the import take."""

from __future__ import annotations

import sys

from benchmarks.measure import SCRIPT, Figure, compare, seconds


def measure() -> list[Figure]:
    """Whole processes, against an interpreter that does nothing."""

    def bare() -> float:
        return seconds([sys.executable, "-c", "pass"])

    return [
        compare(
            "`fairlead --help`",
            lambda: seconds([SCRIPT, "--help"]),
            "python -c 'import click'",
            lambda: seconds([sys.executable, "-c", "import click"]),
            runs=15,
            target="< 0.05 s",
        ),
        compare(
            "import of `fairlead`",
            lambda: seconds([sys.executable, "-c", "import fairlead"]),
            "python -c pass",
            bare,
            runs=15,
        ),
    ]
