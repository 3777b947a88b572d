"""Where the tools of an app's folder may be set up: in the folder itself, or above it."""

from __future__ import annotations

from pathlib import Path


def folders_up_to_repository(folder: Path) -> list[Path]:
    """A folder and those above it, up to the one that holds the repository; the folder alone outside of one."""
    folder = folder.resolve()
    places = [folder, *folder.parents]
    for number, place in enumerate(places):
        if (place / ".git").exists():
            return places[: number + 1]
    return [folder]
