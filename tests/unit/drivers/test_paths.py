"""What a path of a definition means on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairlead.drivers.paths import host_path


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("api", "/app/api"),
        ("../api", "/app/../api"),
        ("/api", "/api"),
        ("~", "/home/anna"),
        ("~/src/api", "/home/anna/src/api"),
        ("a~/b", "/app/a~/b"),
        ("./~/b", "/app/~/b"),
        ("~nobody-of-this-name/b", "/app/~nobody-of-this-name/b"),
    ],
)
def test_paths(written: str, meant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path must start at the app file's folder, and one with a tilde at the user's own."""
    monkeypatch.setenv("HOME", "/home/anna")
    assert host_path(Path("/app"), written) == Path(meant)
