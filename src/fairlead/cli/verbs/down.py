"""``fairlead down``: remove what an app has left in the container engine on purpose."""

from __future__ import annotations

import asyncio
import json
import os
import time
from typing import TYPE_CHECKING

import click

from fairlead.cli.options import apphost_option, json_option
from fairlead.cli.selected_app import SelectedApp
from fairlead.cli.terminal import say, style

if TYPE_CHECKING:
    from fairlead.definition import Definition
    from fairlead.model.app import App


@click.command()
@click.option("--volumes", is_flag=True, help="Also remove its volumes, with the data in them.")
@json_option
@apphost_option
@click.pass_obj
def down(selected_app: SelectedApp, volumes: bool, as_json: bool) -> None:
    """Stop the app if it runs, and remove its persistent containers and networks, also those that its tests keep.

    Images and stored parameters stay, and so does the data in volumes, and in the folders that are the volumes of
    processes, without --volumes.
    """
    from fairlead.runtime.store.instance import running_instance
    from fairlead.runtime.store.project_settings import TESTS

    definition = selected_app.load()
    app_id, tests_id = identity(definition), identity(definition, TESTS)
    _stop(app_id)
    removed = _remove_locked(definition, app_id, volumes)
    tests = running_instance(tests_id)
    if tests is None:
        removed += _remove_locked(definition, tests_id, volumes)
    else:
        say(f"Tests of {definition.name} run (process {tests.pid}): what they keep stays.", err=True)
    if as_json:
        say(json.dumps({"app": definition.name, "app_id": app_id, "removed": removed}))
        return
    for what in removed:
        say(f"Removed {what}.")
    if not removed:
        say(f"There is nothing left of {style(definition.name, bold=True)}.")


def identity(definition: Definition, variant: str = "") -> str:
    """The id of an app, whose definition may have mistakes by now.

    Args:
        definition: The definition.
        variant: A variant of the app, such as the one that its tests share; empty for the app itself.

    Raises:
        UsageError: A settings file can't be understood.
    """
    from fairlead.runtime.store.project_settings import app_identity, find_settings

    app = _empty_app(definition)
    return app_identity(app, find_settings(app.directory), variant)


def _empty_app(definition: Definition) -> App:
    """The app without what is in it."""
    from fairlead.model.app import App
    from fairlead.model.endpoints.consumer import Mode

    return App(definition.name, definition.file, Mode.RUN, ())


def _stop(app_id: str) -> None:
    from fairlead.cli.client import Client
    from fairlead.runtime.store.instance import running_instance

    record = running_instance(app_id)
    if record is None:
        return
    client = Client(record)
    say(f"Stopping {record.name}…", err=True)
    client.post("/api/stop")
    client.wait_until_gone()


def _remove_locked(definition: Definition, app_id: str, volumes: bool) -> list[str]:
    """Remove what is left, and hold the app's lock meanwhile, so that no other process starts it in the middle."""
    from fairlead.runtime.store.folders import volumes_folder
    from fairlead.runtime.store.instance import InstanceLock, RunRecord
    from fairlead.runtime.store.volume_folders import remove_volume_folders

    lock = InstanceLock()
    lock.acquire(RunRecord(app_id, definition.name, str(definition.file), os.getpid(), time.time(), "", ""))
    try:
        folders = remove_volume_folders(volumes_folder(app_id)) if volumes else []  # for which there need be no engine
        return [*folders, *asyncio.run(_remove(app_id, _empty_app(definition).id, volumes))]
    finally:
        lock.release()


async def _remove(app_id: str, base: str, volumes: bool) -> list[str]:
    from fairlead.drivers.containers.engine import remove_app
    from fairlead.engines.docker import connect

    engine = await connect()
    try:
        return await remove_app(engine, app_id, base, volumes=volumes)
    finally:
        await engine.close()
