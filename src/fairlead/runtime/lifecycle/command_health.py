"""Health by a command: how often it is run, and what its exit codes add up to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

from fairlead.errors import FairleadError
from fairlead.model.driving.driver import Driver
from fairlead.model.health import CommandCheck, Health, HealthStatus

INTERVAL: Final = 30.0
"""Seconds between two checks of a healthy program, where the definition doesn't say."""
TIMEOUT: Final = 30.0
RETRIES: Final = 3
FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 5.0
_GROWTH: Final = 1.5
_SHARE: Final = 2.0
"""The pause after a check of an unhealthy program, as a multiple of the time that it took: commands such as
``airflow jobs check`` use a processor for seconds, which the program needs for its start."""
_SHOWN: Final = 200


class CommandHealth:
    """Asks one replica by a command. While the time for the next check has not come, the last answer holds.

    Args:
        check: The check.
        driver: Runs the command where the program runs.
        clock: Tells the time, in seconds.
    """

    def __init__(self, check: CommandCheck, driver: Driver, clock: Callable[[], float] = time.monotonic) -> None:
        self._check, self._driver, self._clock = check, driver, clock
        self._last: Health | None = None
        self._due = 0.0
        self._pause = FIRST_PAUSE
        self._began = clock()
        self._failures = 0
        self._is_healthy = False

    async def ask(self) -> Health:
        """The health of the program."""
        if self._last is None or self._clock() >= self._due:
            begin = self._clock()
            failure, output = await self._run()
            self._last = self._succeeded() if failure is None else self._failed(failure, output)
            self._due = self._clock() + self._next_pause(self._clock() - begin)
        return self._last

    async def _run(self) -> tuple[str | None, str]:
        """Why the check failed, None where it didn't, with what the command wrote."""
        timeout = self._check.timeout or TIMEOUT
        try:
            async with asyncio.timeout(timeout):
                code, output = await self._driver.run_check(self._check.argv)
        except TimeoutError:
            return f"no answer in {timeout:g} s", ""
        except FairleadError as error:
            return error.message, ""
        return None if code == 0 else f"ended with {code}", output.decode("utf-8", "replace").strip()

    def _succeeded(self) -> Health:
        self._failures, self._is_healthy = 0, True
        return Health(HealthStatus.HEALTHY, "ended with 0", "0", "0")

    def _failed(self, failure: str, output: str) -> Health:
        """A healthy program stays so until the command has failed often enough."""
        retries = self._check.retries or RETRIES
        if self._is_healthy:
            in_start = self._clock() < self._began + (self._check.start_period or 0)
            self._failures += 0 if in_start else 1
            if self._failures < retries:
                return Health(HealthStatus.HEALTHY, f"{failure}, {self._failures} of {retries} times", "0", failure)
            self._is_healthy, self._pause = False, FIRST_PAUSE
        shown = f"{failure}: {output[-_SHOWN:]}" if output else failure
        return Health(HealthStatus.UNHEALTHY, shown, "0", failure, output)

    def _next_pause(self, took: float) -> float:
        interval = self._check.interval or INTERVAL
        if self._is_healthy:
            return interval
        self._pause *= _GROWTH
        return min(interval, LONGEST_PAUSE, max(self._pause, _SHARE * took))
