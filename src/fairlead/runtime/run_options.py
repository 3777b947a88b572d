"""How an app is run, and what follows from that for its parameters and for a definition that is read anew."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace

from fairlead.errors import UsageError
from fairlead.model.app import App
from fairlead.model.composition.inactive import all_groups
from fairlead.model.groups import ALL_GROUPS
from fairlead.model.wait import WaitBehavior
from fairlead.runtime.reload.result import ReadAnew
from fairlead.runtime.store.folders import secrets_file
from fairlead.runtime.store.project_settings import ProjectSettings
from fairlead.runtime.store.secrets import SecretStore
from fairlead.runtime.values.env_files import read_app_env_file
from fairlead.runtime.values.parameters import ParameterSources


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How an app is run.

    Args:
        parameters: Values of parameters, by name; they win over all other sources.
        selected: Names of the resources to start, with what they need; all when empty.
        behavior: What waits do when their target fails.
        excluded: Names of the resources, or of groups of them, that the run does without; see ``exclusion``.
        groups: The groups whose members start as well, ``*`` for all.
        job_arguments: The arguments that selected jobs are given beyond their own, by name.
        isolated: Claim nothing: random ports, nothing stored, beside any other run of the app. For tests.
        variant: Be an app of its own beside the app itself, with ports, secrets and kept objects of its own: its id is
            that of the app with this behind it. Empty for the app itself.
        telemetry: Whether resources are told to send their telemetry to the run.
        watch: Whether files are watched, where the definition asks for it.
        color: Whether programs may write colours, as a terminal shows what they write.
        environ: The environment to read parameters from.
        wait_limit: Seconds after which a run in which failures count gives up a wait that nothing in the run is on its
            way to satisfy, and a resource that does not become healthy; None for no limit.
        warn: Called with what concerns the run as a whole.
        read: Reads the app file anew, for a reload; None where that can't be done.
    """

    parameters: Mapping[str, str] = field(default_factory=dict)
    selected: Collection[str] = ()
    behavior: WaitBehavior = WaitBehavior.KEEP_WAITING
    excluded: Collection[str] = ()
    groups: Collection[str] = ()
    job_arguments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    isolated: bool = False
    variant: str = ""
    telemetry: bool = False
    watch: bool = False
    color: bool = False
    wait_limit: float | None = None
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    warn: Callable[[str], None] = lambda text: None
    read: Callable[[], ReadAnew] | None = None


def parameter_sources(app: App, options: RunOptions, app_id: str, settings: ProjectSettings) -> ParameterSources:
    """Where a run of the app gets its parameters from; the environment wins over ``.env`` beside the app file.

    Raises:
        StateError: The ``.env`` file can't be read.
    """
    environ = {**read_app_env_file(app.directory / ".env", options.environ, options.warn), **options.environ}
    store = None if options.isolated else SecretStore(secrets_file(app_id, options.environ))
    return ParameterSources(options.parameters, environ, store, settings.parameters, settings.file)


def still_there(options: RunOptions, app: App) -> RunOptions:
    """How a new definition is run: as the one before, without the names that it no longer has.

    Raises:
        UsageError: Nothing is left of what the run was started for.
    """
    groups = (ALL_GROUPS, *all_groups(app))
    selected = [name for name in options.selected if name in app]
    if options.selected and not selected:
        raise UsageError(
            f"nothing is there any more of what this run was started for: {', '.join(options.selected)}",
            remedy="Stop the app and run it again.",
        )
    return replace(
        options,
        selected=selected,
        excluded=[name for name in options.excluded if name in app or name in groups],
        groups=[name for name in options.groups if name in groups],
    )
