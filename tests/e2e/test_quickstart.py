"""The quickstart from end to end, by the command line: what `make run` starts, in a checkout that nobody has used."""

from __future__ import annotations

import html
import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import yaml
from tests.support.cli import Workplace, eventually, workplace

REPOSITORY = Path(__file__).parents[2]
EXAMPLE = Path("examples/quickstart")
KUBERNETES = "1.36"
"""What a chart is rendered for; by itself helm takes an old one that lacks disruption budgets."""
TEXT = "Slow is smooth, and smooth is fast. Smooth it is!"

pytestmark = pytest.mark.timeout(400)


@contextmanager
def checkout(folder: Path) -> Iterator[Workplace]:
    """The example as git has it, in a folder of its own where it has never run."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", str(EXAMPLE)]
    for name in subprocess.run(listed, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout.split():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / name, folder / name)
    with workplace(folder / EXAMPLE) as place:
        yield place


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """A text desk that runs; each test leaves it so."""
    with checkout(tmp_path_factory.mktemp("desk")) as place:
        start(place)
        yield place


@pytest.fixture
def another(tmp_path: Path) -> Iterator[Workplace]:
    """A text desk that has not been started."""
    with checkout(tmp_path) as place:
        yield place


def start(place: Workplace) -> None:
    """Run the app in the background, and wait until all of it is healthy."""
    place.fairlead("run", "--detach")
    wait_healthy(place)


def wait_healthy(place: Workplace) -> None:
    for name in ("api", "worker", "page"):
        place.fairlead("wait", name, "--timeout", "60")


def url(place: Workplace, name: str) -> str:
    return str(place.resource(name)["urls"][0]["url"])


def token(place: Workplace) -> str:
    """The generated token, from where secrets are stored."""
    (file,) = (place.folder / "config").rglob("*.json")
    return str(json.loads(file.read_text())["api-token"])


def refusal(url: str) -> tuple[int, str]:
    """The status of an answer that is no success, and its text."""
    try:
        get(url)
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()
    pytest.fail(f"{url} was not refused")


def get(url: str) -> str:
    with urlopen(url, timeout=30) as answer:
        return str(answer.read().decode())


def post(url: str, body: object) -> Any:
    request = Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urlopen(request, timeout=30) as answer:
        return json.load(answer)


def job_on_page(page: str, number: int) -> dict[str, Any]:
    return next(dict(job) for job in json.loads(get(f"{page}/jobs")) if job["id"] == number)


def read_job(page: str, number: int) -> dict[str, Any]:
    """A job, once the page shows that it is done."""

    def done() -> dict[str, Any] | None:
        job = job_on_page(page, number)
        return job if job["state"] == "done" else None

    found = eventually(done, f"job {number} is done")
    assert found is not None
    return found


def is_free(url: str) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(url.rpartition(":")[2])))
        except OSError:
            return False
        return True


def test_all_of_it_is_running_and_healthy(desk: Workplace) -> None:
    """Programs must be Running, parameters Active, and all healthy, in a checkout that has never run before."""

    def resources() -> dict[str, dict[str, Any]]:
        return {found["name"]: found for found in desk.json("resources")["resources"]}

    def are_well() -> bool:
        up = {"Parameter": "Active"}
        return all(
            (found["state"], found["health"]) == (up.get(found["type"], "Running"), "Healthy")
            for found in resources().values()
        )

    assert resources().keys() == {"greeting", "api-token", "data-folder", "api", "worker", "page"}
    eventually(are_well, "all are healthy")
    assert len(resources()["worker"]["replicas"]) == 2


def test_page_answers(desk: Workplace) -> None:
    """The page must come with the greeting that the parameter has by default, and with all that it links to."""
    page = url(desk, "page")

    assert html.escape("What shall we read?") in get(page)
    for file in ("page.css", "page.js", "icon.svg"):
        assert get(f"{page}/static/{file}")


def test_text_sent_by_the_page_is_read(desk: Workplace) -> None:
    """A text that is sent on the page must be stored by the API, read by a worker, and shown as done."""
    page = url(desk, "page")
    job = post(f"{page}/jobs", {"text": TEXT})

    reading = read_job(page, job["id"])["reading"]
    assert (reading["words"], reading["sentences"]) == (10, 2)
    assert reading["frequent"][0] == ["smooth", 3]
    assert list((desk.folder / "data").glob("*.sqlite"))


def test_api_is_closed_to_who_lacks_the_token(desk: Workplace) -> None:
    """The API must refuse a call without the token, which page and worker have."""
    status, _ = refusal(f"{url(desk, 'api')}/jobs")

    assert status == 401


def test_command_adds_a_sample(desk: Workplace) -> None:
    """The API's own command must add a text, and say which."""
    said = desk.fairlead("command", "api", "add-sample")
    number = int(said.split("added job ")[1].split()[0])

    assert read_job(url(desk, "page"), number)["reading"]["words"] == 21


