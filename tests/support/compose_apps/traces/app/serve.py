"""The page or the worker: tells where people find the application."""

import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"{os.environ['NEXTAUTH_URL']} {os.environ['BLOBS_PUBLIC_ENDPOINT']}".encode())

    def log_message(self, format: str, *arguments: object) -> None:
        pass


ThreadingHTTPServer(("0.0.0.0", int(sys.argv[1])), Page).serve_forever()
