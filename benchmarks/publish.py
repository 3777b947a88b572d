"""How long publishing takes as a whole command, against kompose where it was built, else against PyYAML alone."""

from __future__ import annotations

import itertools
import statistics
import sys

from benchmarks.apps import compose, containers
from benchmarks.measure import SCRIPT, Figure, compare, processor_seconds, seconds
from benchmarks.peers import peer
from benchmarks.running import scratch

DUMP = """
import sys, yaml
objects = [
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"web-{n}", "labels": {"app": "bench"}},
     "data": {f"KEY_{k}": f"value {k}" for k in range(12)}}
    for n in range(int(sys.argv[1]) * 4)
]
yaml.dump_all(objects, open("/dev/null", "w"), Dumper=yaml.CSafeDumper, sort_keys=False)
"""


def measure() -> list[Figure]:
    """10, 100, 500 and 2,000 resources, and whether the last ones of them cost more than the first."""
    targets = {10: "", 100: "", 500: "a ratio of 0.5 to kompose", 2000: ""}
    figures = [_measure(count, target, 5 if count <= 500 else 3) for count, target in targets.items()]
    return [_small(), *figures, _growth()]


def _small() -> Figure:
    """Ten resources, against what any command line costs that is written with click."""
    with scratch() as folder:
        command = [SCRIPT, "publish", "--apphost", str(containers(folder, 10)), "-o", str(folder / "out")]
        return compare(
            "publish 10 resources, as a whole command",
            lambda: seconds(command),
            "python -c 'import click'",
            lambda: seconds([sys.executable, "-c", "import click"]),
            runs=15,
            target="a ratio of 2.5",
        )


def _growth() -> Figure:
    """By processor time: what thousands of files take changes with the file system, and by the minute."""
    few, some, many = (statistics.median(_processor_time(count) for _ in range(3)) for count in (10, 500, 2000))
    return Figure(
        "publish: processor time for each 1,000 resources more, from 500 to 2,000",
        (many - some) / 1.5,
        "s",
        baseline="the same from 10 to 500",
        baseline_value=(some - few) / 0.49,
        target="linear: a ratio of 1",
    )


def _processor_time(count: int) -> float:
    with scratch() as folder:
        file = containers(folder, count)
        return processor_seconds([SCRIPT, "publish", "--apphost", str(file), "-o", str(folder / "out")])


def _measure(count: int, target: str, runs: int) -> Figure:
    with scratch() as folder:
        file = containers(folder, count)
        # A folder for each run, taken away at the end: ext4 looks for room among what was deleted just now, which costs
        # as much as writing.
        numbers = itertools.count()

        def ours() -> float:
            return seconds([SCRIPT, "publish", "--apphost", str(file), "-o", str(folder / f"out-{next(numbers)}")])

        kompose = peer("kompose")
        if kompose is None:
            name = f"PyYAML (C) dumping {count * 4} small objects"

            def theirs() -> float:
                return seconds([sys.executable, "-c", DUMP, str(count)])
        else:
            name = "kompose convert --chart"
            source = compose(folder, count)

            def theirs() -> float:
                chart = folder / f"chart-{next(numbers)}"
                return seconds([kompose, "convert", "--chart", "-f", str(source), "-o", str(chart)])

        return compare(f"publish {count} resources", ours, name, theirs, runs=runs, target=target)
