"""The API of the text desk: stores jobs, hands them to workers, and keeps what they found."""

from __future__ import annotations

import logging
import os
import secrets
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Response
from opentelemetry import propagate
from opentelemetry.instrumentation.auto_instrumentation import initialize
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from pydantic import BaseModel, Field

from desk_store import Job, JobStore, Reading

logging.basicConfig(level=logging.INFO, format="%(message)s")
if "OTEL_EXPORTER_OTLP_ENDPOINT" in os.environ:  # where to send telemetry, as a run of Fairlead says
    os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http")  # today's names, such as http.request.method
    initialize()

TOKEN = os.environ["API_TOKEN"]
log = logging.getLogger("desk.api")
store = JobStore(Path(os.environ["DATA_FOLDER"]))


class NewJob(BaseModel):
    """What somebody wants to have read."""

    text: str = Field(min_length=1, max_length=50_000)


def require_token(authorization: Annotated[str, Header()] = "") -> None:
    """Refuse whoever does not know the token."""
    if not secrets.compare_digest(authorization.encode(), f"Bearer {TOKEN}".encode()):
        raise HTTPException(401, "the token is missing or wrong")


app = FastAPI(title="Text desk")
FastAPIInstrumentor.instrument_app(app, excluded_urls="healthz,jobs/take", exclude_spans=["receive", "send"])
jobs = APIRouter(prefix="/jobs", dependencies=[Depends(require_token)])


@app.get("/healthz")
def healthz() -> dict[str, bool]:
    store.newest(1)
    return {"ok": True}


@jobs.get("")
def list_jobs(count: int = 50) -> list[Job]:
    return store.newest(count)


@jobs.post("", status_code=201)
def add_job(new: NewJob) -> Job:
    trace: dict[str, str] = {}
    propagate.inject(trace)  # so that the worker goes on with the trace of this request
    job = store.add(new.text, trace)
    log.info("job %d: %d characters to read", job.id, len(new.text), extra={"job": job.id})
    return job


@jobs.post("/take", response_model=None)
def take_job(worker: str) -> Job | Response:
    return store.take(worker) or Response(status_code=204)


@jobs.put("/{number}/reading", status_code=204)
def finish_job(number: int, worker: str, reading: Reading) -> None:
    if not store.finish(number, worker, reading):
        raise HTTPException(409, f"job {number} is not {worker}'s any more")
    log.info("job %d: read by %s, %d words", number, worker, reading.words, extra={"job": number, "worker": worker})


app.include_router(jobs)
