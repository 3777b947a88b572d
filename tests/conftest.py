"""Which groups of tests can run here, and what the summary says about the others.

A test that needs more than Python says so by a marker: `docker`, `podman`, `k3s`, `helm`, `node` or `browser`. Where
that is absent the test is skipped, and one line at the end names the group and the reason; with `--require NEED,…` it
fails instead, so that green says what ran, and the first lines say already that it will. With `CI=true` everything is
required; Podman where `scripts/test` found one.
"""

from __future__ import annotations

import functools
import gc
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from tests.support.cluster import K3S_IMAGE, Cluster
from tests.support.engines import EngineHost
from tests.support.folders import short_path
from tests.support.podman import podman_address
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

REPOSITORY = Path(__file__).parent.parent
HELM_IMAGE = "alpine/helm:3.17.3"
HELM = REPOSITORY / ".cache" / "helm" / HELM_IMAGE.rpartition(":")[2] / "helm"
NEWER_HELM_IMAGE = "alpine/helm:4.3.1"
NEWER_HELM = REPOSITORY / ".cache" / "helm" / NEWER_HELM_IMAGE.rpartition(":")[2] / "helm"
KUBECTL_IMAGE = "alpine/kubectl:1.36.0"
KUBECTL = REPOSITORY / ".cache" / "kubectl" / KUBECTL_IMAGE.rpartition(":")[2] / "kubectl"
REQUIRED = " is required here, but "
NEEDS = ("docker", "podman", "k3s", "helm", "node", "browser")
CHROMIUM = "chromium"
PAGE = REPOSITORY / "src" / "fairlead" / "dashboard" / "page" / "index.html"
ENGINES = ("docker", "podman", "k3s")
ENGINE_TIMEOUT = 240
"""Seconds for a test that needs an engine: others have the machine as well, and make of one second ten."""
# Podman is a second engine: its tests run where it answers, and have to where FAIRLEAD_TEST_PODMAN=1 says so.
IN_CI = [need for need in NEEDS if need != "podman" or os.environ.get("FAIRLEAD_TEST_PODMAN") == "1"]

# The examples are the same in every run, and may take as long as a busy machine needs for them. One that fails is shown
# as it is, since a smaller one may take minutes to find: give --hypothesis-profile=smaller for that, and =default to
# search for others.
# `make test ALL=1` tries two and a half times as many.
SAME: dict[str, Any] = {
    "derandomize": True,
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow],
    "max_examples": 100 if os.environ.get("FAIRLEAD_TEST_ALL") == "1" else 40,
}
settings.register_profile("same", phases=(Phase.explicit, Phase.reuse, Phase.generate), **SAME)
settings.register_profile("smaller", **SAME)
settings.load_profile("same")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--require",
        metavar="NEED,…",
        default=",".join(IN_CI) if os.environ.get("CI", "").lower() in {"true", "1"} else "",
        help=f"fail, rather than skip, where one of these is absent: {', '.join(NEEDS)} (CI=true: all but podman)",
    )


def pytest_configure(config: pytest.Config) -> None:
    gc.disable()  # until all tests are collected: nothing of them is garbage
    unknown = required(config) - set(NEEDS)
    if unknown:
        raise pytest.UsageError(
            f"--require: no need is called {', '.join(sorted(unknown))}; there are {', '.join(NEEDS)}"
        )


def pytest_collection_finish() -> None:
    """Let the garbage collector leave alone what was collected: to go through it takes longer than many a test."""
    gc.enable()
    gc.freeze()


