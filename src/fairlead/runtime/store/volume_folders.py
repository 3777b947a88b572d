"""The folders in which a run keeps the volumes of processes.

They are data of the app, and so neither in the state folder, which is safe to delete, nor in the repository.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from fairlead.model.names import normal_form
from fairlead.runtime.store.files import explain, private_folder


class VolumeFolders:
    """The folders of one app, each created on first use.

    Args:
        base: Gives the folder that they are in.
    """

    def __init__(self, base: Callable[[], Path]) -> None:
        self._base = base

    def path(self, volume: str) -> Path:
        """Where the folder of a volume is."""
        return self._base() / normal_form(volume)

    def ensure(self, volume: str) -> Path:
        """The folder of a volume, which exists and is closed to other users.

        Raises:
            StateError: It can't be created.
        """
        return private_folder(self.path(volume))


def remove_volume_folders(base: Path) -> list[str]:
    """Remove the folders of an app's volumes, with the data in them.

    Args:
        base: The folder that they are in.

    Returns:
        What was removed, in words.

    Raises:
        StateError: Something in it can't be removed.
    """
    try:
        folders = sorted(path for path in base.iterdir() if path.is_dir() and not path.is_symlink())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise explain("can't read the folder", base, error) from error
    for path in [*folders, base]:
        try:
            shutil.rmtree(path)
        except OSError as error:
            raise explain("can't remove the folder", path, error) from error
    return [f"folder {folder}" for folder in folders]
