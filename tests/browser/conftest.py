"""A real browser on the page of a real run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright
from tests.support.folders import short_path

HERE = Path(__file__).parent
CHROMIUM = "chromium"
SECONDS = 40
"""How long a test waits for what it expects: others have the machine as well."""

expect.set_options(timeout=SECONDS * 1000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")


@dataclass
class AppRun:
    """An app that runs in the background.

    Args:
        folder: The folder of its app file.
        environment: The variables that its commands get.
        page: The address of its page, with the token.
    """

    folder: Path
    environment: dict[str, str]
    page: str = ""

    def fairlead(self, *arguments: str) -> str:
        """What a command of the command line writes; it has to succeed."""
        command = [sys.executable, "-m", "fairlead", *arguments]
        ended = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=120
        )
        if ended.returncode:
            pytest.fail(f"fairlead {' '.join(arguments)} ended with {ended.returncode}:\n{ended.stdout}{ended.stderr}")
        return ended.stdout

    def start(self, *arguments: str) -> None:
        self.page = json.loads(self.fairlead("run", "--detach", "--json", *arguments))["dashboard"]

    def resource(self, name: str) -> dict[str, Any]:
        resources = json.loads(self.fairlead("resources", "--json"))["resources"]
        return next(dict(resource) for resource in resources if resource["name"] == name)


Start = Callable[..., AppRun]


@contextmanager
def starting() -> Iterator[Start]:
    """Start copies of apps, each in a folder of its own with state of its own; they end with the block."""
    with ExitStack() as cleanup:

        def start(app: Path, *arguments: str, **variables: str) -> AppRun:
            folder = cleanup.enter_context(short_path())
            copy = folder / app.name
            shutil.copytree(app, copy, ignore=shutil.ignore_patterns("__pycache__", "data"))
            homes = {name: str(folder / name.lower()) for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME")}
            runtime = folder / "run"
            runtime.mkdir(mode=0o700)
            environment = {**os.environ, **homes, "XDG_RUNTIME_DIR": str(runtime), **variables}
            run = AppRun(copy, environment)
            run.start(*arguments)
            cleanup.callback(run.fairlead, "stop")
            return run

        yield start


@pytest.fixture(scope="module")
def start_app() -> Iterator[Start]:
    """Start copies of apps for the tests of a module: those of others would take the machine from them."""
    with starting() as start:
        yield start


@pytest.fixture(scope="session")
def untouched_shop() -> Iterator[AppRun]:
    """A shop for tests that only look: none may command it or give it a value."""
    with starting() as start:
        yield start(HERE / "shop")


@pytest.fixture(scope="session")
def traced() -> Iterator[AppRun]:
    """Two services with telemetry that were called twice: once well, once with an error."""
    with starting() as start:
        run = start(HERE / "traced")
        run.fairlead("wait", "front", "--for", "healthy")
        (url,) = run.resource("front")["urls"]
        for path in ("/checkout", "/checkout?fail"):
            with suppress(HTTPError):
                urlopen(Request(url["url"] + path, b""), timeout=SECONDS).close()
        yield run


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for the tests of a module. While it is there, its event loop runs, and no other can run beside it."""
    with sync_playwright() as playwright:
        path = shutil.which(CHROMIUM)
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light", locale="en-GB")
    context.set_default_timeout(SECONDS * 1000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A new tab; the test fails if a script throws, or something is refused by the page's policy."""
    page = context.new_page()
    faults: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # A request that is refused or cut is part of many tests; the page has to cope with it.
        if message.type == "error" and "Failed to load resource" not in message.text:
            faults.append(message.text)

    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", note)
    yield page
    assert faults == []
