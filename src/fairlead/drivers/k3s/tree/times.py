"""The times of Kubernetes objects."""

from __future__ import annotations

from datetime import datetime


def seconds(time: str | None) -> float | None:
    """A time such as ``2026-11-26T09:50:43Z`` in seconds since the epoch; None where there is none."""
    return datetime.fromisoformat(time).timestamp() if time else None
