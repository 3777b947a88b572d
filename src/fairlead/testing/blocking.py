"""A running app for code without an event loop: the methods of ``Running``, which block."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fairlead.engines.services.http import ClientSession
from fairlead.model.app import App
from fairlead.model.observation.snapshot import Snapshot
from fairlead.runtime.host import Host
from fairlead.runtime.lifecycle.external_waits import Condition
from fairlead.runtime.logs.book import LogLine
from fairlead.testing.loop_thread import LoopThread
from fairlead.testing.running import Running

if TYPE_CHECKING:
    from fairlead.testing.kubernetes.blocking_cluster import BlockingCluster


class BlockingRunning:
    """A running app; made by ``with testing(shop) as app``. Resources are named regardless of case.

    It may be used from several threads, such as those of a test server.

    Args:
        running: The app in its event loop.
        thread: The thread of that loop.
    """

    def __init__(self, running: Running, thread: LoopThread) -> None:
        self._running = running
        self._thread = thread

    @property
    def app(self) -> App:
        """The model."""
        return self._running.app

    @property
    def host(self) -> Host:
        """The app's host; it belongs to the thread of its event loop."""
        return self._running.host

    def snapshot(self, name: str) -> Snapshot:
        """How a resource is now; see :meth:`Running.snapshot`."""
        return self._thread.call(lambda: self._running.snapshot(name))

    def wait_for(self, name: str, condition: Condition, timeout: float = 60) -> Snapshot:
        """Block until a resource is ``running``, ``healthy`` or ``completed``; see :meth:`Running.wait_for`.

        Args:
            name: The resource.
            condition: What to wait for.
            timeout: Seconds.

        Raises:
            ResourceFailed: It will not come to that.
            WaitTimeout: It has not come to that in time.
            UsageError: There is no such resource in this run, or no such condition.
        """
        return self._thread.run(self._running.wait_for(name, condition, timeout))

    def wait_healthy(self, name: str, timeout: float = 60) -> Snapshot:
        """Block until a resource is healthy; see :meth:`wait_for`.

        Args:
            name: The resource.
            timeout: Seconds.
        """
        return self._thread.run(self._running.wait_healthy(name, timeout))

    def endpoint(self, name: str, endpoint: str | None = None) -> str:
        """The address of an endpoint, such as ``http://localhost:10123``; see :meth:`Running.endpoint`.

        Args:
            name: The resource.
            endpoint: The endpoint's name; by default the only one, or ``http``.
        """
        return self._thread.call(lambda: self._running.endpoint(name, endpoint))

    def http(self, name: str, endpoint: str | None = None) -> BlockingHttp:
        """An HTTP client whose requests start at the address of an endpoint, with cookies of its own.

        ``app.http("api").get("/orders").json()``. Requests take 30 s at most unless told otherwise. Any other client
        will do as well: ``requests.get(app.endpoint("api") + "/orders")``.

        Args:
            name: The resource.
            endpoint: The endpoint's name; by default the only one, or ``http``.

        Raises:
            UsageError: There is no such resource or endpoint, or it does not speak HTTP.
        """
        return BlockingHttp(self._thread.call(lambda: self._running.http(name, endpoint)), self._thread)

    def connection_string(self, name: str, timeout: float = 60) -> str:
        """What a client needs to connect to a resource; see :meth:`Running.connection_string`.

        Args:
            name: The resource, such as a database.
            timeout: Seconds.
        """
        return self._thread.run(self._running.connection_string(name, timeout))

    def cluster(self, name: str, timeout: float = 300) -> BlockingCluster:
        """Block until a cluster of the app is ready, and return it; see :meth:`Running.cluster`.

        Args:
            name: The resource.
            timeout: Seconds.
        """
        from fairlead.testing.kubernetes.blocking_cluster import (
            BlockingCluster,  # only this needs a client of Kubernetes
        )

        return BlockingCluster(self._thread.run(self._running.cluster(name, timeout)), self._thread)

    def environment(self, name: str) -> dict[str, str]:
        """The variables of a resource's last start; secret ones read ``***``."""
        return self._thread.call(lambda: self._running.environment(name))

    def logs(self, name: str) -> list[LogLine]:
        """What a resource has written, and what Fairlead has to say about it; the last 10,000 lines."""
        return self._thread.call(lambda: self._running.logs(name))

    def read_logs(self, name: str) -> list[LogLine]:
        """The same, also of an observed child; see :meth:`Running.read_logs`."""
        return self._thread.run(self._running.read_logs(name))

    def command(self, name: str, command: str, inputs: Mapping[str, object] | None = None) -> str | None:
        """Give a command to a resource, and block until it is done; see :meth:`Running.command`.

        Args:
            name: The resource.
            command: ``start``, ``stop``, ``restart``, or one of its own.
            inputs: Values for the inputs of one of its own.
        """
        return self._thread.run(self._running.command(name, command, inputs))


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """The answer to a request.

    Args:
        status: Its status, such as 200.
        headers: Its headers, regardless of case.
        body: Its body.
        encoding: The encoding of the body, as far as it is text.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    encoding: str = "utf-8"

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode(self.encoding, "replace")

    def json(self) -> Any:
        """The body, parsed as JSON."""
        return json.loads(self.body)


class BlockingHttp:
    """An HTTP client that blocks.

    Args:
        session: The client that does not.
        thread: The thread of its event loop.
    """

    def __init__(self, session: ClientSession, thread: LoopThread) -> None:
        self._session = session
        self._thread = thread

    def request(self, method: str, path: str, **options: Any) -> HttpAnswer:
        """Send a request, and return the whole answer, whatever its status.

        Args:
            method: Such as ``GET``.
            path: What is below the endpoint's address.
            **options: Those of ``aiohttp.ClientSession.request``, such as ``json=``, ``data=``, ``headers=``.

        Raises:
            Exception: There is no answer; as aiohttp raises it.
        """

        async def send() -> HttpAnswer:
            async with self._session.request(method, path, **options) as answer:
                return HttpAnswer(answer.status, answer.headers, await answer.read(), answer.get_encoding())

        return self._thread.run(send())

    def get(self, path: str, **options: Any) -> HttpAnswer:
        """GET a path; see :meth:`request`.

        Args:
            path: What is below the endpoint's address.
            **options: As for :meth:`request`.
        """
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> HttpAnswer:
        """POST to a path; see :meth:`request`.

        Args:
            path: What is below the endpoint's address.
            **options: As for :meth:`request`.
        """
        return self.request("POST", path, **options)
