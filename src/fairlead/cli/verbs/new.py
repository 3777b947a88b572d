"""``fairlead new``: write a small app that runs."""

from __future__ import annotations

from pathlib import Path

import click

from fairlead.cli.terminal import display_path, say, style
from fairlead.compose.translation.naming import python_name
from fairlead.errors import UsageError

_APPHOST = '''\
"""What the app consists of. `fairlead run` starts it, `fairlead publish` writes its Helm chart."""

from fairlead import AppBuilder, apphost


@apphost
def {name}(app: AppBuilder) -> None:
    greeting = app.add_parameter("greeting", "Ahoy", description="What the API says.")
    api = (
        app.add_python_app("api", "api", script="main.py")
        .with_http_endpoint(env="PORT")
        .with_http_health_check("/healthz")
        .with_environment("GREETING", greeting)
    )
    app.add_python_app("worker", "worker", script="main.py").with_reference(api).wait_for(api)


if __name__ == "__main__":
    {name}.main()
'''

_API = '''\
"""A small API: it counts who asked."""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

VISITS = count(1)


class Api(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/healthz":
            self.answer({{"status": "ok"}})
        else:
            self.answer({{"message": os.environ["GREETING"], "visit": next(VISITS)}})

    def answer(self, data: dict[str, object]) -> None:
        body = json.dumps(data).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        if self.path != "/healthz":
            print(format % arguments)


# A pod is reached from outside, a program on this machine need not be.
HOST = "0.0.0.0" if "KUBERNETES_SERVICE_HOST" in os.environ else "127.0.0.1"
server = ThreadingHTTPServer((HOST, int(os.environ["PORT"])), Api)
print(f"listening on port {{server.server_port}}")
server.serve_forever()
'''

_WORKER = '''\
"""A small worker: it asks the API every few seconds."""

import json
import os
import time
from urllib.request import urlopen

API = os.environ["services__api__http__0"]

while True:
    try:
        with urlopen(API, timeout=5) as answer:
            data = json.load(answer)
            print(f"the API says {{data['message']}}, visit {{data['visit']}}")
    except OSError as error:
        print(f"the API does not answer: {{error}}")
    time.sleep(3)
'''

FILES = {"apphost.py": _APPHOST, "api/main.py": _API, "worker/main.py": _WORKER}


@click.command()
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
def new(folder: Path) -> None:
    """Write a small app into DIR: a definition, an API and a worker. Overwrites nothing."""
    texts = {folder / name: text.format(name=python_name(folder.resolve().name)) for name, text in FILES.items()}
    if present := [display_path(path) for path in texts if path.exists()]:
        raise UsageError(f"there is something already: {', '.join(present)}", remedy="Give another folder.")
    try:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{error.filename} can't be written: {error.strerror}") from error
    for path in texts:
        say(f"  {display_path(path)}")
    say("It is yours. Run it, and look around:")
    if folder.resolve() != Path.cwd():
        say(style(f"  cd {folder}", bold=True))
    say(style("  fairlead run", bold=True))
