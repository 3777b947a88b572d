"""The notice board: what the notices say, how high the tide is, and how often it was read."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import socket
import ssl
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import Request, urlopen

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
PAGES = "https://kubernetes.default.svc/api/v1/namespaces/{}/configmaps?labelSelector=harbour.example.com/notice"


def visits() -> int:
    """How often the board was read, as the Redis of the app counts it."""
    with socket.create_connection((os.environ["CACHE_HOST"], int(os.environ["CACHE_PORT"])), timeout=5) as cache:
        cache.sendall(b"INCR visits\r\n")
        return int(cache.makefile("rb").readline().removeprefix(b":"))


def tide() -> float:
    """The tide in metres, as a process outside the cluster tells it."""
    with urlopen(os.environ["TIDE_URL"], timeout=5) as answer:
        return float(json.load(answer)["metres"])


def notices() -> list[str]:
    """The lines that the operator has posted."""
    url = PAGES.format((ACCOUNT / "namespace").read_text())
    request = Request(url, headers={"Authorization": "Bearer " + (ACCOUNT / "token").read_text()})
    trust = ssl.create_default_context(cafile=str(ACCOUNT / "ca.crt"))
    with urlopen(request, timeout=5, context=trust) as answer:
        return [page["data"]["line"] for page in json.load(answer)["items"]]


def seal(lines: list[str]) -> str:
    """A signature of the lines, which only somebody with the key can make."""
    return hmac.new(os.environ["SEAL_KEY"].encode(), "\n".join(lines).encode(), hashlib.sha256).hexdigest()


class Board(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        content: dict[str, object] = {}
        if self.path != "/healthz":
            lines = notices()
            content = {"notices": lines, "seal": seal(lines), "tide": tide(), "visits": visits()}
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        if self.path != "/healthz":
            print(f"read by {self.address_string()}", flush=True)


ThreadingHTTPServer(("", 8080), Board).serve_forever()
