"""What is done to a host that is killed at random, and to its engine.

All of it follows from a seed, so that an attempt can be made again. What the machine adds (how quick the host and the
engine are just then) can't be repeated.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from tests.support.faulty_engine import Choose, Fault, broken, storm

CREATES = ("create container", "create network", "create volume")


@dataclass(frozen=True)
class Kill:
    """What is done in one attempt; all of it follows from the seed.

    Args:
        seed: The seed.
        app: Which app: see ``killed_app``.
        phase: The line of the host after which it is killed.
        moment: Seconds after that.
        trouble: The faults of the engine, in words; empty for none.
        faults: The same.
        begin: When the trouble begins: with the host, or a moment before it is killed.
        heal_after: Seconds from the kill until the engine is healed.
        overlaps: Whether another run of the app starts at once, which is killed as well.
    """

    seed: int
    app: str
    phase: str
    moment: float
    trouble: str
    faults: Choose
    begin: str
    heal_after: float
    overlaps: bool

    @classmethod
    def of(cls, seed: int) -> Kill:
        """The attempt of a seed."""
        order = random.Random(seed)
        app = order.choice(["small", "small", "small", "isolated", "kept"])
        phase = order.choice(["run", "run", "run", "up", "closing"])
        moment = order.uniform(0, {"run": 2.5, "up": 0.3, "closing": 1.0}[phase])
        trouble, faults, begin = _trouble(order, seed)
        return cls(
            seed,
            app,
            phase,
            moment,
            trouble,
            faults,
            begin,
            order.uniform(0, 6) if trouble else 0.0,
            app != "isolated" and order.random() < 0.4,
        )

    def __str__(self) -> str:
        words = [f"{self.app!r} killed {self.moment:.2f} s after {self.phase!r}"]
        if self.trouble:
            words.append(f"{self.trouble} from {self.begin} to {self.heal_after:.1f} s after the kill")
        return ", ".join([*words, *(["overlapping"] if self.overlaps else [])])


def _trouble(order: random.Random, seed: int) -> tuple[str, Choose, str]:
    sort = order.choice(["none", "none", "storm", "creates", "creates", "removals", "listings", "blackout"])
    if sort == "none":
        return "", broken(Fault.NONE), ""
    if sort == "storm":
        rate = order.uniform(0.1, 0.5)
        return f"storm of {rate:.2f}", storm(seed, rate), order.choice(["the start", "the kill"])
    if sort == "blackout":
        fault = order.choice([Fault.HOLD, Fault.LOSE, Fault.REFUSE])
        return f"{fault} for all", broken(fault), "the kill"
    if sort == "creates":
        fault, kind = order.choice([*Fault][1:]), order.choice([*CREATES, "start"])
        return f"{fault} for {kind}", broken(fault, kind), "the start"
    fault = order.choice([*Fault][1:])
    kinds = ("list",) if sort == "listings" else ("remove", "disconnect", "stop")
    return f"{fault} for {', '.join(kinds)}", broken(fault, *kinds), order.choice(["the start", "the kill"])
