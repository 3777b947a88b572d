"""When what a lock file names counts as installed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from fairlead.projects.installation import Installation, Installed, has_same_packages, is_current, npm_versions

LOCKED = Installation("uv", ("uv", "sync"), Path("/repo"), Path("/repo/uv.lock"))
UNLOCKED = Installation("npm", ("npm", "install"), Path("/repo"), Path("/repo/package.json"), locked=False)


@pytest.mark.parametrize(
    ("installed", "expected"),
    [
        pytest.param(Installed("a", 5, None, None), False, id="no environment"),
        pytest.param(Installed("a", 5, "a", None), False, id="installed once, and the environment removed"),
        pytest.param(Installed("a", 5, None, 6), True, id="by hand, after the lock file changed"),
        pytest.param(Installed("a", 6, None, 5), False, id="by hand, before the lock file changed"),
        pytest.param(Installed("a", 9, "a", 5), True, id="the same content with a new time, as after a checkout"),
        pytest.param(Installed("b", 1, "a", 5), False, id="another content with an old time, as after a copy"),
        pytest.param(Installed("b", 1, "a", 9), False, id="something else installed after the lock file changed"),
        pytest.param(Installed("b", 9, "a", 5, True), True, id="the manager's record agrees: installed by hand"),
        pytest.param(Installed("b", 1, None, 9, False), False, id="the manager's record differs"),
        pytest.param(Installed("a", 9, "a", 9, False), True, id="the record differs, but that is all it installs"),
    ],
)
def test_is_current(installed: Installed, expected: bool) -> None:
    """Content must count more than times."""
    assert is_current(LOCKED, installed) == expected


def test_without_a_lock_file_anything_installed_will_do() -> None:
    """Without a lock file an environment must be taken as it is."""
    assert is_current(UNLOCKED, Installed("a", 9, None, 1))
    assert not is_current(UNLOCKED, Installed("a", 9, None, None))


def lock(**packages: Mapping[str, object]) -> bytes:
    paths = {f"node_modules/{name}": package for name, package in packages.items()}
    return json.dumps({"packages": {"": {"name": "root"}, "packages/a": {"version": "1.0.0"}, **paths}}).encode()


ODD = {"version": "3.0.1", "integrity": "sha512-x", "resolved": "https://one.example.com/is-odd"}


@pytest.mark.parametrize(
    ("wanted", "present", "expected"),
    [
        (lock(odd=ODD), lock(odd=ODD), True),
        (lock(odd=ODD), lock(odd=ODD, more=ODD), True),
        (lock(odd=ODD), lock(odd={**ODD, "resolved": "https://mirror.example.com/is-odd"}), True),
        (lock(odd=ODD), lock(odd={**ODD, "version": "3.0.0"}), False),
        (lock(odd=ODD), lock(odd={**ODD, "integrity": "sha512-y"}), False),
        (lock(odd=ODD), lock(), False),
        (lock(odd={**ODD, "optional": True}), lock(), True),
        (lock(own={"resolved": "packages/a", "link": True}), lock(own={"resolved": "packages/a", "link": True}), True),
        (lock(own={"resolved": "git+ssh://x#1"}), lock(own={"resolved": "git+ssh://x#2"}), False),
        (b'{"lockfileVersion": 1, "dependencies": {}}', lock(), None),
        (b"{", lock(), None),
        (b"[]", lock(), None),
    ],
)
def test_the_record_of_npm(wanted: bytes, present: bytes, expected: bool | None) -> None:
    """npm's own record must tell whether all packages of the lock file are there that this machine needs."""
    assert has_same_packages("npm", wanted, present) is expected


def test_the_record_of_pnpm() -> None:
    """pnpm's own record must count where it equals the lock file; it may also differ where all is well."""
    assert has_same_packages("pnpm", b"a", b"a") is True
    assert has_same_packages("pnpm", b"a", b"b") is None


def test_the_versions_of_npm() -> None:
    """The versions of packages must be known by their folders; links, and what can't be read, have none."""
    assert npm_versions(lock(odd=ODD, own={"resolved": "packages/a", "link": True})) == {"node_modules/odd": "3.0.1"}
    assert npm_versions(b"{") == {}
