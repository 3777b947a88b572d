"""Causes as the command line shows them: what is wrong, why, what to do, and what is held up by it.

All take causes as the control API shows them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from fairlead.cli.screens.appearance import BAD, DOUBTFUL

CauseDocument: TypeAlias = Mapping[str, Any]
Style: TypeAlias = Callable[..., str]

_NAMED = 5
"""Effects that are named before the rest is counted."""
_MOST_RAW = 3
"""Lines that are shown of what an engine or a program said."""
_INDENT = " " * 9


def causes_lines(causes: Iterable[CauseDocument], style: Style) -> list[str]:
    """Some causes, each in a few lines; nothing without any.

    Args:
        causes: The causes, worst first.
        style: Gives a text its look, as ``click.style`` does.
    """
    return [line for cause in causes for line in cause_lines(cause, style)]


def cause_lines(cause: CauseDocument, style: Style, log: Sequence[str] = ()) -> list[str]:
    """One cause: severity and title, then why, the remedy with the line of the app file, effects, and what was said.

    Args:
        cause: The cause.
        style: Gives a text its look.
        log: The last lines of the log of its resource; by default what the cause has of that.
    """
    color = BAD if cause["severity"] == "error" else DOUBTFUL
    severity = style(f"{cause['severity']:<8}", fg=color)
    lines = [f"{severity} {style(cause['title'], bold=True)}"]
    lines += [_INDENT + text for text in (cause["what"], remedy_text(cause), effects_text(cause)) if text]
    said = log or cause["raw"].splitlines()[:_MOST_RAW]
    return [*lines, *(f"{_INDENT}{style('|', dim=True)} {line}" for line in said)]


def remedy_text(cause: CauseDocument) -> str:
    """What to do, with the line of the app file that declares the resource."""
    where = f"{cause['file']}:{cause['line']}" if cause["file"] else ""
    return f"{cause['remedy']} ({where})" if cause["remedy"] and where else cause["remedy"] or where


def effects_text(cause: CauseDocument) -> str:
    """What is held up by it, counted and named."""
    names = cause["waiting"]
    if len(names) < 2:
        return f"Holds up {names[0]}." if names else ""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"Holds up {len(names)}: {', '.join(names[:_NAMED])}{more}."


def concerning(causes: Iterable[CauseDocument], resource: Mapping[str, Any]) -> list[CauseDocument]:
    """The causes of what is the matter with a resource: its own, of its replicas or pods, and what holds it up.

    Args:
        causes: All causes.
        resource: The resource, as the control API shows it.
    """
    ids = {resource["id"], *(replica["id"] for replica in resource["replicas"])}
    declared = resource["declared"] or {}
    where = declared.get("file"), declared.get("line")
    return [
        cause
        for cause in causes
        if cause["resource"] in ids
        or resource["name"] in cause["waiting"]
        or ("/" in cause["resource"] and (cause["file"], cause["line"]) == where)
    ]
