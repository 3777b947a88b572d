"""One-off jobs in a chart: a suspended CronJob from which Jobs are made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.definitions import Define, build

from fairlead import AppBuilder, Mode
from fairlead.publish.publisher import Rendered, render

SECRETS = {"secrets": {"pg-password": "p"}}


def published(define: Define, folder: Path | None = None, values: Any = None) -> Rendered:
    return render(build(define, Mode.PUBLISH, folder), format="manifests", values=values)


def objects(rendered: Rendered) -> dict[tuple[str, str], Any]:
    bodies = [yaml.safe_load(text) for path, text in rendered.files.items() if path.endswith(".yaml")]
    return {(body["kind"], body["metadata"]["name"]): body for body in bodies if body}


def container(body: dict[str, Any]) -> dict[str, Any]:
    spec = body["spec"].get("jobTemplate", body)["spec"]["template"]["spec"]
    found: dict[str, Any] = spec["containers"][0]
    return found


def said(rendered: Rendered, resource: str) -> list[str]:
    return [each.message for each in (*rendered.warnings, *rendered.notes) if each.resource == resource]


def test_a_job_is_a_suspended_cron_job_of_its_name() -> None:
    """A job must be a template that never runs by itself, tries once, and waits for what its program waits for."""

    def define(app: AppBuilder) -> None:
        app.add_kubernetes_environment("k8s")
        pg = app.add_postgres("pg")
        api = app.add_container("api", "a:1", args=["serve"]).with_reference(pg).wait_for(pg).with_replicas(3)
        api.with_http_endpoint(target_port=80).with_http_health_check("/").with_environment("MODE", "live")
        app.add_job("migrate", api, args=["migrate"])
        app.add_job("retried", "b:1", restart="on-failure", max_restarts=4)

    rendered = published(define, values=SECRETS)
    found = objects(rendered)
    migrate, api = found["CronJob", "migrate"], found["Deployment", "api"]
    pod = migrate["spec"]["jobTemplate"]["spec"]["template"]["spec"]

    assert migrate["spec"]["suspend"] is True
    assert migrate["spec"]["schedule"] == "0 0 31 2 *"
    assert migrate["spec"]["jobTemplate"]["spec"]["backoffLimit"] == 0
    assert found["CronJob", "retried"]["spec"]["jobTemplate"]["spec"]["backoffLimit"] == 4
    assert pod["restartPolicy"] == "Never"
    assert [wait["name"] for wait in pod["initContainers"]] == ["wait-for-pg"]
    assert container(migrate)["args"] == ["migrate"]
    assert container(migrate)["image"] == container(api)["image"] == "a:1"
    assert "ports" not in container(migrate)
    assert found["ConfigMap", "migrate"]["data"]["MODE"] == "live"
    assert ("Service", "migrate") not in found
    assert said(rendered, "migrate") == said(rendered, "retried") == []


def test_a_job_has_the_image_of_its_program(tmp_path: Path) -> None:
    """A program and its jobs must have one image, one build and one key in the values; an own image is an own one."""
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "requirements.txt").write_text("uvicorn==0.30.0\nalembic==1.13.0\n")

    def define(app: AppBuilder) -> None:
        app.add_kubernetes_environment("k8s")
        api = app.add_uvicorn_app("api", "./api", "main:app")
        web = app.add_dockerfile("web", "./web")
        app.add_job("migrate", api, command="alembic", args=["upgrade", "head"])
        app.add_job("manage", web, args=["manage"])
        app.add_job("other", web).with_image("other:1")

    app = build(define, Mode.PUBLISH, tmp_path)
    rendered = render(app)
    values = yaml.safe_load(rendered.files["values.yaml"])
    found = objects(render(app, format="manifests"))

    assert [image.resource for chart in rendered.charts.values() for image in chart.builds] == ["api", "web"]
    assert set(values["images"]) == {"api", "web", "other"}
    assert container(found["CronJob", "migrate"])["image"] == container(found["Deployment", "api"])["image"]
    assert container(found["CronJob", "migrate"])["command"] == ["alembic"]
    assert container(found["CronJob", "migrate"])["args"] == ["upgrade", "head"]


@pytest.mark.parametrize("shared", [False, True])
def test_a_job_does_not_change_how_its_program_is_kept(shared: bool) -> None:
    """A volume that each pod has for itself must stay so, and the job do without it, with a warning."""

    def define(app: AppBuilder, *, has_job: bool = True) -> None:
        app.add_kubernetes_environment("k8s")
        web = app.add_container("web", "a:1").with_volume("media", "/media")
        if has_job:
            app.add_job("collect", web, args=["collect"])
        if shared:
            app.add_container("files", "b:1").with_volume("media", "/media")

    rendered = published(define)
    found, before = objects(rendered), objects(published(lambda app: define(app, has_job=False)))
    job = container(found["CronJob", "collect"])

    assert {key: body for key, body in found.items() if body["metadata"]["name"] != "collect"} == before
    assert ("mounts" if "volumeMounts" in job else "none") == ("mounts" if shared else "none")
    lost = "its volume 'media' is left out, because each pod of 'web' has one of its own"
    assert (lost in said(rendered, "collect")) is not shared
