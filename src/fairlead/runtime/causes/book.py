"""The causes of a run as they are now, found anew at most a few times a second however often something changes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator

from fairlead.errors import NotRunning
from fairlead.runtime.causes.cause import Cause
from fairlead.runtime.causes.finding import Findings, Roles, find_causes
from fairlead.runtime.feed import Feed
from fairlead.runtime.lifecycle.run import Run

PAUSE_SECONDS = 0.1
"""Seconds between two searches: changes come in bursts, and a search looks at all resources."""


class CauseBook:
    """The causes of a run. Belongs to the thread of the event loop.

    Args:
        run: The run.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._lists: Feed[tuple[Cause, ...]] = Feed(1)
        self._findings: Findings | None = None
        self._version = -1
        self._is_watching = False
        self._roles = _roles_in(run)

    def adopt(self) -> None:
        """Go by the definition that the run goes by now."""
        self._roles, self._findings = _roles_in(self._run), None

    def current(self) -> tuple[Cause, ...]:
        """The causes now, worst first."""
        findings, now = self._findings, time.time()
        if findings is None or self._version != self._run.bus.version or findings.is_outdated(now):
            self._version = self._run.bus.version
            snapshots = self._run.bus.all()
            findings = self._findings = find_causes(snapshots, now, self._roles, self._run.logs.last_line)
            if not self._lists.count or self._lists.things[-1] != findings.causes:
                self._lists.add(findings.causes)
        return findings.causes

    async def follow(self) -> AsyncGenerator[tuple[int, tuple[Cause, ...]]]:
        """The causes now, and the whole list again each time it has changed, with the number of the list."""
        self._watch()
        self.current()
        async for lists in self._lists.follow():
            yield self._lists.count, lists[-1]

    def close(self) -> None:
        """End all readers."""
        self._lists.close()

    def _watch(self) -> None:
        if not self._is_watching and not self._run.tasks.closed:
            self._is_watching = True
            self._run.tasks.spawn(self._keep_current(), "causes")

    async def _keep_current(self) -> None:
        try:
            while True:
                self.current()
                await asyncio.sleep(PAUSE_SECONDS)
                await self._wait_for_news()
        except NotRunning:
            self.current()

    async def _wait_for_news(self) -> None:
        """Return when something has changed, or the passing of time alone changes the causes."""
        bus, findings = self._run.bus, self._findings
        outdated = findings.outdated_at if findings is not None else None
        try:
            async with asyncio.timeout(None if outdated is None else max(0.0, outdated - time.time())):
                await bus.wait_until(lambda: bus.version != self._version)
        except TimeoutError:
            pass


def _roles_in(run: Run) -> Roles:
    return Roles(
        frozenset(resource.name for resource in run.app if resource.ready_when_finished),
        frozenset(resource.name for resource in run.app if resource.starts_with_parent),
    )
