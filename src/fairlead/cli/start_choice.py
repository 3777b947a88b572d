"""Which resources a run starts, as the command line says it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from fairlead.cli.completion import GROUP, WITHOUT
from fairlead.records import record

F = TypeVar("F", bound=Callable[..., Any])


@record
class StartChoice:
    """Which resources a run starts.

    Args:
        selected: The resources to start, with what they need; all when empty.
        groups: The groups whose members start as well.
        excluded: The resources, or groups of them, that the run does without.
    """

    selected: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    def arguments(self) -> list[str]:
        """The arguments of ``fairlead run`` that say the same."""
        groups = [f"--group={name}" for name in self.groups]
        return [*self.selected, *groups, *(f"--without={name}" for name in self.excluded)]


group_option: Callable[[F], F] = click.option(
    "--group",
    "groups",
    type=GROUP,
    metavar="NAME",
    multiple=True,
    envvar="FAIRLEAD_GROUPS",
    help="Start the members of this group as well; '*' for all groups. May be repeated. Default: those in "
    "FAIRLEAD_GROUPS, separated by commas.",
)

published_group_option: Callable[[F], F] = click.option(
    "--group",
    "groups",
    type=GROUP,
    metavar="NAME",
    multiple=True,
    help="Also the members of this group; '*' for all groups. May be repeated. Default: those of with_groups().",
)

without_option: Callable[[F], F] = click.option(
    "--without",
    "excluded",
    type=WITHOUT,
    metavar="NAME",
    multiple=True,
    help="Run without this resource, or without the members of this group. May be repeated.",
)
