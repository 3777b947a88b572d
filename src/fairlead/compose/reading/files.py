"""What reading needs of the world: texts of files, and what is there."""

from __future__ import annotations

from typing import Protocol


class Files(Protocol):
    """The folder of the app file, by paths relative to it."""

    def read(self, path: str) -> bytes:
        """The contents of a file.

        Raises:
            OSError: It can't be read.
        """

    def is_file(self, path: str) -> bool:
        """Whether a path is a file."""

    def is_folder(self, path: str) -> bool:
        """Whether a path is a folder."""

    def files_below(self, path: str, most: int) -> list[str]:
        """Paths of the files below a folder, in order; of a very full one, the first ``most``."""
