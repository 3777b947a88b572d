"""Causes on the command line: the same words as on the page, in a few lines each."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from fairlead.cli.screens.causes import cause_lines, causes_lines, concerning, effects_text
from fairlead.runtime.causes.cause import Cause, CauseAction

CAUSE = Cause(
    id="key:no value:1",
    resource="key",
    name="key",
    severity="warning",
    title="key has no value",
    what="Nothing gives it a value.",
    raw="",
    remedy="Set FAIRLEAD_PARAMETER_KEY.",
    file="apphost.py",
    line=11,
    since=1.0,
    waiting=("worker",),
    action=CauseAction("parameter", "Enter value", "key"),
)


def plain(text: str, **look: Any) -> str:
    return text


def test_all_of_it_is_said() -> None:
    """Severity, title, reason, remedy with its line, effects and the last lines of the log must be there."""
    assert cause_lines(asdict(CAUSE), plain, ["Traceback", "KeyError: 'KEY'"]) == [
        "warning  key has no value",
        "         Nothing gives it a value.",
        "         Set FAIRLEAD_PARAMETER_KEY. (apphost.py:11)",
        "         Holds up worker.",
        "         | Traceback",
        "         | KeyError: 'KEY'",
    ]


def test_what_is_not_known_is_left_out() -> None:
    """A cause without remedy, line, effects or words of a program must not have empty lines for them."""
    bare = replace(CAUSE, severity="error", remedy="", file=None, line=None, waiting=())
    assert causes_lines([asdict(bare)], plain) == [
        "error    key has no value",
        "         Nothing gives it a value.",
    ]
    said = replace(bare, raw="a\nb\nc\nd")
    assert cause_lines(asdict(said), plain)[2:] == ["         | a", "         | b", "         | c"]


def test_many_effects_are_counted() -> None:
    """So many names as can be read at a glance, and how many there are."""
    names = tuple(f"r{number}" for number in range(7))
    assert effects_text(asdict(replace(CAUSE, waiting=names))) == "Holds up 7: r0, r1, r2, r3, r4 and 2 more."


def test_those_that_concern_a_resource() -> None:
    """Its own, those of its replicas and pods, and those that hold it up must be shown with it, and no others."""
    resource = {"id": "api", "name": "api", "replicas": [{"id": "api-1"}], "declared": {"file": "a.py", "line": 3}}
    own = {"resource": "api", "waiting": [], "file": "a.py", "line": 3}
    replica = {**own, "resource": "api-1"}
    pod = {**own, "resource": "k8s/pod/default/api-x"}
    holder = {"resource": "key", "waiting": ["api"], "file": "a.py", "line": 1}
    other = {"resource": "web", "waiting": [], "file": "a.py", "line": 3}
    assert concerning([own, replica, pod, holder, other], resource) == [own, replica, pod, holder]
