"""How a published program is stopped and started again, and what is said where a cluster does it in another way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.definitions import build

from fairlead import AppBuilder, Container, Mode, PublishError
from fairlead.publish.publisher import Rendered, render

Define = Callable[[AppBuilder], Any]


def published(define: Define, folder: Path | None = None) -> Rendered:
    return render(build(define, Mode.PUBLISH, folder), format="manifests")


def body(rendered: Rendered, path: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(rendered.files[f"{path}.yaml"])
    return found


def said(rendered: Rendered, resource: str) -> list[str]:
    """What is said of the restarts of a resource."""
    found = [one.message for one in (*rendered.warnings, *rendered.notes) if one.resource == resource]
    return [message for message in found if "restart" in message or "again" in message]


@pytest.mark.parametrize(("seconds", "expected"), [(0.5, 1), (30, 30), (90.2, 91)])
def test_the_time_to_end_is_the_pods(seconds: float, expected: int) -> None:
    """A stop timeout must be the pod's, in whole seconds and never less than it was."""
    rendered = published(lambda app: app.add_container("api", "a:1").with_stop_timeout(seconds))

    assert body(rendered, "api/deployment")["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] == expected


def test_nothing_is_said_of_time_by_default() -> None:
    """A program without a stop timeout must be left to the cluster's own."""
    rendered = published(lambda app: app.add_container("api", "a:1"))

    assert "terminationGracePeriodSeconds" not in rendered.files["api/deployment.yaml"]


def test_a_generated_image_has_the_signal(tmp_path: Path) -> None:
    """An image that Fairlead makes must say the signal itself, and nothing be noted."""
    (tmp_path / "main.py").write_text("")
    rendered = published(lambda app: app.add_python_app("job", ".", script="main.py", stop_signal="INT"), tmp_path)

    assert "\nSTOPSIGNAL SIGINT\n" in rendered.files["images/job/Dockerfile"]
    assert not [note for note in rendered.notes if "with_stop_signal" in note.message]


def test_another_image_has_to_say_the_signal(tmp_path: Path) -> None:
    """A signal that only an image can give must be noted with the line to write, until its Dockerfile has it."""
    (tmp_path / "Dockerfile").write_text("FROM a:1\nSTOPSIGNAL SIGTERM\n")

    def define(app: AppBuilder) -> None:
        app.add_container("given", "a:1").with_stop_signal("INT")
        app.add_dockerfile("built", ".").with_stop_signal("INT")
        app.add_vite_app("page", ".", stop_signal="INT").with_image("b:1")

    notes = {
        note.resource: note.remedy for note in published(define, tmp_path).notes if "with_stop_signal" in note.message
    }
    assert notes == {
        "given": "Write STOPSIGNAL SIGINT into the Dockerfile of its image.",
        "built": "Write STOPSIGNAL SIGINT into its Dockerfile, ./Dockerfile.",
        "page": "Write STOPSIGNAL SIGINT into the Dockerfile of its image.",
    }
    (tmp_path / "Dockerfile").write_text("FROM a:1\n  stopsignal INT\n")
    assert "built" not in [
        note.resource for note in published(define, tmp_path).notes if "with_stop_signal" in note.message
    ]


def test_a_built_page_is_stopped_like_its_server(tmp_path: Path) -> None:
    """The signal of Vite's development server must not be given to the server of the built page."""
    rendered = published(lambda app: app.add_vite_app("page", ".", stop_signal="INT"), tmp_path)

    assert "STOPSIGNAL" not in rendered.files["images/page/Dockerfile"]
    assert [note.remedy for note in rendered.notes if "with_stop_signal" in note.message] == [
        "Nothing has to be done: the page is served by nginx, which is stopped in its own way."
    ]


RESTARTS: dict[str, tuple[Callable[[Container], Any], int]] = {
    "by default": (lambda job: job, 6),
    "no": (lambda job: job.with_restart("no"), 0),
    "on-failure": (lambda job: job.with_restart("on-failure"), 5),
    "with a limit": (lambda job: job.with_restart("on-failure", max_restarts=2), 2),
}


@pytest.mark.parametrize("case", RESTARTS)
def test_a_job_is_tried_as_often_as_a_run_does(case: str) -> None:
    """The limit of a program that others wait for must be its Job's, in silence, and leave the Job's name alone."""
    say, expected = RESTARTS[case]

    def define(app: AppBuilder, say: Callable[[Container], Any]) -> None:
        job = app.add_container("migrate", "a:1")
        say(job)
        app.add_container("api", "a:1").wait_for_completion(job)

    rendered = published(lambda app: define(app, say))

    job, plain = (
        body(rendered, "migrate/job"),
        body(published(lambda app: define(app, lambda job: job)), "migrate/job"),
    )
    assert job["spec"]["backoffLimit"] == expected
    assert job["metadata"]["name"] == plain["metadata"]["name"]
    assert said(rendered, "migrate") == []


def test_a_cron_job_has_the_limit_too() -> None:
    """The limit of a CronJob's program must hold for each of its runs."""
    rendered = published(
        lambda app: app.add_container("report", "a:1", restart="on-failure", max_restarts=4).with_workload(
            "CronJob", schedule="@daily"
        )
    )

    assert body(rendered, "report/cronjob")["spec"]["jobTemplate"]["spec"]["backoffLimit"] == 4


@pytest.mark.parametrize(
    ("say", "expected"),
    [
        (lambda api: api, []),
        (lambda api: api.with_restart("always"), []),
        (lambda api: api.with_restart("on-failure"), ["also when it ends with 0"]),
        (lambda api: api.with_restart("always", max_restarts=3), ["without limit"]),
        (lambda api: api.with_restart("on-failure", max_restarts=3), ["also when it ends with 0, without limit"]),
        (lambda api: api.with_restart("no"), ["whatever it ends with"]),
    ],
)
def test_a_deployment_says_when_it_starts_a_program_again(say: Any, expected: list[str]) -> None:
    """Where a Deployment starts a program again and a run does not, a note must say so."""
    rendered = published(lambda app: say(app.add_container("api", "a:1")))

    assert [text.partition(";")[0] for text in said(rendered, "api")] == [
        f"a Deployment starts it again {ending}" for ending in expected
    ]


def test_a_job_that_is_always_started_again() -> None:
    """What a Job can't do must be a warning, and a limit of its own that a run has not, a note."""

    def define(app: AppBuilder) -> None:
        app.add_container("one", "a:1", restart="always").with_workload("Job")
        app.add_container("two", "a:1", restart="on-failure").with_workload("Job")

    rendered = published(define)

    assert [one.message for one in rendered.warnings] == [
        "with_restart('always') is published as 'on-failure': a Job that ends well is complete"
    ]
    assert said(rendered, "two") == ["a Job starts it again 6 times at most, and a run without limit"]
    with pytest.raises(PublishError):
        render(build(define, Mode.PUBLISH), strict=True)
