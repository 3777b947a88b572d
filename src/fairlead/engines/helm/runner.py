"""Where Helm runs: on this machine or in a container. Decides nothing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from fairlead.engines.helm import Output
from fairlead.engines.helm.answers import Answer

INTERRUPT_SECONDS: Final = 8.0
"""Seconds between the interruption of an operation and its end by force: Helm records that it failed meanwhile."""


class HelmRunner(ABC):
    """Runs the program ``helm``, with files that it needs beside it."""

    @abstractmethod
    async def run(self, arguments: Sequence[str], on_output: Output | None = None) -> Answer:
        """Run Helm with these arguments until it has ended.

        When it is cancelled, Helm is interrupted, and has ended or is ended by force when this returns.

        Args:
            arguments: Its arguments.
            on_output: Takes what it writes as it comes; None for nobody.

        Raises:
            EngineError: It can't be run.
            EngineUnavailable: What it runs in does not answer.
        """

    @abstractmethod
    async def write(self, name: str, content: bytes) -> str:
        """Put a file there that only Helm can read; returns its path."""

    @abstractmethod
    async def bring(self, path: Path) -> str:
        """Make a chart's folder or archive of this machine available; returns its path there."""

    @abstractmethod
    async def make_folder(self, name: str) -> str:
        """An empty folder there; returns its path."""

    @abstractmethod
    async def fetch(self, path: str, folder: Path) -> None:
        """Copy what is in a folder there into one of this machine; files of the same names are replaced."""
