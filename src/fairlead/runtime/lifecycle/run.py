"""What one run of an app consists of, passed as one object to code that needs several parts of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from fairlead.engines.tasks import TaskScope
from fairlead.model.app import App
from fairlead.model.wait import WaitBehavior
from fairlead.runtime.bus import Bus
from fairlead.runtime.events.book import EventBook
from fairlead.runtime.lifecycle.shared import Shared
from fairlead.runtime.logs.book import LogBook
from fairlead.runtime.plan import Plan
from fairlead.runtime.store.spec_key import SpecKey
from fairlead.runtime.store.state_folder import StateFolder
from fairlead.runtime.store.volume_folders import VolumeFolders
from fairlead.runtime.telemetry.exporting import Exporting
from fairlead.runtime.usage.book import UsageBook
from fairlead.runtime.usage.sampler import Sampler
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
        state_folder: Where drivers keep small files of the app.
        volume_folders: Where the volumes of processes are.
        isolated: Whether nothing of it may outlive it, whatever lifetimes the definition asks for.
        color: Whether what programs write is shown in a terminal.
        outputs: What resources have made known.
        bus: The state of all resources.
        logs: What they have written.
        events: What has happened to them.
        usage: What they use of the machine.
        sampler: Samples that.
        environments: The variables that each resource got at its last start, in clear, for those who ask for one.
        shared: Objects that drivers share for the run.
        tasks: Owns the tasks of the run: commands, and the lives of resources.
        spec_key: Hashes the parts of specs.
        wait_limit: Seconds after which a wait fails that nothing in the run is on its way to satisfy, and a resource
            that has not become healthy; None for no limit.
        telemetry: Tells resources where to send telemetry; None where they are not told.
        job_arguments: The arguments that jobs which start with the run are given beyond their own, by name.
        ending: Set when the run as a whole ends.
    """

    app: App
    app_id: str
    run_id: str
    plan: Plan
    behavior: WaitBehavior
    addresses: Addresses
    state_folder: StateFolder
    volume_folders: VolumeFolders
    isolated: bool = False
    color: bool = False
    outputs: Outputs = field(default_factory=Outputs)
    bus: Bus = field(default_factory=Bus)
    logs: LogBook = field(default_factory=LogBook)
    events: EventBook = field(default_factory=EventBook)
    usage: UsageBook = field(default_factory=UsageBook)
    sampler: Sampler = field(init=False)
    environments: dict[str, dict[str, str]] = field(default_factory=dict)
    shared: Shared = field(default_factory=Shared)
    tasks: TaskScope = field(default_factory=lambda: TaskScope("run"))
    spec_key: SpecKey = field(default_factory=lambda: SpecKey(None))
    wait_limit: float | None = None
    telemetry: Exporting | None = None
    job_arguments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ending: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sampler", Sampler(self.usage))
        self.bus.observe(self.events.note_change)

    def adopt(self, app: App, plan: Plan) -> None:
        """Go by another definition from now on.

        Args:
            app: The new model.
            plan: Its plan.
        """
        object.__setattr__(self, "app", app)
        object.__setattr__(self, "plan", plan)

    def close(self) -> None:
        """End all who watch states, read logs, or follow events and usage, once they have read what there is."""
        self.bus.close()
        self.logs.close()
        self.events.feed.close()
        self.usage.close()

    @property
    def resolver(self) -> Resolver:
        """Resolves values of this run."""
        return Resolver(self.addresses, self.outputs, self.volume_folders)
