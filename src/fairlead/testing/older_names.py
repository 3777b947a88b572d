"""Older names of what is public in ``fairlead.testing``: they work, with a warning, until version 0.3."""

from __future__ import annotations

import warnings


def warn_of_older_name(older: str, newer: str) -> None:
    """Warn the caller's caller that a name has changed."""
    warnings.warn(f"{older} is now {newer}; the older name ends with version 0.3", DeprecationWarning, stacklevel=3)
