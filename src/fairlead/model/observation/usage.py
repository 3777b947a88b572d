"""What a resource uses of the machine, as its driver reads it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ResourceUse:
    """One reading of what a replica uses of the machine.

    Args:
        cpu_seconds: Processor time that it has taken since it started, of all cores; the difference of two readings
            tells how busy it was between them.
        memory: Memory that it takes now, in bytes.
        memory_limit: The most memory that it may take, in bytes; None without a limit, or where that is not known.
        measured_at: When it was measured, in seconds since the epoch; None for the moment of the answer.
    """

    cpu_seconds: float
    memory: float
    memory_limit: float | None = None
    measured_at: float | None = None
