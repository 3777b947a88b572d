"""The quickstart from end to end, by the command line: what `make run` starts, in a checkout that nobody has used."""

from __future__ import annotations

import html
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import yaml
from tests.processes.marked import processes_with

REPOSITORY = Path(__file__).parents[2]
COMMAND = Path(sys.executable).with_name("fairlead")
RESOURCES = {"greeting", "api-token", "data-folder", "api", "worker", "page", "k8s", "edge"}
TEXT = "Slow is smooth, and smooth is fast. Smooth it is!"
T = TypeVar("T")

pytestmark = pytest.mark.timeout(180)


@dataclass(frozen=True)
class Checkout:
    """A copy of the example as git has it, and an environment in which it touches nothing of the user's."""

    folder: Path
    environment: dict[str, str]
    mark: str

    @property
    def arguments(self) -> list[str]:
        """What `make run` calls."""
        return [str(COMMAND), "run", "--apphost", "examples/quickstart/apphost.py"]

    def fairlead(self, *arguments: str, code: int = 0) -> str:
        """Call the command in the app's folder, and expect an exit code."""
        ended = subprocess.run(
            [COMMAND, *arguments],
            cwd=self.folder / "examples" / "quickstart",
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert ended.returncode == code, f"{arguments} ended with {ended.returncode}:\n{ended.stdout}{ended.stderr}"
        return ended.stdout

    def start(self) -> None:
        """Run the app in the background, and wait until all of it is healthy."""
        self.fairlead("run", "--detach")
        self.wait_healthy()

    def wait_healthy(self) -> None:
        for name in ("api", "worker", "page"):
            self.fairlead("wait", name, "--for", "healthy", "--timeout", "30")

    def resources(self) -> dict[str, Any]:
        listed = json.loads(self.fairlead("resources", "--json"))["resources"]
        return {resource["name"]: resource for resource in listed}

    def url(self, name: str) -> str:
        return str(self.resources()[name]["urls"][0]["url"])

    def token(self) -> str:
        """The generated token, from where secrets are stored."""
        (file,) = (self.folder / "config").rglob("*.json")
        found = [text for text in texts(json.loads(file.read_text())) if len(text) > 20]
        assert len(found) == 1
        return found[0]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    yield from make_checkout(tmp_path_factory.mktemp("checkout"))


@pytest.fixture
def another(tmp_path: Path) -> Iterator[Checkout]:
    yield from make_checkout(tmp_path)


@pytest.fixture(scope="module")
def desk(checkout: Checkout) -> Checkout:
    """A text desk that runs."""
    checkout.start()
    return checkout


def make_checkout(folder: Path) -> Iterator[Checkout]:
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "examples/quickstart"]
    for name in subprocess.run(listed, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout.split():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / name, folder / name)
    mark = uuid.uuid4().hex
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FAIRLEAD_")}
    with tempfile.TemporaryDirectory(prefix="fl-") as runtime:  # short, as a socket's path has to be
        places = {"STATE_HOME": folder / "state", "CONFIG_HOME": folder / "config", "RUNTIME_DIR": runtime}
        own = {f"XDG_{name}": str(place) for name, place in places.items()}
        made = Checkout(folder, {**inherited, **own, "HOME": str(folder), "DESK_MARK": mark}, mark)
        yield made
        subprocess.run(
            [COMMAND, "stop", "--all"], cwd=folder, env=made.environment, capture_output=True, timeout=30, check=False
        )
        try:
            nothing_left(made)
        finally:
            for process in processes_with(DESK_MARK=mark):
                process.kill()


def eventually(state: Callable[[], T], what: str, within: float = 20) -> T:
    """Look until a state is there; what `state` returned."""
    deadline = time.monotonic() + within
    while not (seen := state()):
        assert time.monotonic() < deadline, f"not within {within:g} s: {what}"
        time.sleep(0.05)
    return seen


def nothing_left(checkout: Checkout) -> None:
    """No process of the checkout runs any more, or is about to end."""
    eventually(lambda: not processes_with(DESK_MARK=checkout.mark), "all its processes have ended", within=5)


def refusal(url: str) -> tuple[int, str]:
    """The status of an answer that is no success, and its text."""
    try:
        get(url)
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()
    pytest.fail(f"{url} was not refused")


def get(url: str) -> str:
    with urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())


def post(url: str, body: object) -> Any:
    request = Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urlopen(request, timeout=10) as answer:
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


def texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from texts(value)


def test_all_of_it_is_running_and_healthy(desk: Checkout) -> None:
    """Every resource must be Running and healthy, in a checkout that has never run before."""
    resources = desk.resources()
    seen = {name: (found["state"], found["health"]) for name, found in resources.items() if name not in ("k8s", "edge")}

    assert set(resources) <= RESOURCES
    assert set(seen.values()) == {("Running", "Healthy")}, seen
    assert len(resources["worker"]["replicas"]) == 2


def test_page_answers(desk: Checkout) -> None:
    """The page must come with the greeting that the parameter has by default, and with all that it links to."""
    page = desk.url("page")

    assert html.escape("What shall we read?") in get(page)
    for file in ("page.css", "page.js", "icon.svg"):
        assert get(f"{page}/static/{file}")


