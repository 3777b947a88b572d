"""Names that have changed, for the tests of third parties."""

from __future__ import annotations

import pytest

from fairlead.testing import FakeEngine, InMemory


async def test_the_older_names_of_a_blocked_start_still_work() -> None:
    """`held` and `let_go` must do what they did, and name their successors."""
    with pytest.warns(DeprecationWarning, match=r"InMemory\(held=\) is now InMemory\(blocks_start=\)"):
        resource = InMemory("db", held=True)
    assert resource.blocks_start
    with pytest.warns(DeprecationWarning, match="blocks_start"):
        assert resource.held
    with pytest.warns(DeprecationWarning, match="unblock_start"):
        resource.let_go()
    assert not resource.blocks_start


async def test_the_older_names_of_an_engine_still_work() -> None:
    """`verifies` and `hurry` must do what they did, and name their successors."""
    engine = FakeEngine()
    with pytest.warns(DeprecationWarning, match="verifies_tls"):
        assert engine.verifies
    with pytest.warns(DeprecationWarning, match="shorten_timeouts"):
        engine.hurry()
