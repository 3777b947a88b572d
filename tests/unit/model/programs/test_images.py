"""Images that programs share, in a definition: one build each, and nothing said of them but once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.support.definitions import build, mistakes, the_mistake

from fairlead import AppBuilder, Image
from fairlead.runtime.plan import plan_run


def test_containers_wait_for_their_image_and_processes_do_not() -> None:
    """A container must start after its image is built; a process runs from its folder and needs none."""

    def define(app: AppBuilder) -> None:
        image = app.add_image("backend", "./backend")
        app.add_container("worker", image, args=["work"])
        app.add_python_app("api", "./backend", module="api", image=image)

    assert str(plan_run(build(define))).splitlines() == [
        "start backend",
        "start worker after backend.reference is known",
        "start api",
        "stop backend after worker",
    ]


@pytest.mark.parametrize(
    ("second", "differs"),
    [
        (lambda app: app.add_image("backend", "./other"), "'context'"),
        (lambda app: app.add_image("backend", "./backend", "Dockerfile.dev"), "'dockerfile'"),
        (lambda app: app.add_image("Backend", "./backend", target="dev"), "'target'"),
        (lambda app: app.add_image("backend", "./backend", build_args={"A": "2"}), "'build_args'"),
        (lambda app: app.add_image("backend", "./backend", build_secrets={"s": "1"}), "'build_secrets'"),
        (lambda app: app.add_image("backend", "./backend", platform="linux/arm64"), "'platform'"),
        (lambda app: app.add_image("backend", "./backend", base_image="python:3.12"), "'base_image'"),
        (lambda app: app.add_image("backend", "./other", target="dev"), "'context', 'target'"),
    ],
)
def test_one_name_is_one_build(second: Callable[[AppBuilder], object], differs: str) -> None:
    """An image that is built differently for two programs must be an error with the differences and the first place."""

    def define(app: AppBuilder) -> None:
        app.add_image("backend", "./backend")
        second(app)

    found = the_mistake(define)

    assert f"with another {differs}, and one name stands for one image" in found.message
    assert "test_images.py" in found.message
    assert found.remedy == "Give one of the two another name."


def test_the_same_image_twice() -> None:
    """An image that is added twice in the same way must be an error whose remedy is to share it."""

    def define(app: AppBuilder) -> None:
        for _ in range(2):
            app.add_image("backend", "./backend", build_args={"A": "1"})

    assert the_mistake(define).remedy == "Add it once, and give what add_image() returned to each of its programs."


@pytest.mark.parametrize(
    ("program", "option"),
    [
        (lambda app, image: app.add_container("p", image).with_image_tag("2"), "with_image_tag()"),
        (lambda app, image: app.add_container("p", image).with_image_registry("r"), "with_image_registry()"),
        (lambda app, image: app.add_container("p", image).with_pull_policy("always"), "with_pull_policy()"),
        (lambda app, image: app.add_container("p", image, platform="linux/arm64"), "with_platform()"),
        (lambda app, image: app.add_dockerfile("p", "./p").with_image(image), "build="),
        (
            lambda app, image: app.add_python_app("p", "./b", module="m", image=image).with_base_image("python:3"),
            "with_base_image()",
        ),
    ],
)
def test_what_concerns_an_image_is_said_of_the_image(
    program: Callable[[AppBuilder, Image], object], option: str
) -> None:
    """What one program says of the image that others run, too, must be an error that names the image."""
    found = the_mistake(lambda app: program(app, app.add_image("backend", "./b")))

    assert found.resource == "p"
    assert found.message == f"{option} is about its image, which 'backend' builds for all of its programs"


def test_a_program_may_repeat_what_its_image_says() -> None:
    """A platform that is the image's own must be no mistake."""

    def define(app: AppBuilder) -> None:
        image = app.add_image("backend", "./b", platform="linux/amd64", pull_policy="never")
        app.add_container("p", image, platform="linux/amd64").with_pull_policy("never")

    assert mistakes(define) == []


@pytest.mark.parametrize("add", ["add_container", "add_python_app"])
def test_an_image_has_to_be_part_of_the_app(add: str) -> None:
    """An image that was never added must be reported for processes, which do not wait for it, as for containers."""

    def define(app: AppBuilder) -> None:
        image = Image("backend", "./backend")
        if add == "add_container":
            app.add_container("p", image)
        else:
            app.add_python_app("p", "./backend", module="m", image=image)

    assert the_mistake(define).message == "runs the image 'backend', which is not part of this app"


def test_secret_build_arguments_are_refused() -> None:
    """The build arguments of a shared image must not be secret, as its history shows them."""

    def define(app: AppBuilder) -> None:
        token = app.add_parameter("token", secret=True)
        app.add_image("backend", "./backend", build_args={"TOKEN": token}, build_secrets={"token": token})

    assert "the build argument TOKEN is secret" in the_mistake(define).message


def test_the_last_image_counts() -> None:
    """A later ``with_image`` must win, whether it names an image or one of the app."""

    def define(app: AppBuilder) -> None:
        image = app.add_image("backend", "./backend")
        app.add_container("named", image).with_image("nginx:1")
        app.add_container("built", "nginx:1").with_image(image)

    app = build(define)

    assert [(app[name].image, app[name].built_image) for name in ("named", "built")] == [  # type: ignore[attr-defined]
        ("nginx:1", None),
        (None, app["backend"]),
    ]
