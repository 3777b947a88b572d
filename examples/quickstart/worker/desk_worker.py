"""The worker of the text desk: takes a job from the API, reads its text, and reports what it found."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import socket
import sys
import time
from collections import Counter
from typing import Any
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

from opentelemetry import metrics, propagate, trace
from opentelemetry.instrumentation.auto_instrumentation import initialize
from opentelemetry.instrumentation.utils import suppress_instrumentation

logging.basicConfig(level=logging.INFO, format="%(message)s")
if "OTEL_EXPORTER_OTLP_ENDPOINT" in os.environ:  # where to send telemetry, as a run of Fairlead says
    os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http")  # today's names, such as http.request.method
    initialize()

API = os.environ.get("API_HTTP", "")
TOKEN = os.environ.get("API_TOKEN", "")
NAME = f"{socket.gethostname()}-{os.getpid()}"
WORDS_PER_MINUTE = 220

log = logging.getLogger("desk.worker")
tracer = trace.get_tracer("desk.worker")
words_read = metrics.get_meter("desk.worker").create_histogram(
    "desk.words", "{word}", "Words of the texts that were read"
)


def read(text: str) -> dict[str, Any]:
    """What there is to say about a text."""
    words = re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", text)
    telling = Counter(word.lower() for word in words if len(word) > 3)
    return {
        "words": len(words),
        "sentences": len(re.findall(r"[^\s.!?…][^.!?…]*", text)),
        "seconds": round(len(words) * 60 / WORDS_PER_MINUTE),
        "frequent": [(word, count) for word, count in telling.most_common(6) if count > 1],
    }


def call(method: str, path: str, body: object = None) -> Any:
    """Ask the API; None when it has nothing to say."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    with urlopen(Request(f"{API}{path}", data, headers, method=method), timeout=10) as answer:
        content = answer.read()
    return json.loads(content) if content else None


def work_once() -> bool:
    """Do one job; False when there is none."""
    with suppress_instrumentation():  # to ask twice a second is nothing to trace
        job = call("POST", f"/jobs/take?worker={quote(NAME)}")
    if job is None:
        return False
    with tracer.start_as_current_span("read job", propagate.extract(job["trace"]), trace.SpanKind.CONSUMER) as span:
        span.set_attribute("desk.job", job["id"])
        reading = read(job["text"])
        words_read.record(reading["words"])
        call("PUT", f"/jobs/{job['id']}/reading?worker={quote(NAME)}", reading)
        words, sentences = reading["words"], reading["sentences"]
        log.info("job %d: %d words in %d sentences", job["id"], words, sentences, extra={"job": job["id"]})
    return True


def main() -> None:
    """Work until told to stop. A job that is not finished by then goes to another worker."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    log.info("%s is ready, and asks %s", NAME, API)
    while True:
        try:
            idle = not work_once()
        except URLError as error:
            log.warning("the API does not answer: %s", error)
            idle = True
        if idle:
            time.sleep(0.5)


if __name__ == "__main__":
    main()
