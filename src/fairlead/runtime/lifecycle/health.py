"""Asking a running resource how it is.

While it is not healthy it is asked often, less often the longer that lasts, and soon after it has written something:
servers say when they are ready. Once it is healthy, it is asked every 30 seconds.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from fairlead.engines.services.http_status import http_answer
from fairlead.engines.sockets import LOOPBACKS
from fairlead.errors import EngineError
from fairlead.model.composition.providers import provider_of
from fairlead.model.driving.driver import Driver
from fairlead.model.endpoints.endpoint import EndpointHandle
from fairlead.model.health import CommandCheck, Health, HealthCheck, HealthStatus, HttpCheck, TcpCheck
from fairlead.model.observation.snapshot import HealthReport
from fairlead.model.replicas import replica_id
from fairlead.model.resource import Resource
from fairlead.runtime.lifecycle.command_health import TIMEOUT, CommandHealth
from fairlead.runtime.lifecycle.context import HookContext, host_consumer
from fairlead.runtime.lifecycle.early_checks import EarlyChecks
from fairlead.runtime.lifecycle.run import Run
from fairlead.runtime.values.user_functions import UserFunction

HEALTHY_INTERVAL = 30.0
CHECK_TIMEOUT = 5.0
_MARGIN = 10.0
_FIRST_INTERVAL = 0.025  # a service is up in a moment as a rule
_GROWTH = 1.25
_LONGEST_INTERVAL = 5.0
_SHARE_OF_OUTPUT = 1 / 40
_MOST_GROWN = math.ceil(math.log(_LONGEST_INTERVAL / _FIRST_INTERVAL, _GROWTH))


@dataclass(frozen=True, slots=True)
class Check:
    """One question about the health of a resource.

    Args:
        ask: Asks it.
        label: What it is called, whichever replica it asks.
        replica: The number of the replica that it asks; None where it asks the resource as a whole.
        timeout: Seconds after which it counts as failed; None for :data:`CHECK_TIMEOUT`.
        interval: Seconds until a healthy resource is asked again; None for :data:`HEALTHY_INTERVAL`.
    """

    ask: Callable[[], Awaitable[Health]]
    label: str = ""
    replica: int | None = None
    timeout: float | None = None
    interval: float | None = None


def worst(reports: Sequence[HealthReport]) -> HealthStatus:
    """The health that several reports add up to; without any it is healthy."""
    order = list(HealthStatus)
    return max((report.status for report in reports), key=order.index, default=HealthStatus.HEALTHY)


def interval(tries: int) -> float:
    """Seconds until an unhealthy resource is asked again, after so many tries.

    The pauses grow by a quarter each, up to 5 s, so a server that needs 4 s is seen healthy after about 5 s at most.
    """
    return min(_LONGEST_INTERVAL, _FIRST_INTERVAL * _GROWTH ** min(tries, _MOST_GROWN))


def interval_after_output(elapsed: float) -> float:
    """Seconds after its last check at which an unhealthy resource is asked again if it has written something.

    They grow slowly, so that one that writes all the time is not asked all the time.

    Args:
        elapsed: Seconds for which it has been asked.
    """
    return min(_LONGEST_INTERVAL, max(_FIRST_INTERVAL, _SHARE_OF_OUTPUT * elapsed))


def checks_of(run: Run, resource: Resource, drivers: Sequence[Driver]) -> dict[str, Check]:
    """All checks of a resource by the name they are reported under; those of an endpoint once for each replica."""
    checks: dict[str, Check] = {}
    for check in dict.fromkeys(resource.health_checks):  # a probe and a check may ask the same thing
        replicas = len(drivers) if _asks_itself(check, resource) else 1
        for replica in range(replicas):
            number = replica if replicas > 1 else None
            name = _name(run, resource, check.name, number)
            checks[_free_name(name, checks)] = _check(run, resource, check, number, drivers)
    for replica, driver in enumerate(drivers):
        if type(driver).health is not Driver.health:
            number = replica if len(drivers) > 1 else None
            name = _name(run, resource, resource.kind, number)
            checks[_free_name(name, checks)] = Check(_own(driver), resource.kind, number)
    return checks


def _name(run: Run, resource: Resource, label: str, replica: int | None) -> str:
    return label if replica is None else f"{label} ({replica_id(run.app, resource.name, replica)})"


def _free_name(name: str, checks: Mapping[str, Check]) -> str:
    """The name, with as many primes as it takes to differ from those of other checks."""
    while name in checks:
        name += "'"
    return name


async def ask(name: str, check: Check) -> HealthReport:
    """Run one check; whatever it raises makes it unhealthy, and so does taking longer than its timeout.

    Only a cancellation from outside is raised. One that the check raises by itself is an answer like any error, and
    ``sys.exit()`` must not end the host.
    """
    task = asyncio.current_task()
    assert task is not None
    begin = time.monotonic()
    timeout = CHECK_TIMEOUT if check.timeout is None else check.timeout
    try:
        async with asyncio.timeout(timeout):
            health = await check.ask()
    except TimeoutError:
        health = Health.unhealthy(f"no answer in {timeout:g} s")
    except asyncio.CancelledError:
        if task.cancelling():
            raise
        health = Health.unhealthy("it was cancelled from within")
    except SystemExit as error:
        health = Health.unhealthy(f"it called sys.exit({error.code})")
    except Exception as error:
        health = Health.unhealthy(str(error) or type(error).__name__)
    return HealthReport.of(name, health, time.time(), time.monotonic() - begin)


def with_times(reports: Sequence[HealthReport], before: Sequence[HealthReport]) -> tuple[HealthReport, ...]:
    """The reports of a round with since when each check finds the same.

    Args:
        reports: The reports of the round.
        before: Those of the round before.
    """
    known = {report.name: report for report in before}
    return tuple(
        replace(report, since=last.since if last is not None and last.status is report.status else report.checked_at)
        for report in reports
        for last in (known.get(report.name),)
    )


async def watch(
    checks: Mapping[str, Check], on_reports: Callable[[tuple[HealthReport, ...]], None], early: EarlyChecks
) -> None:
    """Ask all checks again and again, until cancelled.

    Args:
        checks: By name.
        on_reports: Is told all answers after each round.
        early: What has them asked before their time.
    """
    tries, begin = 0, time.monotonic()
    longest = min((check.interval for check in checks.values() if check.interval is not None), default=HEALTHY_INTERVAL)
    while True:
        early.begin()
        async with asyncio.TaskGroup() as group:
            rounds = [group.create_task(ask(name, check)) for name, check in checks.items()]
        reports = tuple(round.result() for round in rounds)
        on_reports(reports)
        if worst(reports) is HealthStatus.HEALTHY:
            tries = 0
            await early.wait_healthy(longest)
            begin = time.monotonic()
        else:
            await early.wait(interval_after_output(time.monotonic() - begin), interval(tries))
            tries = 0 if early.are_due else tries + 1


def _asks_itself(check: HealthCheck, resource: Resource) -> bool:
    return (
        isinstance(check, CommandCheck)
        or (isinstance(check, TcpCheck) and check.endpoint.resource is resource)
        or (isinstance(check, HttpCheck) and isinstance(check.base, EndpointHandle) and check.base.resource is resource)
    )


def _check(run: Run, resource: Resource, check: HealthCheck, number: int | None, drivers: Sequence[Driver]) -> Check:
    """The question that a check of the definition asks of one replica.

    Args:
        run: The run.
        resource: The resource that has the check.
        check: The check.
        number: The number of the replica; None where there is one only.
        drivers: The drivers of all replicas.
    """
    replica = number or 0
    if isinstance(check, CommandCheck):
        timeout = (check.timeout or TIMEOUT) + _MARGIN  # it says by itself that there was no answer
        interval = min(check.interval or HEALTHY_INTERVAL, HEALTHY_INTERVAL)
        return Check(CommandHealth(check, drivers[replica]).ask, check.name, number, timeout, interval)
    if isinstance(check, HttpCheck):
        return Check(lambda: _ask_http(run, resource, check, replica), check.name, number)
    if isinstance(check, TcpCheck):
        return Check(lambda: _ask_tcp(run, check, replica), check.name, number)
    asked = UserFunction(check.function, HookContext(run, resource))
    return Check(lambda: _ask_function(check.name, asked), check.name, number)


def _port(run: Run, endpoint: EndpointHandle, replica: int) -> int:
    """The port of this machine at which one replica is reached."""
    resource, spec = provider_of(endpoint), endpoint.spec
    if resource.placement.is_process:
        return run.addresses.target_port(resource, spec, replica)
    return run.addresses.host_port(resource, spec)


async def _ask_http(run: Run, resource: Resource, check: HttpCheck, replica: int) -> Health:
    problems: list[str] = []
    for base in await _bases(run, resource, check, replica):
        try:
            status, text = await http_answer(base.rstrip("/") + check.path, CHECK_TIMEOUT, check.status)
        except EngineError as error:
            problems.append(error.message)
            continue
        answer = {"expected": str(check.status), "got": str(status)}
        if status == check.status:
            return Health(HealthStatus.HEALTHY, f"answered {status}", **answer)
        return Health(HealthStatus.UNHEALTHY, f"answered {status}, expected {check.status}", raw=text, **answer)
    return Health(HealthStatus.UNHEALTHY, problems[0], str(check.status), problems[0])


async def _bases(run: Run, resource: Resource, check: HttpCheck, replica: int) -> list[str]:
    """The addresses to ask at, in order, until one answers."""
    if not isinstance(check.base, EndpointHandle):
        return [await run.resolver.text(check.base, host_consumer(resource))]
    scheme, port = check.base.spec.scheme, _port(run, check.base, replica)
    hosts = (f"[{host}]" if ":" in host else host for host in _hosts(check.base))
    return [f"{scheme}://{host}:{port}" for host in hosts]


def _hosts(endpoint: EndpointHandle) -> Sequence[str]:
    """Where an endpoint may listen; the engine publishes those of containers on the first loopback address only."""
    return LOOPBACKS if provider_of(endpoint).placement.is_process else LOOPBACKS[:1]


async def _ask_tcp(run: Run, check: TcpCheck, replica: int) -> Health:
    port = _port(run, check.endpoint, replica)
    problems: list[str] = []
    for host in _hosts(check.endpoint):
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError as error:
            problems.append(error.strerror or str(error))
            continue
        writer.close()
        await writer.wait_closed()
        return Health(HealthStatus.HEALTHY, f"port {port} accepts connections", "a connection", "accepted")
    return Health(HealthStatus.UNHEALTHY, f"port {port}: {problems[0]}", "a connection", problems[0])


async def _ask_function(name: str, asked: UserFunction) -> Health:
    answer = await asked.call()
    if isinstance(answer, Health):
        return answer
    if answer is None or answer is True:
        return Health.healthy()
    return Health.unhealthy(f"{name} returned {answer!r}")


def _own(driver: Driver) -> Callable[[], Awaitable[Health]]:
    async def ask_driver() -> Health:
        return await driver.health() or Health.healthy()

    return ask_driver
