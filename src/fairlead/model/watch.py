"""Files that a run watches, and what it does with a resource when one of them changes."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import ClassVar, Literal, Self, TypeAlias, get_args

from fairlead.model.argument_checks import ArgumentChecks, kind_of
from fairlead.model.locations import Location, mistake, user_location
from fairlead.records import record

WatchAction: TypeAlias = Literal["restart", "rebuild", "sync", "sync+restart"]
WATCH_ACTIONS: tuple[WatchAction, ...] = get_args(WatchAction)


@record
class Watch:
    """One path that is watched.

    Args:
        path: A file or folder, relative to the app file's folder.
        action: What is done when something there changes.
        target: Where the path is in the container, for the actions that copy.
        ignore: What is not watched below the path, by patterns as in ``.gitignore``.
        where: The line that said so.
    """

    path: str
    action: WatchAction
    target: str | None
    ignore: tuple[str, ...]
    where: Location

    @property
    def copies(self) -> bool:
        """Whether files are copied into the container."""
        return self.target is not None

    @property
    def restarts(self) -> bool:
        """Whether the resource is started again."""
        return self.action != "sync"


class Watchable(ArgumentChecks):
    """Something that a run can start or build again when files change."""

    #: What a change can lead to.
    watch_actions: ClassVar[tuple[WatchAction, ...]] = ("restart",)
    #: What is watched, in the order in which the definition said so.
    watches: list[Watch]

    @property
    def build_files(self) -> tuple[str, str] | None:
        """The context and the Dockerfile that a run builds its image from; None where it builds none."""
        return None

    @property
    def own_folder(self) -> str | None:
        """The folder of its program or its build, which is watched where no other is named; None for none."""
        return None if self.build_files is None else self.build_files[0]

    def with_watch(
        self,
        *paths: str | os.PathLike[str],
        action: WatchAction | None = None,
        target: str | None = None,
        ignore: Iterable[str] = (),
    ) -> Self:
        """Have a run do something when files change. Publishing takes no notice of it.

        What Git or a ``.dockerignore`` of its build ignores is not watched, nor are the temporary files of editors.
        A resource that the user has stopped stays stopped.

        Args:
            *paths: Files or folders, relative to the app file's folder; by default its own folder, or that of its
                build.
            action: ``restart``, the default, starts it again. ``rebuild``, that of an image, builds its image while it
                goes on, and then starts it again; one that can't be built changes nothing. ``sync`` copies what has
                changed into the container, and removes there what is gone; ``sync+restart`` starts it again with that.
            target: For ``sync``: the absolute path in the container at which the file or folder is.
            ignore: What is not watched either, by patterns as in ``.gitignore``, relative to the folder.
        """
        self._declare("with_watch")
        watched = paths or (() if self.own_folder is None else (self.own_folder,))
        if not watched:
            mistake("with_watch() got no path", resource=self.name, remedy="Name the files or folders to watch.")
        patterns = self._watch_patterns(ignore)
        action = self.watch_actions[0] if action is None else action
        sound = self._is_watch_action(action) and self._is_watch_target(action, target, watched)
        for path in watched:
            text = os.fspath(path) if isinstance(path, os.PathLike) else path
            if self._text("with_watch", "path", text) and sound:
                self.watches.append(Watch(str(text), action, target, patterns, user_location()))
        return self

    def _is_watch_action(self, action: object) -> bool:
        """Whether a change can lead to that."""
        if not self._one_of("with_watch", "action", action, WATCH_ACTIONS):
            return False
        if action == "rebuild" and self.build_files is None:
            problem = "a run builds no image for it"
        elif action not in self.watch_actions:
            problem = "it is not a container"
        else:
            return True
        mistake(
            f'with_watch(action="{action}"): {problem}',
            resource=self.name,
            remedy=f'Use action="{self.watch_actions[0]}", or leave it out.',
        )
        return False

    def _is_watch_target(self, action: object, target: object, paths: tuple[object, ...]) -> bool:
        """Whether a target is given exactly where one is needed, for one path."""
        if action not in ("sync", "sync+restart"):
            if target is not None:
                mistake(
                    f'with_watch(action="{action}") got a target, and copies nothing',
                    resource=self.name,
                    remedy='Leave it out, or use action="sync".',
                )
            return target is None
        if len(paths) > 1:
            mistake(
                f"with_watch() got {len(paths)} paths for one target",
                resource=self.name,
                remedy="Call it once for each path.",
            )
        return self._path("with_watch", "target", target) and len(paths) <= 1

    def _watch_patterns(self, ignore: object) -> tuple[str, ...]:
        """The patterns of what is not watched; wrong ones are reported and left out."""
        if isinstance(ignore, str) or not isinstance(ignore, Iterable):
            mistake(
                f"with_watch() needs a list as ignore, not {kind_of(ignore)}",
                resource=self.name,
                remedy='Write ignore=["…"].',
            )
            return ()
        return tuple(pattern for pattern in ignore if self._text("with_watch", "pattern", pattern))


def watches_of(resource: object) -> list[Watch]:
    """What is watched for a resource."""
    return resource.watches if isinstance(resource, Watchable) else []
