"""Durations, sizes and truth values, as compose files write them."""

from __future__ import annotations

import re

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d|w)")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([bkmgtp]?)(?:i?b)?", re.IGNORECASE)
_QUANTITIES = {"": "", "b": "", "k": "Ki", "m": "Mi", "g": "Gi", "t": "Ti", "p": "Pi"}


def seconds(text: str) -> int | float | None:
    """A duration such as ``1m30s``, in seconds; None where it is none."""
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    total = round(sum(float(number) * _UNITS[unit] for number, unit in parts), 6)
    return int(total) if total == int(total) else total


def size_in_bytes(text: str) -> int | None:
    """A size such as ``512m``, whose units are powers of 1024; None where it is none."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        return None
    return int(float(found[1]) * 1024 ** "bkmgtp".index(found[2].lower() or "b"))


def quantity(text: str) -> str | None:
    """A size as Kubernetes writes it: ``512m`` is ``512Mi``; None where it is none."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        return None
    unit = _QUANTITIES[found[2].lower()]
    number = found[1]
    return f"{number}{unit}" if unit or "." not in number else str(int(float(number)))


def truth(text: str) -> bool | None:
    """A truth value as Compose reads one from a text; None where it is none."""
    if text.lower() in ("true", "1", "yes", "y", "on", "t"):
        return True
    return False if text.lower() in ("false", "0", "no", "n", "off", "f", "") else None


def whole(text: str) -> int | None:
    """A whole number that may stand in decimal digits; None where it is none."""
    return int(text) if re.fullmatch(r"(?a)-?\d{1,18}", text) else None


def file_mode(text: str, is_number: bool) -> int | None:
    """The permission bits of a file: a text is octal, a number of YAML has been read already."""
    if is_number:
        return whole(text)
    return int(text, 8) if re.fullmatch(r"(0o)?[0-7]{1,5}", text) else None
