"""Reads the board from afar, as a program of this machine does: through the service endpoint."""

from __future__ import annotations

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import urlopen

BOARD = os.environ["DOOR_URL"]


def report() -> str:
    with urlopen(BOARD, timeout=10) as answer:
        board = json.load(answer)
    lines = [f"The tide is at {board['tide']} m. The board was read {board['visits']} times.", *board["notices"]]
    return "\n".join(lines) + "\n"


class Lookout(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b"" if self.path == "/healthz" else report().encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Lookout).serve_forever()
