"""What all claims of volumes have in common: amounts, access modes, classes, and that they outlive the release."""

from __future__ import annotations

import re

from fairlead.model.kubernetes.persistent_volumes import ACCESS_MODES
from fairlead.publish.chart.leaves import ChartValue, When, conditional

#: What is on a disk outlives the release, as it does for the claims of a StatefulSet.
KEEP = {"helm.sh/resource-policy": "keep"}
MODE_SCHEMA = {"type": "string", "enum": list(ACCESS_MODES)}
_QUANTITY = r"[0-9]+(\.[0-9]+)?(e[0-9]+|[EPTGM]i?|k|Ki)?"
QUANTITY_SCHEMA = {"type": "string", "pattern": f"^{_QUANTITY}$"}


#: What stands in values.yaml for no class at all, since an empty text is the default one. Many charts write it so.
NO_CLASS = "-"
CLASS_COMMENT = f'Empty for the cluster\'s default class, "{NO_CLASS}" for none.'


def class_entry(class_name: ChartValue) -> When:
    """The class of a claim: left out where the value is empty, and empty where it stands for none at all."""
    return When((class_name,), conditional(class_name, (NO_CLASS,), "", class_name))


def is_quantity(text: str) -> bool:
    """Whether a text is an amount as Kubernetes writes it."""
    return re.fullmatch(_QUANTITY, text) is not None
