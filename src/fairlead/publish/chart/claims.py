"""What all claims of volumes have in common: amounts, access modes, and that they outlive the release."""

from __future__ import annotations

import re

from fairlead.model.kubernetes.persistent_volumes import ACCESS_MODES

#: What is on a disk outlives the release, as it does for the claims of a StatefulSet.
KEEP = {"helm.sh/resource-policy": "keep"}
MODE_SCHEMA = {"type": "string", "enum": list(ACCESS_MODES)}
_QUANTITY = r"[0-9]+(\.[0-9]+)?(e[0-9]+|[EPTGM]i?|k|Ki)?"
QUANTITY_SCHEMA = {"type": "string", "pattern": f"^{_QUANTITY}$"}


def is_quantity(text: str) -> bool:
    """Whether a text is an amount as Kubernetes writes it."""
    return re.fullmatch(_QUANTITY, text) is not None
