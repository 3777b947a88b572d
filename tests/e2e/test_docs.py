"""What the documentation tells a reader to write must do what it says."""

from __future__ import annotations

import asyncio
import importlib.util
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
import yaml
from tests.support.cli import eventually, workplace
from tests.support.pages import files, python_blocks

from fairlead import Apphost, Parameter, Resource
from fairlead.testing import testing

HEALTHY_API = """\
from fastapi import FastAPI
app = FastAPI()
@app.get("/healthz")
def healthz() -> str:
    return "ok"
@app.get("/hello")
def hello() -> str:
    import os
    return os.environ.get("GREETING", "")
"""

PAYING_API = """\
import json
import os
from urllib.request import Request, urlopen
from fastapi import FastAPI, HTTPException
app = FastAPI()
@app.get("/healthz")
def healthz() -> str:
    return "ok"
@app.get("/hello")
def hello() -> str:
    return "Ahoy"
@app.post("/orders")
def order() -> None:
    with urlopen(Request(os.environ["PAYMENTS_HTTP"] + "/pay", data=b"{}", method="POST")) as answer:
        if not json.load(answer)["paid"]:
            raise HTTPException(402)
"""

WEB = """\
import os
from http.server import HTTPServer, SimpleHTTPRequestHandler
HTTPServer(("127.0.0.1", int(os.environ["PORT"])), SimpleHTTPRequestHandler).serve_forever()
"""

pytestmark = pytest.mark.timeout(400)


class Folder:
    """A folder that a reader of the documentation writes files into."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.modules: list[str] = []

    def save(self, name: str, text: str) -> None:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def load(self, name: str = "apphost.py") -> Apphost:
        """The app that a file defines, loaded anew."""
        module_name = f"reader_{uuid.uuid4().hex}"
        spec = importlib.util.spec_from_file_location(module_name, self.path / name)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[module_name] = module
        self.modules.append(module_name)
        spec.loader.exec_module(module)
        (app,) = [value for value in vars(module).values() if isinstance(value, Apphost)]
        return app


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    made = Folder(tmp_path)
    yield made
    for name in made.modules:
        del sys.modules[name]


async def fetch(url: str) -> str:
    def get() -> str:
        with urlopen(url, timeout=30) as answer:
            return str(answer.read().decode())

    return await asyncio.to_thread(get)


async def test_example_of_the_readme_runs(folder: Folder) -> None:
    """The README's example must run, with every resource healthy or done."""
    (example,) = python_blocks("README.md")
    folder.save("apphost.py", example)
    folder.save("api/main.py", HEALTHY_API)
    folder.save("api/migrate.py", "import os; print('migrated with', len(os.environ['API_TOKEN']), 'characters')")
    folder.save("web/server.py", WEB)

    assert len(example.splitlines()) <= 30
    async with testing(folder.load()) as running:
        await running.wait_for("migrate", "completed", timeout=60)
        for name in ("api", "web"):
            await running.wait_healthy(name, timeout=60)
        assert await fetch(f"{running.endpoint('web')}/")


async def test_tutorial_runs_after_each_step(folder: Folder) -> None:
    """After each step of the tutorial that changes the app, the reader must have an app that runs."""
    steps = 0
    for name, text in [*tutorial(), ("", "")]:
        changes_app = name == "apphost.py" or not name
        if steps and changes_app:
            await healthy(folder)
        if name:
            folder.save(name, text)
            steps += 1
    async with testing(folder.load(), parameters={"title": "Ahoy"}) as running:
        await running.wait_healthy("page", timeout=60)
        assert "<h1>Ahoy</h1>" in await fetch(running.endpoint("page"))
    assert {name for name, _ in tutorial()} == {"api/main.py", "page/main.py", "apphost.py", "test_tide.py"}


def tutorial() -> list[tuple[str, str]]:
    """The files of the tutorial, but for its last step: ``tests/k3s`` has a cluster for that."""
    return files("docs/tutorial.md", before="## 8. A cluster")


async def healthy(folder: Folder) -> None:
    if not (folder.path / "apphost.py").exists():
        return
    app = folder.load()
    # The reader writes it on the page, which a browser test does.
    missing = {parameter.name: "High" for parameter in app.build().resources if is_asked_for(parameter)}
    async with testing(app, parameters=missing) as running:
        for resource in running.app:
            if not resource.passive and resource.driver:
                await running.wait_healthy(resource.name, timeout=60)


def is_asked_for(resource: Resource) -> bool:
    return isinstance(resource, Parameter) and resource.default is None


def test_tests_of_the_tutorial_pass(folder: Folder) -> None:
    """The reader's test must pass as it is called in the tutorial."""
    for name, text in tutorial():
        folder.save(name, text)

    run_pytest(folder, "test_tide.py")


def test_trace_of_the_tutorial_crosses_both_services(tmp_path: Path) -> None:
    """A call of the page must be one trace with the call of the API, once the title has been given."""
    with workplace(tmp_path) as place:
        for name, text in files("docs/tutorial.md", before="## 7. A chart"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text)
        (tmp_path / ".venv").symlink_to(Path(sys.executable).parents[1])
        place.fairlead("run", "--detach")
        place.fairlead("parameters", "set", "title", "Ahoy")
        place.fairlead("wait", "page")
        (url,) = place.resource("page")["urls"]
        with urlopen(url["url"], timeout=30) as answer:
            assert "<h1>Ahoy</h1>" in answer.read().decode()

        def crosses_both() -> bool:
            return {"page", "api"} in [
                {share["resource"] for share in trace["shares"]} for trace in place.json("traces")["traces"]
            ]

        eventually(crosses_both, "a trace crosses both services")


def test_tests_of_the_how_to_pass(folder: Folder) -> None:
    """The tests on the page about testing must pass with the app that it shows."""
    for name, text in files("docs/how-to/test-your-app.md"):
        folder.save(name, text)
    folder.save("api/main.py", PAYING_API)

    assert "8 passed" in run_pytest(folder)


def run_pytest(folder: Folder, *arguments: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=folder.path,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_tutorial_ends_with_a_chart(folder: Folder, helm: Path) -> None:
    """The chart of the tutorial must be as the tutorial says: the address, the title, the key that helm asks for."""
    for name, text in tutorial():
        folder.save(name, text)
    folder.load().publish(folder.path / "fairlead-output")
    template = [str(helm), "template", "tide", str(folder.path / "fairlead-output")]
    without = subprocess.run(template, capture_output=True, text=True, timeout=60)
    assert 'api-key: ""' in without.stderr

    folder.save("try-values.yaml", "secrets:\n  api-key: something\n")
    template += ["--values", str(folder.path / "try-values.yaml")]
    rendered = subprocess.run(template, check=True, capture_output=True, text=True, timeout=60)
    objects = {(made["kind"], made["metadata"]["name"]): made for made in yaml.safe_load_all(rendered.stdout) if made}
    config = objects["ConfigMap", "page"]["data"]
    assert (config["API_HTTP"], config["TITLE"]) == ("http://api:8080", "High water today")
    assert ("Secret", "api") in objects and ("Ingress", "edge") in objects
