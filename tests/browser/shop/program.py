"""What the shop's resources run: `serve`, `work`, `migrate` or `idle`."""

from __future__ import annotations

import itertools
import os
import signal
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

health = {"status": 200}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status = health["status"] if self.path == "/healthz" else 200
        self._answer(status, b"ok" if status == 200 else b"pool exhausted")

    def do_POST(self) -> None:
        health["status"] = int(self.path.rpartition("?")[2])
        self._answer(200, b"set")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        colour = 32 if str(args[1]).startswith("2") else 31
        print(f'\x1b[{colour}mINFO\x1b[0m:  "{args[0]}" {args[1]}', flush=True)


def main(role: str) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    if role == "serve":
        ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
    elif role == "work":
        for number in itertools.count(1):
            print(f"INFO: order ord_{number} paid", flush=True)
            if number % 5 == 0:
                print(f"WARNING: order ord_{number} took 997 ms", flush=True)
            time.sleep(0.2)
    elif role == "migrate":
        print("2 migrations applied", flush=True)
    else:
        signal.pause()


if __name__ == "__main__":
    main(sys.argv[1])
