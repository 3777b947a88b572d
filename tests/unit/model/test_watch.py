"""How a definition says which files are watched, and what follows when they change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.support.definitions import build, the_mistake

from fairlead import AppBuilder
from fairlead.model.watch import Watchable


def watches(define: Any) -> list[tuple[str, str, str | None]]:
    """The watches of the only resource of an app, without their lines."""
    (resource,) = build(define)
    assert isinstance(resource, Watchable)
    return [(watch.path, watch.action, watch.target) for watch in resource.watches]


def test_a_program_watches_its_folder_unless_another_is_named() -> None:
    """Without a path the folder of a program, or the context of a build, must be watched."""
    assert watches(lambda app: app.add_python_app("api", "./api", script="x.py").with_watch()) == [
        ("./api", "restart", None)
    ]
    assert watches(lambda app: app.add_dockerfile("api", "./api").with_watch(action="rebuild")) == [
        ("./api", "rebuild", None)
    ]
    assert watches(lambda app: app.add_executable("api", "true").with_watch("src", Path("conf.yaml"))) == [
        ("src", "restart", None),
        ("conf.yaml", "restart", None),
    ]


def test_an_image_of_several_programs_is_built_again() -> None:
    """An image must watch its context and be built again by default, and can do nothing else."""
    assert watches(lambda app: app.add_image("base", "./base").with_watch()) == [("./base", "rebuild", None)]
    mistake = the_mistake(lambda app: app.add_image("base", "./base").with_watch(action="restart"))
    assert mistake.remedy == 'Use action="rebuild", or leave it out.'


def test_the_keyword_is_the_call() -> None:
    """``watch=`` must take one path or several, as ``with_watch`` does."""
    assert watches(lambda app: app.add_executable("api", "true", watch="src")) == [("src", "restart", None)]
    assert watches(lambda app: app.add_executable("api", "true", watch=["a", Path("b")])) == [
        ("a", "restart", None),
        ("b", "restart", None),
    ]


def _sync(app: AppBuilder, **options: Any) -> None:
    app.add_container("web", "nginx").with_watch("./site", action="sync", **options)


@pytest.mark.parametrize(
    ("define", "text"),
    [
        (lambda app: app.add_container("web", "nginx").with_watch(), "with_watch() got no path"),
        (lambda app: app.add_container("web", "nginx").with_watch("x", action="reload"), "got 'reload' as action"),
        (lambda app: app.add_container("web", "nginx").with_watch("x", action="rebuild"), "builds no image for it"),
        (lambda app: app.add_executable("web", "true").with_watch("x", action="rebuild"), "builds no image for it"),
        (lambda app: app.add_executable("web", "true").with_watch("x", action="sync"), "it is not a container"),
        (
            lambda app: app.add_container("web", "nginx").with_watch("x", target="/x"),
            "got a target, and copies nothing",
        ),
        (lambda app: app.add_container("web", "nginx").with_watch(""), "needs text as path, not a blank"),
        (lambda app: _sync(app), "got None as target"),
        (lambda app: _sync(app, target="site"), "got 'site' as target"),
        (lambda app: _sync(app, target="/site", ignore="*.md"), "needs a list as ignore, not str"),
        (
            lambda app: app.add_container("web", "nginx").with_watch("a", "b", action="sync", target="/x"),
            "got 2 paths for one target",
        ),
    ],
)
def test_what_can_not_be_done_is_a_mistake(define: Any, text: str) -> None:
    """A watch that could never do what it says must be refused, with the resource it is about."""
    mistake = the_mistake(define)

    assert text in mistake.message
    assert mistake.resource == "web"