def test_secret_is_shown_nowhere(desk: Workplace) -> None:
    """The generated token must be in no output of the command line and in no command line of a process."""
    secret = token(desk)
    shown = [desk.fairlead("resources", "--json"), desk.fairlead("logs"), desk.fairlead("describe", "api", "--json")]
    commands = desk.processes()

    assert len(commands) >= 4
    assert not [text for text in [*shown, *commands] if secret in text]


def test_page_says_when_the_api_is_away(desk: Workplace) -> None:
    """The page must stay, and say what is wrong, while the API is stopped; afterwards all must work again."""
    page = url(desk, "page")
    desk.fairlead("stop", "api")
    status, text = refusal(f"{page}/jobs")
    assert (status, "does not answer" in text) == (502, True)

    desk.fairlead("start", "api")
    desk.fairlead("wait", "api", "--for", "healthy", "--timeout", "60")
    job = post(f"{page}/jobs", {"text": TEXT})
    assert read_job(page, job["id"])["reading"]["words"] == 10


def test_stop_and_start_keep_data_addresses_and_secret(desk: Workplace) -> None:
    """What was stored must be there after a stop and a start, at the same address, with the same token."""
    page, secret = url(desk, "page"), token(desk)
    job = post(f"{page}/jobs", {"text": TEXT})
    before = read_job(page, job["id"])
    desk.fairlead("stop")
    desk.nothing_is_left()

    start(desk)
    assert (url(desk, "page"), token(desk)) == (page, secret)
    assert job_on_page(page, job["id"]) == before


def test_ctrl_c_leaves_nothing(another: Workplace) -> None:
    """Ctrl+C must end what `make run` starts, with exit code 0, and leave no process and no port."""
    root = another.folder.parent.parent
    run = another.terminal_in(root, "run", "--apphost", str(EXAMPLE / "apphost.py"))
    run.expect("Ctrl+C stops")
    wait_healthy(another)
    addresses = [url(another, name) for name in ("api", "page")]
    run.type("\x03")

    assert run.ended() == 0, run.text
    another.nothing_is_left()
    eventually(lambda: all(is_free(address) for address in addresses), "its ports are free")
    assert "Traceback" not in run.text


def test_it_publishes(another: Workplace, helm: Path) -> None:
    """The same definition must publish a chart in which the parts find each other, with no trace of this machine."""
    ended = another.call("publish", "-o", "out", "--strict")
    assert ended.returncode == 0 and "warning" not in ended.stderr, ended.stderr
    out = another.folder / "out"
    rendered = yaml.safe_load_all(render(helm, out, "--set-string", "secrets.api-token=t0ken"))
    objects = {(found["kind"], found["metadata"]["name"]): found for found in rendered if found}

    deployments = {name: found["spec"] for (kind, name), found in objects.items() if kind == "Deployment"}
    assert {name: spec["replicas"] for name, spec in deployments.items()} == {"api": 1, "worker": 2, "page": 1}
    address = f"http://api:{objects['Service', 'api']['spec']['ports'][0]['port']}"
    assert {objects["ConfigMap", name]["data"]["API_HTTP"] for name in ("worker", "page")} == {address}
    assert objects["ConfigMap", "api"]["data"]["DATA_FOLDER"] == "/data"
    pod = deployments["api"]["template"]["spec"]
    assert pod["containers"][0]["volumeMounts"] == [{"name": "texts", "mountPath": "/data"}]
    assert pod["volumes"] == [{"name": "texts", "persistentVolumeClaim": {"claimName": "texts"}}]
    assert ("PersistentVolumeClaim", "texts") in objects
    assert {name for kind, name in objects if kind == "Secret"} == {"api", "worker", "page", "text-desk.generated"}
    probe = deployments["api"]["template"]["spec"]["containers"][0]["readinessProbe"]
    assert probe["httpGet"]["path"] == "/healthz"
    (rule,) = objects["Ingress", "edge"]["spec"]["rules"]
    assert rule["http"]["paths"][0]["backend"]["service"]["name"] == "page"
    assert not [file for file in out.rglob("*") if file.is_file() and str(another.folder) in file.read_text()]


def test_chart_names_the_secret_that_it_lacks(another: Workplace, helm: Path) -> None:
    """Without the secret the chart must not render, and say how to give it; published again it must not change."""
    another.fairlead("publish", "-o", "out")
    another.fairlead("publish", "-o", "out", "--check")
    folder = another.folder / "out"
    command = [str(helm), "template", "desk", str(folder), "--kube-version", KUBERNETES]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)

    assert ended.returncode != 0
    assert 'secrets:\n  api-token: ""' in ended.stderr


def render(helm: Path, chart: Path, *arguments: str) -> str:
    command = [str(helm), "template", "desk", str(chart), "--kube-version", KUBERNETES, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
