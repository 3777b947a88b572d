"""The app as a whole."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from fairlead.runtime.store.instance import RunRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class AppDocument:
    """What runs.

    Args:
        app_id: The app, unique for a checkout.
        name: The app's name.
        apphost: Path of the app file.
        pid: The host's process.
        started: When it started, in seconds since 1970.
        run_id: This run, of all the app's runs.
        socket: Path of its control socket.
        definition: The digest of the app file that it runs by; empty where there is no such file.
        branch: The branch of git that the app file is in, or the short hash of a commit; null where it is in none.
        engine: The container engine with its version, such as ``Docker 27.3``; null as long as none is used.
        changed: The files of the definition that have changed since, by their paths from the app file's folder.
        dashboard: The address of its page with the token in its fragment; null where none is served.
    """

    app_id: str
    name: str
    apphost: str
    pid: int
    started: float
    run_id: str
    socket: str
    definition: str
    branch: str | None
    engine: str | None
    changed: tuple[str, ...]
    dashboard: str | None


def app_document(
    record: RunRecord, page: str | None, branch: str | None, engine: str | None, changed: tuple[str, ...]
) -> AppDocument:
    """What is told of a run."""
    return AppDocument(**asdict(record), branch=branch, engine=engine, changed=changed, dashboard=page)