LONGEST_FIRST = ("installed", "k3s", "engines", "e2e", "charts", "podman", "browser", "processes")
# Those of `tests/cluster` are in one stream with others that need a cluster, so that one cluster is there for both.
STREAMS = {"cluster": "installed"}
CLUSTER = pytest.StashKey[Cluster]()


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say before the first test what is required and absent: the whole run takes minutes."""
    absent = [f"{need} ({reason})" for need in NEEDS if need in required(config) and (reason := absence(need))]
    return [f"required, but absent, so their tests fail: {', '.join(absent)}"] if absent else []


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if os.environ.get("FAIRLEAD_TEST_ALL") != "1":
        config.hook.pytest_deselected(items=[item for item in items if _is_thorough(item)])
        items[:] = [item for item in items if not _is_thorough(item)]
    items.sort(key=lambda item: _rank(stream_of(item.nodeid)))
    for item in items:
        if "helm" in getattr(item, "fixturenames", ()):
            item.add_marker("helm")
        if {"image", "docker"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("docker")
        if any(item.get_closest_marker(need) for need in ENGINES) and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(ENGINE_TIMEOUT))


def _is_thorough(item: pytest.Item) -> bool:
    """Whether a test is left to `make test ALL=1`: it is of the newer helm, or of a whole app on Podman.

    What these two do otherwise than the helm and the engine that most have is shown by tests that always run.
    """
    is_of_newer_helm = "newer_helm" in item.nodeid or "newer_helm" in getattr(item, "fixturenames", ())
    return is_of_newer_helm or ("tests/e2e" in item.nodeid and "[podman" in item.nodeid)


def stream_of(nodeid: str) -> str:
    """What stays on one worker together: all tests of a folder or two; a unit test is by itself."""
    if "[podman" in nodeid:  # engines do not get in each other's way
        return "podman"
    folder = group(nodeid)
    return nodeid if folder == "unit" else STREAMS.get(folder, folder)


def _rank(stream: str) -> int:
    """The longest streams begin first, or the last of them would go on alone; unit tests fill what is left."""
    if stream in LONGEST_FIRST:
        return LONGEST_FIRST.index(stream)
    return len(LONGEST_FIRST) + ("/" in stream)


class Streams(LoadScopeScheduling):
    """With `-n`, unit tests go to whichever worker is free; any other folder stays on one, in order; Podman too."""

    def _split_scope(self, nodeid: str) -> str:
        return stream_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Streams:
    return Streams(config, log)


def pytest_runtest_setup(item: pytest.Item) -> None:
    for need in NEEDS:
        if item.get_closest_marker(need) and (reason := absence(need)):
            if need in required(item.config):
                pytest.fail(f"{need}{REQUIRED}{reason}", pytrace=False)
            pytest.skip(f"needs {need}: {reason}")


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Remove the cluster after the last test of its stream: as long as it is there it takes a tenth of a processor."""
    is_last = nextitem is None or stream_of(nextitem.nodeid) != stream_of(item.nodeid)
    if is_last and CLUSTER in item.config.stash:
        item.config.stash[CLUSTER].remove()


@pytest.hookimpl(wrapper=True, tryfirst=True)  # below the list of failures, which may be long
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """Say in one line how long each group took, and in another which tests could not run and why."""
    yield
    counts: dict[str, int] = defaultdict(int)
    seconds: dict[str, float] = defaultdict(float)
    missing: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for outcome, reports in terminalreporter.stats.items():
        for report in reports:
            if not isinstance(report, pytest.TestReport):
                continue
            folder = group(report.nodeid)
            seconds[folder] += report.duration
            counts[folder] += report.when == "call"
            if outcome == "skipped" and isinstance(report.longrepr, tuple):
                missing[report.longrepr[2].removeprefix("Skipped: ")][folder] += 1
            elif outcome == "error" and REQUIRED in (reason := report.longreprtext.rpartition("\n")[2]):
                missing[reason][folder] += 1  # the line above names the worker
    ran = [f"{name} {counts[name]} in {seconds[name]:.1f} s" for name in sorted(counts) if counts[name]]
    terminalreporter.write_line(f"groups: {', '.join(ran) or 'none ran'}")
    if missing:
        lines = [
            f"{', '.join(f'{count} in {name}' for name, count in sorted(groups.items()))} ({reason})"
            for reason, groups in sorted(missing.items())
        ]
        terminalreporter.write_line(f"could not run: {'; '.join(lines)}", yellow=True)


def group(nodeid: str) -> str:
    """The folder of `tests/` that a test lives in."""
    parts = nodeid.partition("::")[0].split("/")
    return parts[1] if len(parts) > 2 else parts[0]


def required(config: pytest.Config) -> set[str]:
    return set(filter(None, config.getoption("--require").split(",")))


