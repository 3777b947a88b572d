"""Quantities of Kubernetes: amounts of CPU, memory and storage, such as ``250m`` and ``128Mi``."""

from __future__ import annotations

import re

QUANTITY = r"[0-9]+(\.[0-9]+)?(e[0-9]+|m|[EPTGM]i?|k|Ki)?"
"""The shape of a quantity, as a regular expression."""
_PARTS = r"([0-9]+)(?:\.([0-9]+))?(?:e([0-9]+)|([A-Za-z]*))"
_FACTORS = {"": 1, "m": 1, "k": 1000}
_FACTORS |= {unit: 1000**power for power, unit in enumerate("MGTPE", 2)}
_FACTORS |= {f"{unit}i": 1024**power for power, unit in enumerate("KMGTPE", 1)}


def is_quantity(text: str) -> bool:
    """Whether a text is a quantity."""
    return re.fullmatch(QUANTITY, text) is not None


def is_storage_size(text: str) -> bool:
    """Whether a text is a size of storage: whole bytes, and more than none."""
    return is_quantity(text) and not text.endswith("m") and is_above(text, "0")


def is_above(quantity: str, other: str) -> bool:
    """Whether a quantity stands for more than another one, whatever their units."""
    (number, divisor), (other_number, other_divisor) = _fraction(quantity), _fraction(other)
    return number * other_divisor > other_number * divisor


def _fraction(quantity: str) -> tuple[int, int]:
    # The modules decimal and fractions take longer to load than all of a definition's.
    match = re.fullmatch(_PARTS, quantity)
    assert match is not None
    whole, decimals, exponent, unit = (group or "" for group in match.groups())
    number = int(whole + decimals) * (10 ** int(exponent) if exponent else _FACTORS[unit])
    return number, 10 ** len(decimals) * (1000 if unit == "m" else 1)
