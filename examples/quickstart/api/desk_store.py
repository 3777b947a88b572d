"""The jobs, in one SQLite file."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel

#: Seconds after which a job that a worker took, and never finished, goes to another.
LEASE = 30


class Reading(BaseModel):
    """What a worker found in a text."""

    words: int
    sentences: int
    seconds: int
    frequent: list[tuple[str, int]]


class Job(BaseModel):
    """A text to be read, and what was found in it once that is done."""

    id: int
    text: str
    state: Literal["queued", "working", "done"]
    worker: str | None
    reading: Reading | None
    trace: dict[str, str] = {}


class JobStore:
    """Keeps jobs in a folder; safe to use from several threads, and after a crash."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / "desk.sqlite"
        with self._transaction() as database:
            database.execute(
                """CREATE TABLE IF NOT EXISTS jobs (
                    id INTEGER PRIMARY KEY, text TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'queued',
                    worker TEXT, taken_at REAL, reading TEXT)"""
            )
            if "trace" not in [column["name"] for column in database.execute("PRAGMA table_info(jobs)")]:
                database.execute("ALTER TABLE jobs ADD COLUMN trace TEXT NOT NULL DEFAULT '{}'")

    def add(self, text: str, trace: dict[str, str]) -> Job:
        """Store a text for the next worker that is free, with the headers of the trace that it belongs to."""
        with self._transaction() as database:
            row = database.execute(
                "INSERT INTO jobs (text, trace) VALUES (?, ?) RETURNING *", (text, json.dumps(trace))
            )
            return _job(row.fetchone())

    def newest(self, count: int) -> list[Job]:
        """The jobs that were added last, newest first."""
        with self._transaction() as database:
            return [_job(row) for row in database.execute("SELECT * FROM jobs ORDER BY id DESC LIMIT ?", (count,))]

    def take(self, worker: str) -> Job | None:
        """The oldest job that nobody works on, now taken by this worker."""
        now = time.time()
        with self._transaction() as database:
            row = database.execute(
                """UPDATE jobs SET state = 'working', worker = ?, taken_at = ? WHERE id = (
                    SELECT id FROM jobs WHERE state = 'queued' OR (state = 'working' AND taken_at < ?)
                    ORDER BY id LIMIT 1) RETURNING *""",
                (worker, now, now - LEASE),
            ).fetchone()
            return _job(row) if row else None

    def finish(self, number: int, worker: str, reading: Reading) -> bool:
        """Store a result; False when the job is not this worker's any more."""
        with self._transaction() as database:
            change = database.execute(
                "UPDATE jobs SET state = 'done', reading = ? WHERE id = ? AND worker = ? AND state = 'working'",
                (reading.model_dump_json(), number, worker),
            )
            return change.rowcount == 1

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._file)) as database, database:
            database.row_factory = sqlite3.Row
            yield database


def _job(row: Any) -> Job:
    reading = json.loads(row["reading"]) if row["reading"] else None
    trace = json.loads(row["trace"])
    return Job(id=row["id"], text=row["text"], state=row["state"], worker=row["worker"], reading=reading, trace=trace)
