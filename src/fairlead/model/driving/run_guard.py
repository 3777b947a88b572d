"""The watchdog of a run, as drivers and engines see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol


class RunGuard(Protocol):
    """The watchdog of a run, which ends what belongs to the run when the host dies by any means."""

    @property
    def environment(self) -> Mapping[str, str]:
        """Variables that mark processes of the run: every process that a driver starts on this machine gets them."""

    def watch_group(self, pgid: int) -> None:
        """Watch a process group, and the session of the same number; call it as soon as the group exists."""

    def forget_group(self, pgid: int) -> None:
        """Watch a process group no longer: nothing of it is left. Call it before its leader is reaped."""

    def creating(self, kind: Literal["container", "network", "volume"], name: str) -> None:
        """An engine is about to be asked to create something that carries the run's labels and ends with the run.

        Should the host die before ``created``, the watchdog waits for it to turn up.
        """

    def created(self, kind: Literal["container", "network", "volume"], name: str) -> None:
        """The engine has answered: it was created, or will not be."""

    def add_cleanup(self, container: str, argv: Sequence[str]) -> None:
        """Have a command run inside a container that outlives the run, when the host has died or the run ends.

        For what a run creates in there, such as objects in a cluster. The watchdog repeats the command until it ends
        with exit code 0, and runs none where the container is gone.

        Args:
            container: The container's id in the engine, in full.
            argv: The command, of up to about 4,000 bytes.
        """

    def remove_cleanup(self, container: str, argv: Sequence[str]) -> None:
        """Take a clean-up command back: nothing of the run is left in the container."""