def test_text_sent_by_the_page_is_read(desk: Checkout) -> None:
    """A text that is sent on the page must be stored by the API, read by a worker, and shown as done."""
    page = desk.url("page")
    job = post(f"{page}/jobs", {"text": TEXT})

    reading = read_job(page, job["id"])["reading"]
    assert (reading["words"], reading["sentences"]) == (10, 2)
    assert reading["frequent"][0] == ["smooth", 3]
    assert list((desk.folder / "examples/quickstart/data").glob("*.sqlite"))


def test_api_is_closed_to_who_lacks_the_token(desk: Checkout) -> None:
    """The API must refuse a call without the token, which page and worker have."""
    status, _ = refusal(f"{desk.url('api')}/jobs")

    assert status == 401


def test_command_adds_a_sample(desk: Checkout) -> None:
    """The API's own command must add a text, and say which."""
    said = desk.fairlead("command", "api", "add-sample")
    number = int(said.split("added job ")[1].split()[0])

    assert read_job(desk.url("page"), number)["reading"]["words"] == 21


def test_secret_is_shown_nowhere(desk: Checkout) -> None:
    """The generated token must be in no output of the command line and in no command line of a process."""
    token = desk.token()
    shown = [desk.fairlead("resources", "--json"), desk.fairlead("logs"), desk.fairlead("describe", "api", "--json")]
    commands = [" ".join(process.cmdline()) for process in processes_with(DESK_MARK=desk.mark)]

    assert len(commands) >= 4
    assert not [text for text in [*shown, *commands] if token in text]


def test_page_says_when_the_api_is_away(desk: Checkout) -> None:
    """The page must stay, and say what is wrong, while the API is stopped; afterwards all must work again."""
    page = desk.url("page")
    desk.fairlead("stop", "api")
    status, text = refusal(f"{page}/jobs")
    assert (status, "does not answer" in text) == (502, True)

    desk.fairlead("start", "api")
    desk.fairlead("wait", "api", "--for", "healthy", "--timeout", "30")
    job = post(f"{page}/jobs", {"text": TEXT})
    assert read_job(page, job["id"])["reading"]["words"] == 10


def test_stop_and_start_keep_data_addresses_and_secret(another: Checkout) -> None:
    """What was stored must be there after a stop and a start, at the same address, with the same token."""
    another.start()
    page, token = another.url("page"), another.token()
    job = post(f"{page}/jobs", {"text": TEXT})
    before = read_job(page, job["id"])
    another.fairlead("stop")
    nothing_left(another)

    another.start()
    assert (another.url("page"), another.token()) == (page, token)
    assert job_on_page(page, job["id"]) == before


def test_ctrl_c_leaves_nothing(another: Checkout) -> None:
    """Ctrl+C must end what `make run` starts, with exit code 0, and leave no process and no port."""
    run = subprocess.Popen(
        another.arguments,
        cwd=another.folder,
        env=another.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        eventually(lambda: '"socket"' in another.fairlead("ps", "--json") or run.poll() is not None, "the app runs")
        another.wait_healthy()
        urls = [another.url(name) for name in ("api", "page")]
        run.send_signal(signal.SIGINT)
        output, _ = run.communicate(timeout=10)
    finally:
        run.kill()

    assert run.returncode == 0, output
    nothing_left(another)
    assert all(is_free(url) for url in urls)
    assert "Traceback" not in output


def test_it_publishes(another: Checkout, helm: Path) -> None:
    """The same definition must publish a chart in which the parts find each other, with no trace of this machine."""
    another.fairlead("publish", "-o", "out")
    out = another.folder / "examples" / "quickstart" / "out"
    rendered = [
        document for document in yaml.safe_load_all(render(helm, out, "--set-string", "secrets.api-token=t0ken"))
    ]
    objects = {(found["kind"], found["metadata"]["name"]): found for found in rendered if found}

    deployments = {name: found["spec"] for (kind, name), found in objects.items() if kind == "Deployment"}
    assert {name: spec["replicas"] for name, spec in deployments.items()} == {"api": 1, "worker": 2, "page": 1}
    address = f"http://api:{objects['Service', 'api']['spec']['ports'][0]['port']}"
    assert {objects["ConfigMap", name]["data"]["API_HTTP"] for name in ("worker", "page")} == {address}
    assert objects["ConfigMap", "api"]["data"]["DATA_FOLDER"] == "/data"
    assert {name for kind, name in objects if kind == "Secret"} == {"api", "worker", "page"}
    probe = deployments["api"]["template"]["spec"]["containers"][0]["readinessProbe"]
    assert probe["httpGet"]["path"] == "/healthz"
    (rule,) = objects["Ingress", "edge"]["spec"]["rules"]
    assert rule["http"]["paths"][0]["backend"]["service"]["name"] == "page"
    assert not [file for file in out.rglob("*") if file.is_file() and str(another.folder) in file.read_text()]


def test_chart_names_the_secret_that_it_lacks(another: Checkout, helm: Path) -> None:
    """Without the secret the chart must not render, and say how to give it; published again it must not change."""
    another.fairlead("publish", "-o", "out")
    another.fairlead("publish", "-o", "out", "--check")
    folder = another.folder / "examples" / "quickstart" / "out"
    ended = subprocess.run([helm, "template", "desk", folder], capture_output=True, text=True, timeout=60)

    assert ended.returncode != 0
    assert "--set-string secrets.api-token=" in ended.stderr


def render(helm: Path, chart: Path, *arguments: str) -> str:
    return subprocess.run(
        [helm, "template", "desk", chart, *arguments], check=True, capture_output=True, text=True, timeout=60
    ).stdout
