"""Quantities of Kubernetes: amounts of CPU, memory and storage, such as ``250m`` and ``128Mi``."""

from __future__ import annotations

import re
from decimal import Decimal

QUANTITY = r"[0-9]+(\.[0-9]+)?(e[0-9]+|m|[EPTGM]i?|k|Ki)?"
"""The shape of a quantity, as a regular expression."""
_PARTS = re.compile(r"([0-9.]+)(?:e([0-9]+)|([A-Za-z]*))")
_FACTORS = {"": Decimal(1), "m": Decimal("0.001"), "k": Decimal(1000)}
_FACTORS |= {unit: Decimal(1000) ** power for power, unit in enumerate("MGTPE", 2)}
_FACTORS |= {f"{unit}i": Decimal(1024) ** power for power, unit in enumerate("KMGTPE", 1)}


def is_quantity(text: str) -> bool:
    """Whether a text is a quantity."""
    return re.fullmatch(QUANTITY, text) is not None


def is_storage_size(text: str) -> bool:
    """Whether a text is a size of storage: whole bytes, and more than none."""
    return is_quantity(text) and not text.endswith("m") and amount(text) > 0


def amount(quantity: str) -> Decimal:
    """The number that a quantity stands for: cores of CPU, bytes of memory or storage.

    Args:
        quantity: A text for which :func:`is_quantity` holds.
    """
    match = _PARTS.fullmatch(quantity)
    assert match is not None
    number, exponent, unit = match.groups()
    return Decimal(number) * (Decimal(10) ** int(exponent) if exponent else _FACTORS[unit or ""])
