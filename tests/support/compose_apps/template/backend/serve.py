"""An API that tells what it was given."""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Api(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        told = {name: os.environ.get(name) for name in ("DOMAIN", "FRONTEND_HOST", "CORS_ORIGINS", "POSTGRES_SERVER")}
        body = json.dumps({"ok": True, **told}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


print("serving", flush=True)
ThreadingHTTPServer(("0.0.0.0", 8000), Api).serve_forever()
