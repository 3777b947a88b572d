"""The labels of objects that Fairlead creates in a cluster for purposes of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.names import normal_form

MANAGED_BY: Final = "app.kubernetes.io/managed-by"
FAIRLEAD: Final = "fairlead"
APP: Final = "dev.fairlead.app"
RESOURCE: Final = "dev.fairlead.resource"
RUN: Final = "dev.fairlead.run"
LONGEST: Final = 63
"""Characters of a label's value, and of a Service's name (Kubernetes, "Labels and Selectors", RFC 1035)."""


def own_labels(context: DriverContext, *, outlives_run: bool) -> dict[str, str]:
    """The labels of an object that the driver of a resource creates.

    Args:
        context: The start of the resource.
        outlives_run: Whether the object stays when the run ends.
    """
    labels = app_labels(context.app_id) | {RESOURCE: cut(context.resource.name)}
    return labels if outlives_run else labels | {RUN: cut(context.run_id)}


def app_labels(app_id: str) -> dict[str, str]:
    """The labels that all such objects of an app have in common."""
    return {MANAGED_BY: FAIRLEAD, APP: cut(app_id)}


def is_own(obj: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether an object was created for the app and the resource that are in some labels."""
    known = obj["metadata"].get("labels") or {}
    return all(known.get(name) == labels[name] for name in (MANAGED_BY, APP, RESOURCE))


def own_name(resource: str) -> str:
    """The name of an object of Fairlead's own for a resource: ``fairlead-<resource>``."""
    return cut(f"{FAIRLEAD}-{normal_form(resource)}")


def cut(text: str) -> str:
    """The text, shortened with a hash where it is too long for a label or a name."""
    if len(text) <= LONGEST:
        return text
    return f"{text[: LONGEST - 9].rstrip('-_.')}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
