"""The health checks that Dockerfiles give their images."""

from __future__ import annotations

import pytest

from fairlead.model.health import CommandCheck
from fairlead.publish.images.dockerfile_health import health_in

SHELL = ("/bin/sh", "-c")


@pytest.mark.parametrize(
    ("dockerfile", "check"),
    [
        ("FROM a", None),
        ("FROM a\nHEALTHCHECK NONE", None),
        ("FROM a\nhealthcheck cmd true", CommandCheck((*SHELL, "true"))),
        ('FROM a\nHEALTHCHECK CMD ["curl", "-f", "localhost"]', CommandCheck(("curl", "-f", "localhost"))),
        ("FROM a\nHEALTHCHECK CMD [ -f /well ]", CommandCheck((*SHELL, "[ -f /well ]"))),
        (
            "FROM a\nHEALTHCHECK --interval=1m30s --timeout=500ms --start-period=2m "
            "--start-interval=5s --retries=4 CMD x",
            CommandCheck((*SHELL, "x"), 90.0, 0.5, 4, 120.0),
        ),
        ("FROM a\nHEALTHCHECK --interval=0s --retries=0 CMD x", CommandCheck((*SHELL, "x"))),
        (
            "FROM a\nHEALTHCHECK --interval=5s \\\n  # a comment\n\n  CMD curl -f localhost \\\n    || exit 1\nUSER b",
            CommandCheck((*SHELL, "curl -f localhost     || exit 1"), 5.0),
        ),
        ('FROM a\nSHELL ["/bin/bash", "-ec"]\nHEALTHCHECK CMD x', CommandCheck(("/bin/bash", "-ec", "x"))),
        ("# escape=`\nFROM a\nHEALTHCHECK CMD a `\n  b\\", CommandCheck((*SHELL, "a   b\\"))),
        ("FROM a\nHEALTHCHECK CMD x\nFROM b", None),
        ("FROM a AS one\nHEALTHCHECK CMD x\nFROM One\nRUN y", CommandCheck((*SHELL, "x"))),
        ("FROM a AS one\nHEALTHCHECK CMD x\nFROM --platform=linux/amd64 one AS two\nHEALTHCHECK NONE", None),
        ("FROM a\nHEALTHCHECK CMD x\nRUN <<EOF\nHEALTHCHECK CMD y\nFROM z\nEOF\n", CommandCheck((*SHELL, "x"))),
        ("FROM a\nHEALTHCHECK CMD x\nHEALTHCHECK CMD y", CommandCheck((*SHELL, "y"))),
        ("FROM\nHEALTHCHECK\nHEALTHCHECK --interval=5s", None),
        ("", None),
    ],
)
def test_the_last_stage_counts(dockerfile: str, check: CommandCheck | None) -> None:
    """The last health check of the last stage must count, or that of the stage that it is built on."""
    assert health_in(dockerfile) == check


STAGES = "FROM a AS one\nHEALTHCHECK CMD x\nFROM b\nHEALTHCHECK CMD y\nFROM one AS three\nHEALTHCHECK CMD z\n"


@pytest.mark.parametrize(("target", "command"), [("ONE", "x"), ("1", "y"), ("three", "z"), ("0", "x"), (None, "z")])
def test_a_stage_may_be_named(target: str | None, command: str) -> None:
    """Of the stage that is built the check must be found, by its name or number."""
    assert health_in(STAGES, target) == CommandCheck((*SHELL, command))
