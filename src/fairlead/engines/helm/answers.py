"""What Helm answers, as data. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import NamedTuple, get_args

from fairlead.engines.helm import HelmError, Release, ReleaseStatus

_NOT_FOUND = re.compile(r"release: not found|release.*not found", re.IGNORECASE)
_LONGEST = 2000
"""Characters of Helm's words that an error has; the rest is in the log."""


class Answer(NamedTuple):
    """How a command of Helm ended.

    Args:
        exit_code: Its exit code.
        stdout: What it wrote to its standard output.
        stderr: What it wrote to its standard error.
    """

    exit_code: int
    stdout: Sequence[bytes]
    stderr: Sequence[bytes]

    @property
    def is_not_found(self) -> bool:
        """Whether it failed because there is no such release."""
        return self.exit_code != 0 and _NOT_FOUND.search(_text(self.stderr)) is not None

    @property
    def error(self) -> HelmError:
        """Why it failed, in Helm's words."""
        return HelmError(error_text(_text(self.stderr)) or f"helm ended with exit code {self.exit_code}")


def error_text(stderr: str) -> str:
    """Helm's words on why it failed: what comes behind its last ``Error:``, else its last lines."""
    _, marked, words = f"\n{stderr}".rpartition("\nError: ")
    text = (words if marked else stderr).strip()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"


def parse_history(name: str, namespace: str, answer: Answer) -> list[Release]:
    """The revisions that ``helm history --output json`` tells, the last one at the end.

    Raises:
        HelmError: It failed, or it answered something else.
    """
    # [{"revision":1,"updated":"…","status":"deployed","chart":"web-0.1.0","app_version":"","description":"…"}]
    if answer.is_not_found:
        return []
    if answer.exit_code != 0:
        raise answer.error
    try:
        rows = json.loads(b"\n".join(answer.stdout))
        releases = [
            Release(
                name=name,
                namespace=namespace,
                revision=int(row["revision"]),
                status=parse_status(row["status"]),
                chart=str(row["chart"]),
                description=str(row.get("description") or ""),
            )
            for row in rows
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise HelmError(f"helm history answered something else than revisions ({error})") from error
    return sorted(releases, key=lambda release: release.revision)


def parse_status(text: object) -> ReleaseStatus:
    """A status in Helm's words; one that is not known is ``unknown``."""
    known: tuple[ReleaseStatus, ...] = get_args(ReleaseStatus)
    return next((status for status in known if status == text), "unknown")


def _text(lines: Sequence[bytes]) -> str:
    return b"\n".join(lines).decode(errors="replace")
