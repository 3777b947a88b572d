"""The back end, its asynchronous half, or a command of it, by the first argument."""

import os
import signal
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Api(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"{os.environ['BOARD_SITES_SCHEME']}://{os.environ['BOARD_SITES_DOMAIN']}".encode())

    def log_message(self, format: str, *arguments: object) -> None:
        pass


print(sys.argv[1], flush=True)
for host, port in ((os.environ["POSTGRES_HOST"], 5432), ("board-async-broker", 6379)):
    socket.create_connection((host, port), timeout=10).close()
if sys.argv[1] == "back":
    ThreadingHTTPServer(("0.0.0.0", 8000), Api).serve_forever()
elif sys.argv[1] == "async":
    signal.pause()
