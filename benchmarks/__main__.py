"""Run benchmarks and print their figures as a Markdown table.

python -m benchmarks [NAME…] [--write]      --write puts them into docs/reference/performance.md
"""

from __future__ import annotations

import importlib
import os
import platform
import sys
from datetime import date

from benchmarks.measure import ROOT, Figure

NAMES = (
    "startup",
    "publish",
    "processes",
    "logs",
    "control",
    "telemetry",
    "dashboard",
    "memory",
    "containers",
    "watch",
    "cluster",
    "pods",
    "endpoints",
)
PAGE = ROOT / "docs" / "reference" / "performance.md"
MARK = "<!-- figures -->"


def machine() -> str:
    """What these figures come from."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, {date.today().isoformat()}"
    )


def table(figures: list[Figure]) -> str:
    """The figures as a table."""
    head = "| what | measured | compared with | ratio | target |\n|---|---|---|---|---|"
    return "\n".join([head, *(figure.row() for figure in figures)])


def main(arguments: list[str]) -> None:
    """Run the named benchmarks, or all."""
    write = "--write" in arguments
    names = [name for name in arguments if name != "--write"] or list(NAMES)
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        raise SystemExit(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(NAMES)}")
    figures: list[Figure] = []
    for name in names:
        print(f"{name} …", file=sys.stderr, flush=True)
        figures += importlib.import_module(f"benchmarks.{name}").measure()
    text = f"Measured on {machine()}.\n\n{table(figures)}\n"
    print(text)
    if write:
        before = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
        PAGE.write_text(f"{before}{MARK}\n\n{text}", encoding="utf-8")


main(sys.argv[1:])
