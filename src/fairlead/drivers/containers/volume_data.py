"""The data of a container: its named volumes, and the command that deletes them."""

from __future__ import annotations

from collections.abc import Sequence

from fairlead.drivers.containers.naming import APP, object_name
from fairlead.engines.containers import ContainerEngine
from fairlead.model.command import Command
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.user_functions import Hook
from fairlead.resources.container import Container

DELETE_DATA = "delete-data"


def data_volumes(context: DriverContext) -> tuple[str, ...]:
    """Return the named volumes of a container, as the definition calls them; none if another resource has one too."""
    names = _volumes_of(context.resource)
    others = (other for other in context.app if other is not context.resource)
    return () if names & {name for other in others for name in _volumes_of(other)} else tuple(sorted(names))


def delete_data_commands(context: DriverContext, delete: Hook) -> Sequence[Command]:
    """Return the command that deletes the data of a container, if it has any of its own.

    Args:
        context: Its start.
        delete: Has it started again without.
    """
    volumes = [object_name(context.app_id, name) for name in data_volumes(context)]
    if not volumes:
        return ()
    name = context.resource.name
    removed = f"volume {volumes[0]} is" if len(volumes) == 1 else f"volumes {' and '.join(volumes)} are"
    effects = (
        f"{name} stops.",
        f"The {removed} removed. This cannot be undone.",
        f"{name} starts again, empty.",
    )
    question = f"Delete the data of {name}?"
    return (Command(DELETE_DATA, delete, "Delete data", question, effects=effects, loses_data=True),)


async def remove_data(context: DriverContext, engine: ContainerEngine) -> None:
    """Remove the named volumes of a container that is gone; one that the app did not make is left.

    Raises:
        EngineError: The engine refuses.
    """
    own = {volume.name for volume in await engine.volumes({APP: context.app_id})}
    for name in (object_name(context.app_id, volume) for volume in data_volumes(context)):
        if name in own:
            await engine.remove_volume(name)
            context.log(f"Removed the volume {name}")
        else:
            context.log(f"The volume {name} is left as it is, as Fairlead did not make it")


def _volumes_of(resource: object) -> set[str]:
    if not isinstance(resource, Container):
        return set()
    return {volume.name for volume in resource.volumes if volume.name is not None}
