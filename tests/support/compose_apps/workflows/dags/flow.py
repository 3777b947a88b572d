"""Every program of the application, by its first argument."""

import os
import signal
import socket
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.request import urlopen


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(os.environ["WORKFLOWS__DATABASE__SQL_CONN"].encode())

    def log_message(self, format: str, *arguments: object) -> None:
        pass


def reach(host: str, port: int) -> None:
    socket.create_connection((host, port), timeout=10).close()


what = sys.argv[1]
print(what, os.environ["WORKFLOWS__CORE__EXECUTOR"], flush=True)
if what == "webserver":
    HTTPServer(("0.0.0.0", 8080), Page).serve_forever()
elif what == "check":
    urlopen(sys.argv[2], timeout=5).read()
elif what == "init":
    reach("postgres", 5432)
    reach("redis", 6379)
elif what == "worker":
    reach("redis", 6379)
    signal.pause()
