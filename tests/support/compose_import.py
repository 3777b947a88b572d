"""Importing compose files in a test: the files are texts, and so is what comes of them."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from fairlead import App
from fairlead.compose.importing import Imported, import_compose


class TextFiles:
    """A folder that is made of texts.

    Args:
        texts: The files by path.
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = {path: textwrap.dedent(text).encode() for path, text in texts.items()}

    def read(self, path: str) -> bytes:
        try:
            return self.texts[path]
        except KeyError:
            raise FileNotFoundError(2, "No such file or directory", path) from None

    def is_file(self, path: str) -> bool:
        return path in self.texts

    def is_folder(self, path: str) -> bool:
        return bool(self.files_below(path, 1))

    def files_below(self, path: str, most: int) -> list[str]:
        prefix = path.removeprefix("./").rstrip("/") + "/"
        return sorted(file for file in self.texts if file.startswith(prefix))[:most]


def import_text(
    text: str,
    *more: str,
    files: Mapping[str, str] | None = None,
    env: str | None = None,
    profiles: Collection[str] = (),
) -> Imported:
    """What comes of a compose file, and of others that override it.

    Args:
        text: The file, ``compose.yaml``.
        *more: Those that override it: ``override1.yaml``, …
        files: Other files of the folder.
        env: The text of ``.env``.
        profiles: The profiles that are always on.
    """
    named = {"compose.yaml": text, **{f"override{number}.yaml": other for number, other in enumerate(more, 1)}}
    folder = TextFiles({**named, **(files or {}), **({} if env is None else {".env": env})})
    env_files: Sequence[str] = [] if env is None else [".env"]
    return import_compose(list(named), folder, name="shop", env_files=env_files, profiles=profiles)


def code_of(imported: Imported) -> str:
    """The app file without the list at its foot, and without line breaks and blanks at their ends."""
    return imported.text.partition("\n# What ")[0]


def calls_of(imported: Imported) -> str:
    """The app file's code on one line, without blanks around brackets, to look for calls in."""
    joined = " ".join(code_of(imported).split())
    for before, after in (("( ", "("), (" )", ")"), (",)", ")"), ("[ ", "["), (",]", "]"), (" .", "."), (" ]", "]")):
        joined = joined.replace(before, after)
    return joined


def app_of(imported: Imported, mode: str = "run") -> App:
    """The app that an app file defines."""
    names: dict[str, Any] = {"__name__": "imported"}
    exec(compile(imported.text, "apphost.py", "exec"), names)
    definition = next(value for value in names.values() if hasattr(value, "build") and hasattr(value, "publish"))
    app: App = definition.build(mode)
    return app


def told(imported: Imported, path: str) -> str:
    """What is said of a path, in all remarks about it; empty for nothing."""
    return "; ".join(remark.reason for remark in imported.remarks if remark.path == path)
