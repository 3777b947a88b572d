"""Groups: parts of an app that only run, and are only published, where they are asked for."""

from __future__ import annotations

import re
from typing import Self

from fairlead.model.argument_checks import ArgumentChecks, kind_of
from fairlead.model.locations import mistake

GROUP_REMEDY = "Use letters, digits, '.', '-' and '_', with a letter or digit in front, as in 'tools'."
#: Stands for all groups of an app where groups are asked for.
ALL_GROUPS = "*"


def is_group_name(name: object) -> bool:
    """Whether something can be the name of a group."""
    return isinstance(name, str) and re.fullmatch(r"(?a)[A-Za-z0-9][A-Za-z0-9_.-]*", name) is not None


class GroupMember(ArgumentChecks):
    """Something that may be in groups."""

    def __init__(self) -> None:
        #: The groups that it is in; without one it is always part of the app.
        self.groups: list[str] = []

    def with_group(self, *names: str) -> Self:
        """Put it into groups: it runs, and is published, only where one of them is asked for.

        A run asks by ``fairlead run --group tools``, an environment by ``with_groups("tools")``. Whatever belongs to
        it, such as the databases of a server, is in its groups too.

        Args:
            *names: The groups; asking for one of them is enough.
        """
        self._declare("with_group")
        if not names:
            mistake("with_group() needs a group", resource=self.name, remedy='Name one: with_group("tools").')
        self.groups += [name for name in names if self._is_group("with_group", name) and name not in self.groups]
        return self

    def _is_group(self, method: str, name: object) -> bool:
        """Whether something can be the name of a group; else that is a mistake."""
        if is_group_name(name):
            return True
        shown = repr(name) if isinstance(name, str) else kind_of(name)
        mistake(f"{method}() got {shown} as the name of a group", resource=self.name, remedy=GROUP_REMEDY)
        return False
