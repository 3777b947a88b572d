"""A run that the test processes of a machine share, as one of them sees it.

The first that joins starts the host as a process of its own; those that come while it runs join that. It ends when the
last of them has left or has died: each holds a lease on it. What the definition keeps by its lifetime is there again in
the next run.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any, Final

from fairlead.engines.background import Background
from fairlead.errors import FairleadError, ResourceFailed, StartError, UsageError, WaitError, WaitTimeout
from fairlead.runtime.lifecycle.state_text import change_line
from fairlead.runtime.store.files import locked, read_json
from fairlead.runtime.store.folders import runtime_folder, state_folder
from fairlead.runtime.store.instance import RunRecord, running_instance
from fairlead.runtime.store.leases import Lease, lease_file
from fairlead.testing.observers import share, unshare
from fairlead.testing.shared.host_client import HostClient
from fairlead.testing.shared.shared_order import ORDER_FILE, SharedOrder

_START_SECONDS: Final = 120.0
"""Seconds for the host of an earlier run to end, or for another process to start the host."""
_SLICE: Final = 5.0
"""Seconds of one request for a state: so long does an interrupted wait go on."""


class SharedRun:
    """A run that this process has joined; made by :meth:`join`.

    Args:
        client: Asks its host.
        lease: What keeps it running.
    """

    def __init__(self, client: HostClient, lease: Lease) -> None:
        self._client = client
        self._lease = lease
        share(self)

    @classmethod
    def join(cls, order: SharedOrder, app_id: str) -> SharedRun:
        """Join the run, and start its host if there is none. Blocks for a second or two.

        Args:
            order: What is to run.
            app_id: What it is known as on this machine.

        Raises:
            StartError: The host does not start.
            UsageError: It runs with other options.
            StateError: The runtime folder or the state folder can't be used.
        """
        lease = Lease(lease_file(app_id, runtime_folder()))
        lease.take(_START_SECONDS)
        try:
            folder = state_folder(app_id)
            with locked(folder / ORDER_FILE, _START_SECONDS):
                record = running_instance(app_id)
                if record is None:
                    record = _start(order, folder)
                else:
                    _check_options(order, folder, record)
            return cls(HostClient(record), lease)
        except BaseException:
            lease.release()
            raise

    @property
    def run_id(self) -> str:
        """This run, of all the app's runs."""
        return self._client.record.run_id

    async def wait_ready(self, name: str, seconds: float) -> dict[str, Any]:
        """Return the snapshot of a resource as soon as it is healthy, or has finished where that is all it does.

        Args:
            name: The resource.
            seconds: How long to wait.

        Raises:
            ResourceFailed: It will not come to that; the notes have the last lines of its log.
            WaitTimeout: It has not come to that in time.
        """
        deadline = time.monotonic() + seconds
        while True:
            try:
                return await asyncio.to_thread(self._client.wait, name, "healthy", _SLICE)
            except WaitTimeout as error:
                if time.monotonic() > deadline:
                    raise self._with_log(error) from None
            except ResourceFailed as error:
                raise self._with_log(error) from None

    def leave(self) -> None:
        """Give the lease back; the host ends if it was the last one."""
        unshare(self)
        self._lease.release()

    def sections(self) -> list[tuple[str, str]]:
        """Titles and texts for the report of a failed test: the states, then the log of each resource."""
        from fairlead.testing.evidence import REPORT_LINES  # a test that passes need not load what it takes

        try:
            resources = self._client.get("/api/resources")["resources"]
            states = "\n".join(f"{resource['id']} is {change_line(resource)}" for resource in resources)
            logs = [(resource["name"], self._log(resource["name"], REPORT_LINES)) for resource in resources]
        except FairleadError as error:
            return [("fairlead resources of the shared run", str(error))]
        sections = [(f"fairlead logs: {name} of the shared run", "\n".join(lines)) for name, lines in logs if lines]
        return [("fairlead resources of the shared run", states), *sections]

    def _log(self, name: str, count: int) -> list[str]:
        lines = self._client.get("/api/logs", ("name", name), ("tail", count))["lines"]
        return [line["text"] for line in lines if "text" in line]

    def _with_log(self, error: WaitError) -> WaitError:
        from fairlead.testing.evidence import NOTE_LINES

        error.remedy = None  # it is for an app that a terminal runs
        name = error.resource
        lines = self._log(name, NOTE_LINES) if name else []
        if lines:
            error.add_note("\n".join([f"the last lines of the log of {name}:", *(f"  | {line}" for line in lines)]))
        return error


def _start(order: SharedOrder, folder: Path) -> RunRecord:
    for path in folder.glob("clusters/*/kubeconfig.*"):  # of namespaces, which a process that died has left
        path.unlink(missing_ok=True)
    log = folder / "host.log"
    command = [sys.executable, "-m", "fairlead.testing.shared.shared_host"]
    try:
        host = Background.start(command, order.to_json(), log)
    except OSError as error:
        raise StartError(f"the host of {order.name} can't be started: {error.strerror or error}") from error
    try:
        answer = json.loads(host.wait_for_answer() or b"{}")
    except BaseException:
        host.stop()
        raise
    host.detach()
    if "record" in answer:
        return RunRecord(**answer["record"])
    reason = answer.get("error") or "it has ended"
    raise StartError(f"the host of {order.name} does not start: {reason}", remedy=f"Its log is {log}.")


def _check_options(order: SharedOrder, folder: Path, record: RunRecord) -> None:
    found = read_json(folder / ORDER_FILE, dict) or {}
    if found.get("digest") != order.digest:
        raise UsageError(
            f"process {record.pid} runs {order.name} for other tests, with other options or from another version of "
            f"{Path(order.file).name}",
            remedy="Give the same select=, exclude= and parameters= everywhere, or wait for the end of those tests.",
        )
