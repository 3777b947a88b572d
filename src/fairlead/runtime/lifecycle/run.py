"""What one run of an app consists of, passed as one thing to those who need several parts of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from fairlead.model.app import App
from fairlead.model.wait import WaitBehavior
from fairlead.runtime.bus import Bus
from fairlead.runtime.lifecycle.shared import Shared
from fairlead.runtime.logs.book import LogBook
from fairlead.runtime.plan import Plan
from fairlead.runtime.values.addresses import Addresses
from fairlead.runtime.values.outputs import Outputs
from fairlead.runtime.values.resolver import Resolver


@dataclass(frozen=True, slots=True)
class Run:
    """One run of an app.

    Args:
        app: The model.
        app_id: Tells this checkout's app from all others on the machine.
        run_id: Tells this run from all others.
        plan: What the run does.
        behavior: What waits do when their target fails.
        addresses: Where endpoints are.
        isolated: Whether nothing of it may outlive it, whatever lifetimes the definition asks for.
        outputs: What resources have made known.
        bus: The state of all resources.
        logs: What they have written.
        environments: The variables that each resource got at its last start, in clear, for those who ask for one.
        shared: Objects that drivers share for the run.
        ending: Set when the run as a whole ends.
    """

    app: App
    app_id: str
    run_id: str
    plan: Plan
    behavior: WaitBehavior
    addresses: Addresses
    isolated: bool = False
    outputs: Outputs = field(default_factory=Outputs)
    bus: Bus = field(default_factory=Bus)
    logs: LogBook = field(default_factory=LogBook)
    environments: dict[str, dict[str, str]] = field(default_factory=dict)
    shared: Shared = field(default_factory=Shared)
    ending: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def resolver(self) -> Resolver:
        """Resolves values of this run."""
        return Resolver(self.addresses, self.outputs)
