"""Tables of text."""

from __future__ import annotations

import pytest
from tests.support.pictures import healthy, picture, unhealthy

from fairlead.cli.screens.table import Cell, Column, render, width_of
from fairlead.cli.verbs.resources import in_tree, table
from fairlead.model.observation.state import State

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
    for width in range(1, 60):
        assert all(width_of(line) <= width for line in render(COLUMNS, rows, width, False))


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
    rows = [cells("仕事仕事", "Running", "because"), cells("e\u0301", "Running", "")]
    for width in (None, 80):
        assert render(COLUMNS, rows, width, False)[1:] == ["仕事仕事  Running  because", "e\u0301         Running"]


def test_children_are_below_their_parents() -> None:
    """Children must follow their parent, also when they were declared elsewhere; unknown parents don't lose anybody."""
    resources = [
        picture("b", parent="a"),
        picture("a"),
        picture("c"),
        picture("d", parent="b"),
        picture("e", parent="?"),
    ]

    assert [(resource["name"], branch) for resource, branch in in_tree(resources)] == [
        ("a", ""),
        ("b", "└ "),
        ("d", "  └ "),
        ("c", ""),
        ("e", ""),
    ]
    assert table(resources, None, False)[2:4] == ["└ b    Running", "  └ d  Running"]


@pytest.mark.parametrize("width", [None, 60])
def test_branches_show_who_belongs_to_whom(width: int | None) -> None:
    """Only the last child has the corner; a line leads past the children of those before it."""
    resources = [picture("pg"), picture("one", parent="pg"), picture("two", parent="pg"), picture("deep", parent="one")]

    assert [line.removesuffix("Running").rstrip() for line in table(resources, width, False)[1:]] == [
        "pg",
        "├ one",
        "│ └ deep",
        "└ two",
    ]


def test_observed_children_are_told_apart_by_their_ids() -> None:
    """Pods of one name in two namespaces must be told apart, with their kind, below what they belong to."""
    pods = [
        picture("web-0", kind="Pod", id=f"k8s/pod/{space}/web-0", origin="observed", owner="k8s", parent=parent)
        for space, parent in (("default", "k8s"), ("b", "k8s"), ("b", "k8s/deployment/b/web"))
    ]
    workload = picture(
        "web", kind="Deployment", id="k8s/deployment/b/web", origin="observed", owner="k8s", parent="k8s"
    )
    lines = table([picture("k8s"), *pods[:2], workload, pods[2]], None, False)

    assert [line.removesuffix("Running").rstrip() for line in lines[1:]] == [
        "k8s",
        "├ pod web-0",
        "├ pod b/web-0",
        "└ deployment b/web",
        "  └ pod web-0",
    ]


@pytest.mark.parametrize("width", [None, 40])
def test_parameters_share_a_line(width: int | None) -> None:
    """Parameters that have their values must not fill the table; one without a value is a row."""
    parameters = [picture(f"key-{number}", State.ACTIVE, kind="Parameter") for number in range(3)]
    missing = picture("lost", State.VALUE_MISSING, kind="Parameter", reason="set it")
    lines = table([parameters[0], missing, healthy("api", "http://x"), *parameters[1:]], width, False)

    assert [line.split()[0] for line in lines] == ["Name", "lost", "api", "Parameters:"]
    assert lines[-1] == "Parameters: key-0, key-1, key-2"


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
