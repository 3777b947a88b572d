"""What containers send by OpenTelemetry must reach the run, which listens on the loopback interface only."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.control import control
from tests.support.stage import stage

from fairlead import AppBuilder, State

PYTHON = "python:3.11-slim-bookworm"  # the static busybox can't look names up
SEND = """
import json, os, urllib.parse, urllib.request
span = {"traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "name": "from a container",
        "startTimeUnixNano": "1795000000000000000", "endTimeUnixNano": "1795000001000000000"}
body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}).encode()
name, _, value = os.environ["OTEL_EXPORTER_OTLP_HEADERS"].partition("=")
headers = {"Content-Type": "application/json", name: urllib.parse.unquote(value)}
request = urllib.request.Request(os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] + "/v1/traces", body, headers)
urllib.request.urlopen(request, timeout=30)
"""


@pytest.mark.docker
async def test_container_sends_to_the_run(tmp_path: Path) -> None:
    """A container must reach the receiver through the gateway of its network, as its own resource."""

    def define(app: AppBuilder) -> None:
        app.add_container("job", PYTHON, args=["python3", "-c", SEND])

    async with stage(define, folder=tmp_path, telemetry=True) as shown, control(shown.host, tmp_path) as api:
        ended = await shown.reach("job", State.EXITED)

        assert ended.exit_code == 0, shown.text("job")
        (trace,) = (await api.get("/api/telemetry/traces"))["traces"]
        assert (trace["name"], trace["resource"]) == ("from a container", "job")
