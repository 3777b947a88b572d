"""Images that programs share, in what is published: one build, one key of values.yaml, one name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from tests.support.definitions import build

from fairlead import AppBuilder, Image, Mode, PublishError
from fairlead.publish.publisher import Rendered, render


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a Dockerfile in ``backend``, and a Python and a Node project without one."""
    for folder in ("backend", "py", "js", "empty"):
        (tmp_path / folder).mkdir()
    (tmp_path / "backend/Dockerfile").write_text("FROM alpine:3\n")
    (tmp_path / "py/requirements.txt").write_text("celery==5.4.0\n")
    (tmp_path / "js/package.json").write_text("{}")
    (tmp_path / "js/package-lock.json").write_text("{}")
    return tmp_path


def rendered(define: Callable[[AppBuilder], object], project: Path) -> Rendered:
    return render(build(define, Mode.PUBLISH, project))


def test_one_build_for_all_programs(project: Path) -> None:
    """Programs of every kind that share an image must have one build, one key, one note and one name of it."""

    def define(app: AppBuilder) -> None:
        image = app.add_image("backend", "./backend", target="app", build_args={"A": "1"}, pull_policy="always")
        app.add_container("worker", image, args=["work"])
        app.add_container("beat", image, args=["beat"])
        app.add_uvicorn_app("api", "./backend", "api:app", image=image)

    result = rendered(define, project)

    (chart,) = result.charts.values()
    (image_build,) = chart.builds
    assert (image_build.resource, image_build.image) == ("backend", "shop/backend:0.1.0")
    assert (image_build.context, image_build.target, image_build.args) == ("./backend", "app", {"A": "1"})
    assert image_build.names == {"backend", "worker", "beat", "api"}
    values = yaml.safe_load(result.files["values.yaml"])
    assert values["images"] == {
        "backend": {"repository": "shop/backend", "tag": "0.1.0", "pullPolicy": "Always"},
    }
    assert [note.resource for note in result.notes if "has to be built" in note.message] == ["backend"]
    assert not result.warnings


def test_a_database_may_run_an_image_of_the_app(project: Path) -> None:
    """A kind of its own that runs an image of the app must have its key, and keep what its kind knows of it."""

    def define(app: AppBuilder) -> None:
        app.add_postgres("pg", image=app.add_image("pg-with-vectors", "./backend")).with_data_volume()

    result = rendered(define, project)

    assert (
        yaml.safe_load(result.files["values.yaml"])["images"]["pg-with-vectors"]["repository"] == "shop/pg-with-vectors"
    )
    assert "shop.security.container.postgres" in result.files["templates/pg/statefulset.yaml"]


def test_a_platform_places_the_pods_of_all_programs(project: Path) -> None:
    """The platform of an image must choose the nodes of all its programs, by one key."""

    def define(app: AppBuilder) -> None:
        image = app.add_image("backend", "./backend", platform="linux/arm64")
        app.add_container("worker", image, args=["work"])
        app.add_python_app("api", "./backend", module="api", image=image)

    values = yaml.safe_load(rendered(define, project).files["values.yaml"])

    assert values["images"]["backend"]["architecture"] == "arm64"


@pytest.mark.parametrize(
    ("folder", "base", "step"),
    [
        ("py", "python:3.11-slim-bookworm", "RUN /venv/bin/pip install --no-cache-dir -r /tmp/requirements.txt"),
        ("js", "node:22-bookworm-slim", "RUN npm ci"),
    ],
)
def test_a_dockerfile_is_made_for_a_project(project: Path, folder: str, base: str, step: str) -> None:
    """A project without a Dockerfile must get one that has its packages, runs no program, and is no root."""

    def define(app: AppBuilder) -> None:
        image = app.add_image("backend", folder)
        app.add_container("worker", image, args=["celery", "worker"])

    result = rendered(define, project)

    (chart,) = result.charts.values()
    text = result.files["images/backend/Dockerfile"].splitlines()
    assert chart.builds[0].context == folder
    assert f"ARG BASE_IMAGE={base}" in text
    assert step in text
    assert "USER 10001:10001" in text
    assert not any(line.startswith(("CMD", "ENTRYPOINT")) for line in text)


