"""Whether a host still lives, by its mark."""

from __future__ import annotations

import subprocess

from fairlead.engines.watchdog.host_mark import host_mark, is_dead


def test_only_who_has_certainly_ended_is_dead() -> None:
    """A host of this machine must count as dead once it ended or the machine was started anew; no other ever."""
    mark = host_mark()
    machine, boot, namespace, pid, start = mark.split("/")
    assert not is_dead(mark)
    assert is_dead("/".join([machine, boot, namespace, pid, f"{start}0"])), "its number was given away"
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
    assert is_dead("/".join([machine, boot, namespace, str(ended.pid), start]))
    assert is_dead("/".join([machine, "earlier", namespace, pid, start]))
    assert not is_dead("/".join(["elsewhere", "earlier", namespace, pid, f"{start}0"]))
    assert not is_dead("/".join([machine, boot, "another", pid, f"{start}0"]))
    assert not is_dead("") and not is_dead("a/b/c/d/e")
