"""The pytest plugin: what an app has to say about the failure of a test, and keeping it up to look at.

It needs no fixture: every app of ``fairlead.testing.testing`` is known to it, whether a test starts it or a fixture of
whatever scope. It is loaded in every run of pytest, so it imports the rest only when there is an app.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from fairlead.testing.observers import forget, observe, shared_runs

if TYPE_CHECKING:
    from fairlead.runtime.host import Host
    from fairlead.testing.keeping import Kept
    from fairlead.testing.running import Running

_NAME = "fairlead-apps"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("fairlead", "apps run by fairlead.testing")
    group.addoption(
        "--fairlead-keep",
        action="store_true",
        help="keep the app of a failed test up, for looking at it with the fairlead command: in a terminal until Enter "
        "is pressed, elsewhere for --fairlead-keep-seconds",
    )
    group.addoption(
        "--fairlead-keep-seconds",
        type=float,
        default=600.0,
        metavar="N",
        help="how long an app is kept up where there is no terminal to press Enter in (default: 600)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Begin to watch."""
    apps = Apps(config)
    config.pluginmanager.register(apps, _NAME)
    observe(apps)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Watch no longer."""
    apps = config.pluginmanager.unregister(name=_NAME)
    if isinstance(apps, Apps):
        forget(apps)


class Apps:
    """The apps that this run of pytest has started.

    Args:
        config: Of pytest.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._up: list[Running] = []
        self._ended: list[Running] = []  # since the present test began
        self._failed: dict[int, str] = {}  # apps that are up, with the first test that failed on them
        self._kept: dict[int, Kept] = {}
        self._item: pytest.Item | None = None

    # As an observer of fairlead.testing

    def opened(self, app: Running) -> None:
        """Remember an app."""
        self._up.append(app)

    async def closing(self, app: Running, error: BaseException | None) -> None:
        """Keep the app up when it is asked for and its test failed."""
        test = self._failed.get(id(app))
        if test is None and self._item is not None and _is_failure(error):
            test = self._item.nodeid
        if test is not None and self._config.getoption("fairlead_keep"):
            await self._keep(app, test)

    async def closed(self, app: Running) -> None:
        """Look at its logs until the present test is over."""
        self._up.remove(app)
        self._ended.append(app)
        self._failed.pop(id(app), None)
        kept = self._kept.pop(id(app), None)
        if kept is not None:
            await kept.close()

    # As a plugin of pytest

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Forget what ended before this test."""
        self._item = item
        self._ended.clear()
        yield

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, Any, None]:
        """Attach to the report of a failure what the apps have to say."""
        report: pytest.TestReport = (yield).get_result()
        apps = [*self._ended, *self._up]
        if not report.failed:
            return
        for app in apps:
            report.sections.extend(app.read(partial(_sections, app.host, len(apps) > 1)))
        for run in shared_runs():
            report.sections.extend(run.sections())
        for app in self._up:
            self._failed.setdefault(id(app), item.nodeid)

    async def _keep(self, app: Running, test: str) -> None:
        from fairlead.testing.keeping import keep

        self._cancel_timeout()
        with self._terminal() as terminal:
            seconds = self._config.getoption("fairlead_keep_seconds") if terminal is None else None
            kept = await keep(app, test, seconds, terminal, self._say)
        if kept is not None:
            self._kept[id(app)] = kept

    def _cancel_timeout(self) -> None:
        """Have pytest-timeout leave this test alone, as it does for a debugger."""
        cancel = getattr(self._config.hook, "pytest_timeout_cancel_timer", None)
        if cancel is not None and self._item is not None:
            cancel(item=self._item)

    @contextmanager
    def _terminal(self) -> Iterator[int | None]:
        """The terminal that Enter can be pressed in, or None; pytest captures nothing meanwhile."""
        capture: Any = self._config.pluginmanager.getplugin("capturemanager")
        if capture is not None:
            capture.suspend(in_=True)
        try:
            # The processes of xdist share the terminal, and the user could not tell which of them has asked.
            alone = not hasattr(self._config, "workerinput")
            yield 0 if alone and os.isatty(0) and os.isatty(1) else None
        finally:
            if capture is not None:
                capture.resume()

    def _say(self, lines: list[str]) -> None:
        reporter: Any = self._config.pluginmanager.getplugin("terminalreporter")
        if reporter is not None:
            reporter.write_line("")
            for line in lines:
                reporter.write_line(f"fairlead: {line}")


def _sections(host: Host, named: bool) -> list[tuple[str, str]]:
    from fairlead.testing.evidence import sections

    return list(sections(host, named=named))


def _is_failure(error: BaseException | None) -> bool:
    """Whether what ended the block of an app makes its test fail."""
    harmless = (pytest.skip.Exception, pytest.xfail.Exception, pytest.exit.Exception)
    return isinstance(error, (Exception, pytest.fail.Exception)) and not isinstance(error, harmless)