def test_the_base_image_of_a_made_dockerfile(project: Path) -> None:
    """``base_image=`` must be what the Dockerfile begins with."""

    def define(app: AppBuilder) -> None:
        image = app.add_image("backend", "py", base_image="python:3.13-slim")
        app.add_container("worker", image, args=["celery"])

    assert "ARG BASE_IMAGE=python:3.13-slim\n" in rendered(define, project).files["images/backend/Dockerfile"]


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (lambda app, image: app.add_container("p", image), "it does not say what to run"),
        (lambda app, image: app.add_executable("p", "celery", "py", "worker", image=image), "it does not say what to"),
        (lambda app, image: app.add_vite_app("p", "py", image=image), "it does not say what to run"),
        (
            lambda app, image: app.add_python_app("p", "js", module="m", image=image),
            "its folder is js, and its image 'backend' is made for the project in ./py",
        ),
    ],
)
def test_programs_that_a_made_image_can_not_run(
    project: Path, program: Callable[[AppBuilder, Image], object], message: str
) -> None:
    """A program that a made image does not hold, or that names no program in it, must be an error."""
    with pytest.raises(PublishError) as caught:
        rendered(lambda app: program(app, app.add_image("backend", "./py")), project)

    assert [error.resource for error in caught.value.errors] == ["p"]
    assert message in caught.value.errors[0].message


@pytest.mark.parametrize(
    "program",
    [
        lambda app, image: app.add_container("p", image).with_entrypoint("celery"),
        lambda app, image: app.add_executable("p", "celery", "py", image=image).with_entrypoint("celery"),
        lambda app, image: app.add_python_app("p", "py", command="celery", image=image),
    ],
)
def test_programs_that_a_made_image_runs(project: Path, program: Callable[[AppBuilder, Image], object]) -> None:
    """A program that says what to run in a made image must be published without an error."""
    assert rendered(lambda app: program(app, app.add_image("backend", "./py")), project).charts


@pytest.mark.parametrize(
    ("folder", "target", "message"),
    [
        ("empty", None, "there is neither a Dockerfile nor a Python or Node project in empty"),
        ("py", "dev", "target='dev' is a stage of a Dockerfile, and there is none in py"),
    ],
)
def test_images_that_can_not_be_built(project: Path, folder: str, target: str | None, message: str) -> None:
    """An image for which no Dockerfile is there, or can be made, must be an error of the image."""

    def define(app: AppBuilder) -> None:
        app.add_container("p", app.add_image("backend", folder, target=target), args=["x"])

    with pytest.raises(PublishError) as caught:
        rendered(define, project)

    assert [(error.resource, error.message) for error in caught.value.errors] == [("backend", message)]


def test_a_stop_signal_goes_into_the_shared_dockerfile(project: Path) -> None:
    """A stop signal must be noted with the image's Dockerfile as the place for it, also for a process."""

    def define(app: AppBuilder) -> None:
        image = app.add_image("backend", "./backend")
        app.add_python_app("api", "./other", module="api", image=image, stop_signal="SIGINT")

    (note,) = [note for note in rendered(define, project).notes if "with_stop_signal" in note.message]

    assert note.remedy == "Write STOPSIGNAL SIGINT into its Dockerfile, ./backend/Dockerfile."


@pytest.mark.parametrize(("target", "has_probe"), [("checked", True), ("plain", False), (None, False)])
def test_the_health_check_of_the_stage_that_is_built(project: Path, target: str | None, has_probe: bool) -> None:
    """The HEALTHCHECK of a shared image must be that of the stage that it is built to, for each of its programs."""
    (project / "backend/Dockerfile").write_text(
        "FROM alpine:3 AS checked\nHEALTHCHECK CMD wget -q localhost\nFROM alpine:3 AS plain\n"
    )

    def define(app: AppBuilder) -> None:
        image = app.add_image("backend", "./backend", target=target)
        app.add_container("api", image, args=["api"])
        app.add_container("worker", image, args=["work"])

    files = rendered(define, project).files

    for name in ("api", "worker"):
        assert ("readinessProbe:" in files[f"templates/{name}/deployment.yaml"]) is has_probe
