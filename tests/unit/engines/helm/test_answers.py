"""What Helm answers, as data."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fairlead.engines.helm import HelmError
from fairlead.engines.helm.answers import Answer, error_text, parse_history


def answer(rows: Any, exit_code: int = 0, stderr: bytes = b"") -> Answer:
    return Answer(exit_code, [json.dumps(rows).encode()], [stderr])


def test_a_history() -> None:
    """The revisions must come in their order; a status of a later Helm must be unknown and not an error."""
    rows = [
        {
            "revision": 2,
            "updated": "…",
            "status": "asleep",
            "chart": "web-1.0.0",
            "app_version": "",
            "description": "x",
        },
        {
            "revision": 1,
            "updated": "…",
            "status": "superseded",
            "chart": "web-1.0.0",
            "app_version": "",
            "description": "",
        },
    ]
    releases = parse_history("web", "shop", answer(rows))
    assert [(one.revision, one.status, one.description) for one in releases] == [
        (1, "superseded", ""),
        (2, "unknown", "x"),
    ]


def test_a_release_that_is_not_there() -> None:
    """Helm's refusal to tell of a release that is not there must be an empty history, any other an error."""
    assert parse_history("web", "shop", answer([], 1, b"Error: release: not found")) == []
    with pytest.raises(HelmError, match="Kubernetes cluster unreachable"):
        parse_history("web", "shop", answer([], 1, b"Error: Kubernetes cluster unreachable"))


@pytest.mark.parametrize("rows", ["text", [{"revision": 1}], [1], {"revision": 1}])
def test_an_answer_that_makes_no_sense(rows: Any) -> None:
    """What are no revisions must be an error in words."""
    with pytest.raises(HelmError, match="something else than revisions"):
        parse_history("web", "shop", answer(rows))


@pytest.mark.parametrize(
    ("stderr", "words"),
    [
        ("level=WARN msg=x\nError: UPGRADE FAILED: no", "UPGRADE FAILED: no"),
        (
            "Error: values don't meet the schema:\n- port: is needed\n",
            "values don't meet the schema:\n- port: is needed",
        ),
        ("sh: helm: not found\n", "sh: helm: not found"),
        ("Error: " + "x" * 3000, "x" * 2000 + " …"),
    ],
)
def test_why_it_failed(stderr: str, words: str) -> None:
    """An error must have Helm's words from its last ``Error:`` on, and be no longer than a screen."""
    assert error_text(stderr) == words


def test_an_end_without_words() -> None:
    """An end without a word must be told by its exit code."""
    assert answer([], 137).error.message == "helm ended with exit code 137"
