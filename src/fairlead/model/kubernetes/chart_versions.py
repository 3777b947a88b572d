"""Versions of charts, and ranges of them, as Helm reads them (github.com/Masterminds/semver)."""

from __future__ import annotations

import re

VERSION_REMEDY = "Write it like '1.2.3', or a range like '^1.2', '1.x' or '>=1.2, <2'."
_PART = r"([0-9]+|[xX*])"
_LABELS = r"[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*"
_VERSION = rf"v?{_PART}(\.{_PART}){{0,2}}(-{_LABELS})?(\+{_LABELS})?"
_CONDITION = rf"(=|!=|>|<|>=|=>|<=|=<|~|~>|\^)?\s*{_VERSION}"
_ALL_OF = rf"\s*{_CONDITION}((\s+|\s*,\s*){_CONDITION})*\s*"
_BETWEEN = rf"\s*{_VERSION}\s+-\s+{_VERSION}\s*"


def is_version_range(text: str) -> bool:
    """Whether Helm reads a text as a version or a range of versions."""
    return all(re.fullmatch(_BETWEEN, part) or re.fullmatch(_ALL_OF, part) for part in text.split("||"))
