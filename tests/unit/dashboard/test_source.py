"""The lines of the app file that declare a resource."""

from __future__ import annotations

from fairlead.dashboard.documents.source import MOST, excerpt

FILE = """\
def define(app):
    api = (
        app.add_container("api", "nginx")
        .with_environment("A", "b")
    )
    web = app.add_container("web", "nginx")
"""


def test_a_statement_is_shown_whole() -> None:
    """A declaration over several lines must be shown from its first to its last, with a line on either side."""
    lines = excerpt(FILE, 3)
    assert [each.number for each in lines] == [1, 2, 3, 4, 5, 6]
    assert [each.number for each in lines if each.declares] == [2, 3, 4, 5]


def test_a_file_that_does_not_parse_shows_the_line() -> None:
    """A file that was edited into something else must still show what stands at the line."""
    assert [each.number for each in excerpt("a\nb = (\nc\n", 2) if each.declares] == [2]
    assert excerpt("", 2) == ()


def test_a_long_statement_is_cut() -> None:
    """A declaration that goes on for pages must not fill the panel."""
    text = "x = [\n" + "1,\n" * 100 + "]\n"
    assert len(excerpt(text, 1)) == MOST + 1
