"""Commands a person can give to a running resource, beyond start, stop and restart."""

from __future__ import annotations

from dataclasses import dataclass

from fairlead.model.user_functions import Hook

LIFECYCLE_COMMANDS = ("start", "stop", "restart")


@dataclass(frozen=True, slots=True)
class Command:
    """A command of a resource.

    Args:
        name: How the command line and the API call it.
        function: ``def`` or ``async def``, of no argument or of an ``ActionContext``; text that it returns is shown.
        display: The label of its button.
        confirm: A question to ask before it runs.
    """

    name: str
    function: Hook
    display: str
    confirm: str | None = None