@functools.cache
def absence(need: str) -> str:
    """Why a need can't be met on this machine; empty when it can."""
    if need == "node":
        lacking = [tool for tool in ("node", "npm") if not answers(tool, "--version")]
        return f"{' and '.join(lacking)} not found" if lacking else ""
    if need == "browser":
        return absent_part_of_browser()
    if need == "helm" and sys.platform != "linux":
        return "" if answers("helm", "version") else "helm not found"
    if need == "helm" and HELM.exists():
        return ""
    if need == "podman":
        return "" if podman_address() else "no Podman service answers at its socket"
    return "" if answers("docker", "version") else "no Docker engine answers"


def absent_part_of_browser() -> str:
    if not answers(CHROMIUM, "--version"):
        return f"{CHROMIUM} not found"
    return "" if PAGE.exists() else "the page is not built: make setup"


def answers(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


@pytest.fixture(scope="session")
def image() -> Callable[[str], str]:
    """Make sure that the engine holds an image, and return its name. Pulls only what is not there."""

    @functools.cache
    def ensure(name: str) -> str:
        if not answers("docker", "image", "inspect", name):
            subprocess.run(["docker", "pull", "--quiet", name], check=True, capture_output=True)
        return name

    return ensure


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A private folder with a path so short that a socket's in it is not too long."""
    with short_path() as folder:
        yield folder


@pytest.fixture
def engine_host(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> EngineHost:
    """An engine of this machine, the one that apps of the test use; see `tests.support.engines.ENGINES`."""
    found = EngineHost(request.param, podman_address() if request.param == "podman" else "")
    for name, value in found.environment.items():
        monkeypatch.setenv(name, value)
    return found


@pytest.fixture
def docker() -> EngineHost:
    """The Docker engine of this machine."""
    return EngineHost("docker")


@pytest.fixture(scope="session")
def helm(request: pytest.FixtureRequest) -> Path:
    """The real helm, copied once out of its image into `.cache`, so that rendering a chart starts no container."""
    if sys.platform != "linux":  # the image holds a Linux binary
        return Path(shutil.which("helm") or "helm")
    if not HELM.exists():
        ensure: Callable[[str], str] = request.getfixturevalue("image")
        copy_program(ensure(HELM_IMAGE), HELM, "/usr/bin/helm")
    return HELM


@pytest.fixture(scope="session")
def newer_helm() -> Path:
    """The real Helm 4, where the engine holds its image; the default is what has to work everywhere."""
    if not NEWER_HELM.exists():
        if not answers("docker", "image", "inspect", NEWER_HELM_IMAGE):
            pytest.skip(f"the image {NEWER_HELM_IMAGE} is not here")
        copy_program(NEWER_HELM_IMAGE, NEWER_HELM, "/usr/bin/helm")
    return NEWER_HELM


@pytest.fixture(scope="session")
def kubectl(image: Callable[[str], str]) -> Path:
    """The real kubectl, copied once out of its image: to call that of a node takes the engine half a second."""
    if sys.platform != "linux":
        return Path(shutil.which("kubectl") or "kubectl")
    if not KUBECTL.exists():
        copy_program(image(KUBECTL_IMAGE), KUBECTL, "/usr/local/bin/kubectl", "/usr/bin/kubectl")
    return KUBECTL


@pytest.fixture(scope="session")
def cluster(
    pytestconfig: pytest.Config,
    helm: Path,
    kubectl: Path,
    image: Callable[[str], str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Cluster]:
    """One cluster for all of a stream, ``tests/installed`` and ``tests/cluster``; each test has its own namespace."""
    image(K3S_IMAGE)
    made = pytestconfig.stash[CLUSTER] = Cluster(helm, kubectl, tmp_path_factory.mktemp("cluster"))
    try:
        made.start()
        yield made
    finally:
        made.remove()


def copy_program(image: str, file: Path, *places: str) -> None:
    """Copy a program out of an image into a file, from the first of some places that it is in."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f"{file.name}.{os.getpid()}")  # two workers may copy at once; the rename settles it
    container = call_docker("create", image)
    try:
        copied = any(answers("docker", "cp", "--follow-link", f"{container}:{place}", str(partial)) for place in places)
        assert copied, f"{image} has none of {', '.join(places)}"
    finally:
        call_docker("rm", container)
    partial.replace(file)


def call_docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout.strip()
