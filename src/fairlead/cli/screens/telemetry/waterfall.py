"""One trace as a waterfall of text: what happened when, and where the time went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from fairlead.cli.screens.appearance import BAD, PREFIX_COLORS
from fairlead.cli.screens.table import width_of
from fairlead.cli.screens.telemetry.texts import clock_text, duration_text, line_text
from fairlead.cli.terminal import style

Document: TypeAlias = dict[str, Any]
"""A trace with its spans, as the control API shows it."""

USUAL_WIDTH = 100
"""Columns where there is no terminal."""
_LEAST_BAR = 12
_MOST_BAR = 60
_LEAST_NAME = 12
_DURATION = 10
_MOST_INDENT = 12

_NANOSECOND = 1e-9
_PATH_BAR = "━"
_BAR = "─"


def waterfall_lines(document: Document, width: int) -> list[str]:
    """The lines of a trace.

    Args:
        document: The trace.
        width: How many columns there are.
    """
    trace, spans = document["trace"], document["spans"]
    colors = resource_colors(spans)
    return [
        *_head(trace),
        "",
        *_rows(trace, spans, width, colors),
        "",
        *_ends(spans),
        _legend(spans),
        *_shares(trace, width, colors),
    ]


def resource_colors(spans: Sequence[Document]) -> dict[str, str]:
    """A colour for each resource of a trace, in the order in which they come."""
    names = dict.fromkeys(span["resource"] for span in spans)
    return {name: PREFIX_COLORS[place % len(PREFIX_COLORS)] for place, name in enumerate(names)}


def _head(trace: Document) -> Iterator[str]:
    errors = trace["errors"]
    facts = [
        duration_text(trace["duration"]),
        f"{trace['spans']:,} {'span' if trace['spans'] == 1 else 'spans'}",
        style(f"{errors:,} {'error' if errors == 1 else 'errors'}", fg=BAD) if errors else "",
        f"{trace['dropped']:,} more dropped" if trace["dropped"] else "",
        "still running" if trace["running"] else "",
        "imported" if trace["imported"] else "",
        clock_text(trace["start"]),
        trace["trace_id"],
    ]
    yield style(line_text(trace["name"]), bold=True)
    yield " · ".join(filter(None, facts))


def _rows(trace: Document, spans: Sequence[Document], width: int, colors: dict[str, str]) -> Iterator[str]:
    resource_width = max(width_of(span["resource"]) for span in spans)
    names = ["  " * min(span["depth"], _MOST_INDENT) + line_text(span["name"]) for span in spans]
    room = width - resource_width - _DURATION - 6
    bar_width = max(_LEAST_BAR, min(_MOST_BAR, room // 2))
    name_width = max(_LEAST_NAME, min(max(map(width_of, names)), room - bar_width))
    for span, name in zip(spans, names, strict=True):
        resource = style(_fitted(span["resource"], resource_width), fg=colors[span["resource"]])
        mark = style("×", fg=BAD) if span["status"] == "error" else " "
        bar = style(bar_text(span, trace["duration"], bar_width), fg=colors[span["resource"]])
        duration = f"{duration_text(span['duration']):>{_DURATION}}"
        look = {"bold": True} if span["longest_path"] else {}
        yield f"{resource}  {style(_fitted(name, name_width), **look)}  {bar} {mark}{duration}".rstrip()


def bar_text(span: Document, total: float, width: int) -> str:
    """The bar of a span: where in the trace it was, at least a character long.

    Args:
        span: The span.
        total: The duration of the trace.
        width: How many columns stand for that.
    """
    if total < _NANOSECOND:
        begin, length = 0, width
    else:
        begin = min(width - 1, max(0, round(span["offset"] / total * width)))
        length = max(1, min(width - begin, round(span["duration"] / total * width)))
    line = (_PATH_BAR if span["longest_path"] else _BAR) * length
    return " " * begin + line + " " * (width - begin - length)


def _ends(spans: Sequence[Document]) -> Iterator[str]:
    """What spans that failed say about it."""
    failed = [(span, text) for span in spans if span["status"] == "error" and (text := failure_text(span))]
    for span, text in failed:
        yield f"{style('×', fg=BAD)} {span['resource']}  {line_text(span['name'])}: {text}"
    if failed:
        yield ""


def failure_text(span: Document) -> str:
    """Why a span failed, in a line; empty where it does not say."""
    exception = span["exception"]
    if exception is None:
        return line_text(span["status_message"])
    return line_text(f"{exception['type']}: {exception['message']}" if exception["message"] else exception["type"])


def _legend(spans: Sequence[Document]) -> str:
    failed = any(span["status"] == "error" for span in spans)
    return style(f"{_PATH_BAR} longest path" + ("   × error" if failed else ""), dim=True)


def _shares(trace: Document, width: int, colors: dict[str, str]) -> Iterator[str]:
    """Where the time went, without children."""
    shares = trace["shares"]
    name_width = max(width_of(share["resource"]) for share in shares)
    total = sum(share["self_time"] for share in shares)
    yield ""
    yield "Where the time went, without children:"
    for share in shares:
        part = share["self_time"] / total if total else 0.0
        name = style(_fitted(share["resource"], name_width), fg=colors.get(share["resource"]))
        spans = f"{share['spans']} {'span' if share['spans'] == 1 else 'spans'}"
        operation = line_text(share["longest_operation"])
        text = f"{duration_text(share['self_time']):>{_DURATION}}  {part:>4.0%}  {spans}, most in "
        room = max(_LEAST_NAME, width - name_width - len(text) - 4)
        yield f"  {name}{text}{_fitted(operation, room).rstrip()}"


def _fitted(text: str, width: int) -> str:
    """A text of just so many columns."""
    if width_of(text) > width:
        while text and width_of(text) > width - 1:
            text = text[:-1]
        text += "…"
    return text + " " * (width - width_of(text))
