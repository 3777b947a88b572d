"""What Fairlead's objects in a container engine are called, and the labels that tell whose they are."""

from __future__ import annotations

import hashlib

from fairlead.engines.watchdog.container_sweep import RUN_LABEL
from fairlead.engines.watchdog.host_mark import host_mark
from fairlead.model.lifetime import Lifetime
from fairlead.model.names import normal_form
from fairlead.runtime.store.project_settings import base_id

APP = "dev.fairlead.app"
RUN = RUN_LABEL
BASE = "dev.fairlead.base"
HOST = "dev.fairlead.host"
RESOURCE = "dev.fairlead.resource"
LIFETIME = "dev.fairlead.lifetime"
FIELDS = "dev.fairlead.fields"

_LONGEST = 63  # a host name, which a container's name becomes


def object_name(app_id: str, name: str) -> str:
    """The engine's name for something of an app: both names, shortened with a hash where they are too long."""
    full = f"{app_id}-{normal_form(name)}"
    if len(full) <= _LONGEST:
        return full
    digest = hashlib.sha256(full.encode()).hexdigest()[:8]
    return f"{full[: _LONGEST - 9].rstrip('-')}-{digest}"


def labels(app_id: str, run_id: str, lifetime: Lifetime, resource: str | None = None) -> dict[str, str]:
    """The labels of an object; a persistent one does not belong to a run.

    One that does tells which host made it, so that others know when that is dead, and of which app it is: an isolated
    run, such as a test, has an app id of its own, which nobody else would look for.
    """
    found = {APP: app_id, LIFETIME: str(lifetime)}
    if lifetime is Lifetime.SESSION:
        found |= {RUN: run_id, BASE: base_id(app_id, run_id), HOST: host_mark()}
    if resource is not None:
        found[RESOURCE] = resource
    return found
