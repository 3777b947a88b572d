"""Tables of text."""

from __future__ import annotations

from tests.support.pictures import healthy, picture, unhealthy

from fairlead.cli.resources import in_tree, table
from fairlead.cli.table import Cell, Column, render, shorten, width_of
from fairlead.model.state import State

COLUMNS = (Column("Name", 6), Column("State"), Column("Why", 8))


def cells(*texts: str) -> list[Cell]:
    return [Cell(text) for text in texts]


def test_columns_are_as_wide_as_their_content() -> None:
    """Columns must be aligned, and rows have no blanks at their end."""
    lines = render(COLUMNS, [cells("api", "Running", ""), cells("a-long-name", "Up", "because")], None, False)

    assert lines == ["Name         State    Why", "api          Running", "a-long-name  Up       because"]


def test_narrow_terminal_shortens_from_the_right() -> None:
    """Too little room must shorten the last column first, then those before it, and never the state."""
    rows = [cells("a-long-name", "Running", "because of this and that")]

    assert render(COLUMNS, rows, 36, False)[1] == "a-long-name  Running  because of th…"
    assert render(COLUMNS, rows, 25, False)[1] == "a-lon…  Running  because…"


def test_column_without_content_is_left_out() -> None:
    """A column that says nothing must not take room."""
    assert render(COLUMNS, [cells("api", "", "why")], None, False) == ["Name  Why", "api   why"]


def test_colours_do_not_count() -> None:
    """Colours must not change the alignment."""
    plain = render(COLUMNS, [[Cell("api", "red", bold=True), Cell("x"), Cell("y")], cells("b", "x", "y")], 80, False)
    colored = render(COLUMNS, [[Cell("api", "red", bold=True), Cell("x"), Cell("y")], cells("b", "x", "y")], 80, True)

    import click

    assert [click.unstyle(line) for line in colored] == plain
    assert colored != plain


def test_wide_characters_take_two_columns() -> None:
    """Characters of double width must be counted as such, combining ones not at all."""
    assert width_of("仕事") == 4
    assert width_of("e\u0301") == 1
    assert shorten("仕事仕事", 5) == "仕事…"
    assert shorten("abc", 3) == "abc"


def test_children_are_below_their_parents() -> None:
    """Children must follow their parent, also when they were declared elsewhere; unknown parents don't lose anybody."""
    resources = [
        picture("b", parent="a"),
        picture("a"),
        picture("c"),
        picture("d", parent="b"),
        picture("e", parent="?"),
    ]

    assert [(resource["name"], depth) for resource, depth in in_tree(resources)] == [
        ("a", 0),
        ("b", 1),
        ("d", 2),
        ("c", 0),
        ("e", 0),
    ]
    assert table(resources, None, False)[2:4] == ["└ b    Running", "  └ d  Running"]


def test_rows_say_what_is_the_matter() -> None:
    """A row must show the address of what is well, and of anything else why it is not."""
    lines = table(
        [
            healthy("api", "http://localhost:1"),
            unhealthy("web", "answers 500"),
            picture("job", State.FINISHED, exit_code=3),
            picture("late", State.WAITING, waiting_for=("web to be healthy",)),
            picture("bad", State.FAILED_TO_START, reason="no such\ncommand"),
            picture("old", State.EXITED, exit_code=137, stop_requested=True),
        ],
        None,
        False,
    )

    assert lines[1:] == [
        "api   Running        Healthy    http://localhost:1",
        "web   Running        Unhealthy  GET / answers 500",
        "job   Finished                  exit code 3",
        "late  Waiting                   for web to be healthy",
        "bad   FailedToStart             no such command",
        "old   Exited                    stopped",
    ]
