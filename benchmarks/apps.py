"""App files of the sizes that are measured."""

from __future__ import annotations

from pathlib import Path

SERVICE = """\
import http.server, os
address = ("127.0.0.1", int(os.environ["PORT"]))
http.server.ThreadingHTTPServer(address, http.server.SimpleHTTPRequestHandler).serve_forever()
"""


def write_app(folder: Path, body: str) -> Path:
    """An app file whose definition is the given lines."""
    lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
    file = folder / "apphost.py"
    file.write_text(f"from fairlead import apphost, ref\n\n\n@apphost\ndef bench(app):\n{lines}", encoding="utf-8")
    return file


def services(folder: Path, count: int) -> Path:
    """An app of so many Python web servers with health checks, each after the one before the last ten."""
    (folder / "service.py").write_text(SERVICE, encoding="utf-8")
    return write_app(
        folder,
        f"""
for number in range({count}):
    service = app.add_python_app(f"service-{{number}}", ".", script="service.py").with_http_endpoint()
    service.with_http_health_check("/")
""",
    )


def sleepers(folder: Path, count: int) -> Path:
    """An app of so many processes that do nothing."""
    return write_app(
        folder, f'for number in range({count}):\n    app.add_executable(f"sleeper-{{number}}", "sleep", ".", "600")'
    )


def containers(folder: Path, count: int) -> Path:
    """An app of so many containers, each with a port, a volume and ten variables, for publishing."""
    return write_app(
        folder,
        f"""
for number in range({count}):
    web = app.add_container(f"web-{{number}}", "nginx:1.22").with_http_endpoint(target_port=8080)
    web.with_volume(f"data-{{number}}", "/data")
    for key in range(10):
        web.with_environment(f"KEY_{{key}}", f"value {{key}} of {{number}}")
""",
    )


def compose(folder: Path, count: int) -> Path:
    """The same application as a Compose file, for kompose."""
    lines = ["services:"]
    for number in range(count):
        lines += [
            f"  web-{number}:",
            "    image: nginx:1.22",
            '    ports: ["8080"]',
            f'    volumes: ["data-{number}:/data"]',
            "    environment:",
            *(f"      KEY_{key}: value {key} of {number}" for key in range(10)),
        ]
    lines += ["volumes:", *(f"  data-{number}: {{}}" for number in range(count))]
    file = folder / "compose.yaml"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file
