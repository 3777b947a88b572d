"""A feature of compose files: a short input, and what has to come of it."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.support.compose_import import calls_of, import_text


@dataclass(frozen=True)
class Feature:
    """One feature.

    Args:
        name: What it is.
        text: The compose file; without ``services:`` it is the service ``web``, whose image is nginx if it has none.
        calls: What the app file has to say, on one line.
        told: What is said of places, by their paths below ``services.web.``, or from the top behind a slash.
        more: Files that override it.
        files: Other files of the folder.
        env: The text of ``.env``.
        without: What the app file must not say.
    """

    name: str
    text: str
    calls: tuple[str, ...] = ()
    told: Mapping[str, str] = field(default_factory=dict)
    more: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    env: str | None = None
    without: tuple[str, ...] = ()

    def check(self) -> None:
        """Import it, and look for what has to come of it."""
        imported = import_text(_whole(self.text), *map(_whole, self.more), files=self.files, env=self.env)
        code = calls_of(imported)
        for call in self.calls:
            assert call in code, f"{call}\nis not in\n{imported.text}"
        for call in self.without:
            assert call not in code, f"{call}\nis in\n{imported.text}"
        for path, words in self.told.items():
            full = path[1:] if path.startswith("/") else f"services.web.{path}"
            said = "; ".join(remark.reason for remark in imported.remarks if remark.path == full)
            assert words in said, f"{words!r} is not said of {full}\n{imported.text}"


def _whole(text: str) -> str:
    """The compose file that a short text stands for."""
    text = textwrap.dedent(text)
    if "services:" in text:
        return text
    image = "" if "image:" in text or "build:" in text else "    image: nginx:1.22-bookworm\n"
    return f"services:\n  web:\n{image}{textwrap.indent(text, '    ')}"
