"""Commands must be shown always, with the reason where one can't be given, and with what it does to others."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.definitions import build

from fairlead import AppBuilder, Command, Lifetime
from fairlead.model.observation.snapshot import CommandView, Snapshot, WaitView
from fairlead.model.observation.state import State
from fairlead.runtime.lifecycle.command_views import Neighbours, Offered, command_views, names_text
from fairlead.runtime.plan import plan_run
from fairlead.testing import InMemory


def define(app: AppBuilder) -> None:
    cache = app.add_container("cache", "redis:7.0-bookworm")
    app.add_container("kept", "redis:7.0-bookworm").with_lifetime(Lifetime.PERSISTENT)
    pg = app.add_postgres("pg").with_data_volume()
    shop = pg.add_database("shop")
    api = app.add(InMemory("api")).with_command("seed", print, display="Seed").wait_for(shop).wait_for(cache)
    app.add(InMemory("web")).wait_for(api).wait_for(cache)


APP = build(define)
PLAN = plan_run(APP)


def views(name: str, state: State, offered: Offered | None = None, **fields: Any) -> dict[str, CommandView]:
    resource = APP[name]
    snapshot = Snapshot(name=name, kind=resource.kind, state=state, **fields)
    shown = command_views(resource, snapshot, Neighbours.of(resource, PLAN), offered or Offered())
    return {view.name: view for view in shown}


@pytest.mark.parametrize(
    ("state", "enabled"),
    [
        (State.NOT_STARTED, {"start"}),
        (State.WAITING, {"start", "stop", "restart"}),
        (State.STARTING, {"stop", "restart"}),
        (State.RUNNING, {"stop", "restart", "seed"}),
        (State.STOPPING, set()),
        (State.FINISHED, {"start", "restart"}),
        (State.FAILED_TO_START, {"start", "restart"}),
    ],
)
def test_what_can_be_given_in_a_state(state: State, enabled: set[str]) -> None:
    """All commands must be listed in every state; those that can't be given must say why in words."""
    shown = views("api", state)
    assert list(shown) == ["start", "stop", "restart", "seed"]
    assert {name for name, view in shown.items() if view.enabled} == enabled
    assert all(bool(view.why_not) != view.enabled for view in shown.values())


def test_the_words() -> None:
    """The reason must name the resource and what it does."""
    assert views("api", State.WAITING)["seed"].why_not == "api is waiting, so this is off"
    assert views("api", State.RUNNING)["start"].why_not == "api is running, so this is off"


def test_starting_without_waiting() -> None:
    """A start of what waits must say so, name what is skipped, and be off where nothing but a value is missing."""
    cache = WaitView("cache", "healthy", satisfied=False, since=1.0)
    over = WaitView("pg", "healthy", satisfied=True, since=1.0)
    key = WaitView("key", "value", satisfied=False, since=1.0)
    start = views("api", State.WAITING, waits=(over, cache))["start"]
    assert (start.display, start.enabled) == ("Start without waiting", True)
    assert start.effects == ("api starts though cache is not ready.",)
    both = views("api", State.WAITING, waits=(cache, key))["start"]
    assert both.effects[1:] == ("It still waits for a value of key.",)
    alone = views("api", State.WAITING, waits=(key,))["start"]
    assert (alone.enabled, alone.why_not) == (False, "api needs a value of key, and can't start without it")


def test_what_a_stop_does_to_others() -> None:
    """What stops first, what goes without it and what is lost must be said, each in a sentence."""
    assert views("cache", State.RUNNING)["stop"].effects == (
        "Its container is removed, and with it all that it has written there.",
        "api and web use it, and go without it until it runs again.",
    )
    assert views("pg", State.RUNNING)["restart"].effects == (
        "shop stops first and starts again with it.",
        "Its container is removed; what is in its volumes stays.",
        "api uses it, and goes without it for that time.",
    )
    assert views("kept", State.RUNNING)["stop"].effects == ()
    assert views("web", State.RUNNING)["stop"].effects == ()


def test_what_has_ended_may_be_taken_back() -> None:
    """A kind that takes back what it has done must be stoppable when it has ended, and not twice."""
    offered = Offered(can_be_undone=True)
    assert views("web", State.FINISHED, offered)["stop"].enabled
    assert not views("web", State.FINISHED, offered, stop_requested=True)["stop"].enabled


def test_commands_of_a_driver() -> None:
    """Its effects and whether it loses data must be shown, and since when it runs."""
    wipe = Command("wipe", print, "Wipe", "Wipe it?", effects=("All is gone.",), loses_data=True)
    view = views("web", State.RUNNING, Offered((wipe,), running={"wipe": 5.0}))["wipe"]
    assert view == CommandView(
        "wipe", "Wipe", "Wipe it?", effects=("All is gone.",), loses_data=True, running_since=5.0
    )


@pytest.mark.parametrize(
    ("names", "text"),
    [("a", "a"), ("ab", "a and b"), ("abcde", "a, b, c, d and e"), ("abcdef", "a, b, c, d and 2 others")],
)
def test_names_in_a_sentence(names: str, text: str) -> None:
    """Many names must be counted."""
    assert names_text(list(names)) == text
