"""Knows the tide. Listens on this machine's loopback only."""

from __future__ import annotations

import json
import math
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PERIOD = 12.42 * 3600
"""Seconds from one high water to the next."""


class Tide(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        height = 3 + 2 * math.sin(2 * math.pi * time.time() / PERIOD)
        body = json.dumps({"metres": round(height, 2)}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        if self.path != "/healthz":
            print(f"{self.path} for {self.address_string()}", flush=True)


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Tide).serve_forever()
