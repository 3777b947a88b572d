"""Which port each endpoint gets, the same from run to run.

An address that changes at every start breaks bookmarks, redirect URIs and persistent containers, so ports are
remembered per app. New ones come from below the range that the system hands out by itself, beginning at a place that
depends on the app and the endpoint: even without a memory they are mostly the same, and two apps seldom meet.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom

from fairlead.errors import StartError, StateError
from fairlead.runtime.store.files import locked, read_json, set_aside, write_json
from fairlead.runtime.store.port_pairs import hand_over, outside_of, scope_of

PORTS = range(10000, 32768)
# In the range, but better left alone: browsers refuse 10080; the others belong to Memcached, RabbitMQ and MongoDB.
_AVOIDED = frozenset({10080, 11211, 15672, 27017})
# Every checkout that ever ran has a file; only the ones last used are worth the time.
_NEIGHBOURS = 200
# Inside containers, the first numbers of a range are those that people choose by hand.
_INSIDE_OFFSET = 10
_FILE = "ports.json"


@dataclass(frozen=True, slots=True)
class PortRequest:
    """A port that an endpoint needs.

    Attributes:
        key: What it is remembered by: ``api/http``, or ``api/http/1`` for a replica.
        fixed: The port that the definition gives, if it does.
        host: The address it will be bound to, on which it has to be free.
        lasting: The resource outlives a run, so that its remembered port may be in use by itself: it is kept without
            asking.
        within: The ports to choose from.
        spare: It is kept for another port of its pool; see :mod:`~fairlead.runtime.store.port_pairs`.
    """

    key: str
    fixed: int | None = None
    host: str = "127.0.0.1"
    lasting: bool = False
    within: range = PORTS
    spare: bool = False

    @property
    def scope(self) -> str:
        """Where the port is: the container behind an ``@`` in the key, or empty for this machine."""
        return scope_of(self.key)


class PortBook:
    """Hands out the ports of one app.

    A file that can't be read or written costs the memory of ports and nothing else; the user is told once.

    Args:
        state_folder: Where this app's ports are remembered; other apps are its neighbours.
        app_id: The app.
        remember: False gives random ports and writes nothing, for tests.
        warn: Is told what the user should know.
        is_free: Tells whether a port can be bound on a host; what the system says, unless given.
    """

    def __init__(
        self,
        state_folder: Path,
        app_id: str,
        *,
        remember: bool = True,
        warn: Callable[[str], None],
        is_free: Callable[[int, str], bool] | None = None,
    ) -> None:
        self._folder = state_folder
        self._app_id = app_id
        self._remember = remember
        self._warn = warn
        self._is_free = is_free or _ask_system
        self._warned = False
        self._given: dict[str, int] = {}

    def allocate(self, requests: Iterable[PortRequest]) -> dict[str, int]:
        """Return a port for every request.

        A fixed port is returned as it is; whether it is free is asked when its resource starts. Otherwise it is the
        remembered one if that is still free, else a new one which is in use by nobody, fixed in none of the requests,
        remembered by no other app. A key that was asked for before has the port that it was given then, as others may
        have been told of it. The order of the requests does not matter.

        Raises:
            ValueError: Two requests have one key.
            StateError: No port of the range is left.
        """
        wanted = sorted(requests, key=lambda request: request.key)
        if len({request.key for request in wanted}) < len(wanted):
            raise ValueError("two requests for a port have the same key")
        with self._lock():
            before = self._read()
            remembered = _handed_over(before, wanted)
            ports = self._choose(wanted, remembered)
            if self._remember:
                chosen = {request.key: ports[request.key] for request in wanted if not request.fixed}
                self._write(before, {**remembered, **chosen})
        return ports

    def move(self, ports: Mapping[str, int]) -> None:
        """Remember other ports for some keys, as those that they were given turned out taken.

        Args:
            ports: The ports by key; keys may have exchanged theirs.
        """
        self._given |= ports
        if self._remember:
            with self._lock():
                before = self._read()
                self._write(before, {**before, **ports})

    def _choose(self, wanted: list[PortRequest], remembered: dict[str, int]) -> dict[str, int]:
        self._given |= {request.key: request.fixed for request in wanted if request.fixed}
        for request in wanted if self._remember else []:
            port = remembered.get(request.key)
            if request.key in self._given or port not in request.within or port in self._taken(request.scope):
                continue
            assert port is not None
            if request.lasting or self._is_free(port, request.host):
                self._given[request.key] = port
        missing = [request for request in wanted if request.key not in self._given]
        others = self._neighbours() | _AVOIDED if missing else set()
        spares = {outside_of(request.key) for request in wanted if request.spare}
        for request in missing:
            here = {port for key, port in remembered.items() if scope_of(key) == request.scope}
            port = self._given[request.key] = self._new(request, here if request.scope else here | others)
            if self._remember and request.key in remembered and request.key not in spares:
                self._warn(f"port {remembered[request.key]} of {request.key} is taken, so it is {port} from now on")
        return {request.key: self._given[request.key] for request in wanted}

    def _new(self, request: PortRequest, others: Collection[int]) -> int:
        ports = request.within
        start = self._first_index(request, others)
        taken = self._taken(request.scope)
        # Should all be remembered by some app, one that is merely remembered is better than none.
        for unwanted in (taken.union(others), taken):
            for step in range(len(ports)):
                port = ports[(start + step) % len(ports)]
                if port not in unwanted and (request.scope or self._is_free(port, request.host)):
                    return port
        raise StateError(
            f"no port from {ports[0]} to {ports[-1]} is free for {request.key} on {request.scope or request.host}.",
            remedy="End programs that listen on ports of that range, or give the endpoint a fixed port.",
        )

    def _taken(self, scope: str) -> set[int]:
        return {port for key, port in self._given.items() if scope_of(key) == scope}

    def _first_index(self, request: PortRequest, others: Collection[int]) -> int:
        """Return where the search for a port begins: inside a container behind those that are known there."""
        count, key = len(request.within), request.key
        if request.scope:
            known = self._taken(request.scope).union(others).intersection(request.within)
            return (max(known) + 1 - request.within[0] if known else _INSIDE_OFFSET) % count
        if not self._remember:
            return SystemRandom().randrange(count)
        digest = hashlib.sha256(f"{self._app_id}\0{key}".encode("utf-8", "surrogatepass")).digest()
        return int.from_bytes(digest[:8], "big") % count

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Keep other apps from choosing at the same time, where that is possible."""
        with ExitStack() as stack:
            try:
                if self._remember:
                    stack.enter_context(locked(self._folder.parent / _FILE))
            except StateError as error:
                self._tell(error)
            yield

    def _read(self) -> dict[str, int]:
        path = self._folder / _FILE
        try:
            return _ports(read_json(path, dict) or {})
        except StateError as error:
            self._tell(error)
            return self._begin_anew(path)

    def _begin_anew(self, path: Path) -> dict[str, int]:
        if self._remember and path.is_file():
            try:
                aside = set_aside(path)
                self._warn(f"{path} was kept as {aside.name}, and a new one is begun")
            except StateError as error:
                self._tell(error)
        return {}

    def _write(self, before: dict[str, int], ports: dict[str, int]) -> None:
        path = self._folder / _FILE
        try:
            if ports != before:
                write_json(path, dict(ports))
            elif path.exists():
                os.utime(path)
        except StateError as error:
            self._tell(error)
        except OSError:
            pass  # The time of last use only says which neighbours count.

    def _neighbours(self) -> set[int]:
        """Return the ports that other apps remember."""
        files: list[tuple[float, Path]] = []
        for path in self._folder.parent.glob(f"*/{_FILE}"):
            try:
                files.append((path.stat().st_mtime, path))
            except OSError:
                continue
        found: set[int] = set()
        for _, path in sorted(files, reverse=True)[:_NEIGHBOURS]:
            if path.parent != self._folder:
                try:
                    ports = _ports(read_json(path, dict) or {})
                    found |= {port for key, port in ports.items() if not scope_of(key)}
                except StateError:
                    continue  # That app will say so itself.
        return found

    def _tell(self, error: StateError) -> None:
        if self._remember and not self._warned:
            self._warned = True
            self._warn(f"ports can't be remembered, so addresses may change: {error.message}")


