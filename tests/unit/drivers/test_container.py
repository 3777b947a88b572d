"""What is said of a container's end."""

from __future__ import annotations

from typing import Any

import pytest

from fairlead.drivers.container import why_ended
from fairlead.engines.containers import ContainerInfo


@pytest.mark.parametrize(
    ("code", "limit", "seen", "reason"),
    [
        (0, None, {}, ""),
        (7, "20m", {}, ""),
        (137, None, {}, ""),
        (137, None, {"oom_killed": True}, "it ran out of memory"),
        (137, "20m", {"oom_killed": True}, "it ran out of memory; its limit is 20m"),
        (137, "20m", {}, "it was killed; its memory limit is 20m, so most likely it ran out of memory"),
        (1, "20m", {"oom_killed": True}, "one of its processes was killed before, as memory ran out"),
        (1, None, {"error": "its image is for arm64"}, "its image is for arm64"),
    ],
)
def test_the_reason_says_what_is_known_and_no_more(
    code: int, limit: str | None, seen: dict[str, Any], reason: str
) -> None:
    """Want of memory must be said where the engine saw it, or where a limit makes it likely; else nothing."""
    info = ContainerInfo(id="1", name="box", image="", image_id="", labels={}, state="exited", **seen)

    assert why_ended(code, info, limit) == reason
