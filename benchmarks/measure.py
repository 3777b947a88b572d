"""Running commands and taking their figures: medians of several runs, the two sides of a ratio in turn."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = str(Path(sys.executable).with_name("fairlead"))


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure.

    Args:
        what: What was measured.
        value: The median.
        unit: Its unit.
        spread: Smallest and largest of the runs.
        baseline: What it is compared with, if anything.
        baseline_value: The median of that, in the same unit.
        target: What design §8 asks for.
    """

    what: str
    value: float
    unit: str
    spread: tuple[float, float] | None = None
    baseline: str = ""
    baseline_value: float | None = None
    target: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times the baseline it is."""
        return self.value / self.baseline_value if self.baseline_value else None

    def row(self) -> str:
        """A row of the Markdown table."""
        spread = f" ({_round(self.spread[0])} to {_round(self.spread[1])})" if self.spread else ""
        against = f"{self.baseline}: {_round(self.baseline_value)} {self.unit}" if self.baseline else ""
        ratio = f"{self.ratio:.2f}" if self.ratio else ""
        return f"| {self.what} | {_round(self.value)} {self.unit}{spread} | {against} | {ratio} | {self.target} |"


def _round(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def compare(
    what: str,
    ours: Callable[[], float],
    baseline_name: str,
    baseline: Callable[[], float],
    *,
    unit: str = "s",
    runs: int = 5,
    target: str = "",
) -> Figure:
    """Measure two things in turn, after one run of each that does not count."""
    ours()
    baseline()
    pairs = [(ours(), baseline()) for _ in range(runs)]
    mine = [pair[0] for pair in pairs]
    other = statistics.median(pair[1] for pair in pairs)
    return Figure(what, statistics.median(mine), unit, (min(mine), max(mine)), baseline_name, other, target)


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """What measured commands see: as a user has it, so byte code is kept and nothing says that this is CI."""
    left_out = ("PYTHONDONTWRITEBYTECODE", "CI")
    return {name: value for name, value in os.environ.items() if name not in left_out} | dict(more or {})


def seconds(argv: Sequence[str], cwd: Path | None = None, env: Mapping[str, str] | None = None) -> float:
    """How long a whole command takes; its output is thrown away, and it has to end with 0."""
    begin = time.perf_counter()
    done = subprocess.run(argv, cwd=cwd, env=environment(env), capture_output=True)
    taken = time.perf_counter() - begin
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(argv)} ended with {done.returncode}:\n{done.stderr.decode()[-2000:]}")
    return taken


def processor_seconds(argv: Sequence[str]) -> float:
    """The processor time that a whole command takes for itself, without what the system does for it (files, say)."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    seconds(argv)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def private(folder: Path) -> dict[str, str]:
    """An environment in which state, secrets and sockets are kept in a folder of their own."""
    places = {"XDG_STATE_HOME": "state", "XDG_CONFIG_HOME": "config", "XDG_RUNTIME_DIR": "run"}
    for name in places.values():
        (folder / name).mkdir(mode=0o700, exist_ok=True)
    return {variable: str(folder / name) for variable, name in places.items()}
