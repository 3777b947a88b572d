"""The page of the text desk. It hands the browser's calls on to the API, so that the token never leaves the server."""

from __future__ import annotations

import html
import json
import logging
import os
from pathlib import Path
from string import Template
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from fastapi import FastAPI, Response
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from opentelemetry.instrumentation.auto_instrumentation import initialize
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor

logging.basicConfig(level=logging.INFO, format="%(message)s")
if "OTEL_EXPORTER_OTLP_ENDPOINT" in os.environ:  # where to send telemetry, as a run of Fairlead says
    os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http")  # today's names, such as http.request.method
    initialize()

API = os.environ["API_HTTP"]
TOKEN = os.environ["API_TOKEN"]
GREETING = os.environ["GREETING"]
STATIC = Path(__file__).parent / "static"

log = logging.getLogger("desk.page")
app = FastAPI(title="Text desk: the page", openapi_url=None)
FastAPIInstrumentor.instrument_app(app, excluded_urls="healthz,static", exclude_spans=["receive", "send"])
app.mount("/static", StaticFiles(directory=STATIC))


@app.get("/", response_class=HTMLResponse)
def index() -> str:
    return Template((STATIC / "index.html").read_text()).substitute(greeting=html.escape(GREETING))


@app.get("/healthz")
def healthz() -> dict[str, bool]:
    return {"ok": True}


@app.get("/jobs")
def list_jobs() -> Response:
    return ask_api("GET", "/jobs")


@app.post("/jobs")
def add_job(job: dict[str, str]) -> Response:
    return ask_api("POST", "/jobs", job)


def ask_api(method: str, path: str, body: object = None) -> Response:
    """The API's answer, or 502 when it has none."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    try:
        with urlopen(Request(f"{API}{path}", data, headers, method=method), timeout=5) as answer:
            return Response(answer.read(), answer.status, media_type="application/json")
    except HTTPError as error:
        return Response(error.read(), error.code, media_type="application/json")
    except (URLError, OSError) as error:
        log.error("the API does not answer: %s", error)
        return Response('{"detail": "The API does not answer."}', 502, media_type="application/json")
