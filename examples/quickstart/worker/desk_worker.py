"""The worker of the text desk: takes a job from the API, reads its text, and reports what it found."""

from __future__ import annotations

import json
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

API = os.environ.get("API_HTTP", "")
TOKEN = os.environ.get("API_TOKEN", "")
NAME = f"{socket.gethostname()}-{os.getpid()}"
WORDS_PER_MINUTE = 220


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
    job = call("POST", f"/jobs/take?worker={quote(NAME)}")
    if job is None:
        return False
    reading = read(job["text"])
    call("PUT", f"/jobs/{job['id']}/reading?worker={quote(NAME)}", reading)
    print(f"job {job['id']}: {reading['words']} words in {reading['sentences']} sentences")
    return True


def main() -> None:
    """Work until told to stop. A job that is not finished by then goes to another worker."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"{NAME} is ready, and asks {API}")
    while True:
        try:
            idle = not work_once()
        except URLError as error:
            print(f"the API does not answer: {error}", file=sys.stderr)
            idle = True
        if idle:
            time.sleep(0.5)


if __name__ == "__main__":
    main()
