"""Applications of well-known shapes, written as compose files and imported: what their charts give a cluster."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.charts import Charts, Objects, container
from tests.support.imported_apps import imported

Check = Callable[[Objects], None]


def template(objects: Objects) -> None:
    """Both halves have routes, the migration is a Job, and the API knows the front end's address by its route."""
    rules = objects["Ingress", "ingress"]["spec"]["rules"]
    assert {rule["host"] for rule in rules} == {"api.harbour.example.com", "dashboard.harbour.example.com"}
    assert any(kind == "Job" and name.startswith("prestart") for kind, name in objects)
    variables = {key: value for _, held in of_kind(objects, "ConfigMap") for key, value in held.get("data", {}).items()}
    assert variables["FRONTEND_HOST"] == "https://dashboard.harbour.example.com"
    assert "change-this" not in str(objects)


def workflows(objects: Objects) -> None:
    """Programs that share an image have their files, their user and their probes."""
    pod = objects["Deployment", "workflows-webserver"]["spec"]["template"]["spec"]
    main = container(objects, "workflows-webserver")
    assert main["readinessProbe"]["exec"]["command"][-1] == "http://localhost:8080/health"
    assert any(mount["mountPath"].startswith("/opt/flow/dags") for mount in main["volumeMounts"])
    assert 50000 in (main["securityContext"].get("runAsUser"), pod.get("securityContext", {}).get("runAsUser"))
    assert any(kind == "Job" and name.startswith("workflows-init") for kind, name in objects)


def traces(objects: Objects) -> None:
    """Stores have volumes, secrets are in Secrets only, and the address that people type is asked for."""
    assert {name for (kind, name) in objects if kind == "StatefulSet"} >= {"postgres", "columns", "blobs"}
    variables = {key: value for _, held in of_kind(objects, "ConfigMap") for key, value in held.get("data", {}).items()}
    assert variables["NEXTAUTH_URL"] == "https://traces.example.com"
    assert "--requirepass" in str(container(objects, "redis")["args"])
    assert "a-given-secret" not in str([held for (kind, _), held in objects.items() if kind != "Secret"])


def board(objects: Objects) -> None:
    """The gateway has its configuration, and waits for a Service that only that names."""
    assert objects["Service", "board-back"]["spec"]["ports"][0]["port"] == 8000
    assert any("proxy_pass" in str(held.get("data")) for _, held in of_kind(objects, "ConfigMap"))
    assert {name for (kind, name) in objects if kind == "PersistentVolumeClaim"} >= {"board-static-data"}


def of_kind(objects: Objects, kind: str) -> list[tuple[str, Any]]:
    return [(name, held) for (known, name), held in objects.items() if known == kind]


APPS: dict[str, Check] = {"template": template, "workflows": workflows, "traces": traces, "board": board}
URLS = {
    "board": {"board-gateway": {"http": "https://board.example.com"}},
    "traces": {"traces-web": {"http": "https://traces.example.com"}, "blobs": {"http": "https://blobs.example.com"}},
}


@pytest.mark.parametrize("name", APPS)
def test_imported_application_publishes_unedited(name: str, charts: Charts, tmp_path: Path) -> None:
    """What importing writes must give a chart that helm renders, with the promises of the compose file."""
    folder = tmp_path / name
    result = charts.publish(imported(name, folder), project=folder)
    (values,) = result.values_files
    secrets = dict.fromkeys(yaml.safe_load(values.text)["secrets"], "a-given-secret")

    APPS[name](charts.render(secrets, values={"publicUrls": URLS[name]} if name in URLS else None))