def require_free(port: int, endpoint: str, host: str) -> None:
    """Require that no other process has a port, before it is listened on or a process is told to.

    Args:
        port: The port.
        endpoint: Whose port it is, for the message.
        host: The address it is going to be bound to.

    Raises:
        StartError: Another process has it; the message names that.
    """
    from fairlead.engines.sockets import port_owner

    owner = port_owner(port, host)
    if owner is not None:
        raise StartError(
            f"port {port} of endpoint {endpoint!r} is taken by {owner}",
            remedy="End that, or choose another port.",
        )


def _handed_over(remembered: Mapping[str, int], wanted: Collection[PortRequest]) -> dict[str, int]:
    inside = [request for request in wanted if request.scope]
    return hand_over(
        remembered,
        [request.key for request in inside if not request.spare],
        [request.key for request in inside if request.spare],
        {request.key for request in wanted if request.fixed},
    )


def _ports(found: dict[str, object]) -> dict[str, int]:
    """Return the entries that make sense, each port once in its scope."""
    owners: dict[tuple[str, int], str] = {}
    for key, port in sorted(found.items()):
        if isinstance(port, int) and port in PORTS:
            owners.setdefault((scope_of(key), port), key)
    return {key: port for (_, port), key in owners.items()}


def _ask_system(port: int, host: str) -> bool:
    from fairlead.engines.sockets import port_is_free

    return port_is_free(port, host)
