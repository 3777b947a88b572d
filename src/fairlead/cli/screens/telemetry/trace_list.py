"""Traces as a table, and as a line each where they are followed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fairlead.cli.screens.appearance import BAD
from fairlead.cli.screens.table import Cell, Column, Row, render
from fairlead.cli.screens.telemetry.texts import SHORT_ID, clock_text, duration_text, line_text
from fairlead.cli.terminal import style

_COLUMNS = (
    Column("Time"),
    Column("Trace"),
    Column("Duration"),
    Column("Spans"),
    Column("Errors"),
    Column("Name", 16),
    Column("Resources", 12),
)


def trace_table(traces: Sequence[dict[str, Any]], width: int | None, color: bool) -> list[str]:
    """The table of traces, in their order.

    Args:
        traces: As the control API shows them.
        width: How many columns there are; None for no end of them.
        color: Whether in colour.
    """
    return render(_COLUMNS, [_row(trace) for trace in traces], width, color)


def _row(trace: dict[str, Any]) -> Row:
    return [
        Cell(clock_text(trace["start"]), dim=True),
        Cell(trace["trace_id"][:SHORT_ID]),
        Cell(duration_text(trace["duration"]) + (" …" if trace["running"] else "")),
        Cell(f"{trace['spans']:,}"),
        Cell(f"{trace['errors']:,}" if trace["errors"] else "", BAD),
        Cell(line_text(trace["name"]), bold=True),
        Cell(", ".join(share["resource"] for share in trace["shares"]), dim=True),
    ]


def trace_line(trace: dict[str, Any]) -> str:
    """A trace in a line."""
    errors = f"  {style(error_text(trace['errors']), fg=BAD)}" if trace["errors"] else ""
    return (
        f"{style(clock_text(trace['start']), dim=True)}  {trace['trace_id'][:SHORT_ID]}  "
        f"{duration_text(trace['duration']):>8}  {style(line_text(trace['name']), bold=True)}{errors}  "
        f"{style(', '.join(share['resource'] for share in trace['shares']), dim=True)}"
    )


def error_text(errors: int) -> str:
    """How many errors there are."""
    return f"{errors:,} {'error' if errors == 1 else 'errors'}"
