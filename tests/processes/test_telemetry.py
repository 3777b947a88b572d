"""What processes of a run send by OpenTelemetry must come in under the name of their resource."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.support.control import control
from tests.support.stage import stage

from fairlead import AppBuilder, State

SDK = """
import logging, os, sys
from opentelemetry import metrics, trace
from opentelemetry.instrumentation.auto_instrumentation import initialize

initialize()
logging.basicConfig(level=logging.INFO)
with trace.get_tracer("tests").start_as_current_span(sys.argv[1]):
    logging.info("in %s: %s", sys.argv[1], os.environ["OTEL_EXPORTER_OTLP_HEADERS"])
    metrics.get_meter("tests").create_counter("turns").add(1)
"""


async def test_processes_send_to_the_run(tmp_path: Path) -> None:
    """Programs that start before the receiver is there must be heard, each as its own resource; no token is shown."""
    (tmp_path / "program.py").write_text(SDK)

    def define(app: AppBuilder) -> None:
        for name in ("api", "worker"):
            app.add_python_app(name, ".", script="program.py", args=[f"work of {name}"])
        app.add_executable("silent", sys.executable, ".", "-c", "pass").with_otlp_exporter(False)

    async with stage(define, folder=tmp_path, telemetry=True) as shown, control(shown.host, tmp_path) as api:
        for name in ("api", "worker", "silent"):
            await shown.reach(name, State.FINISHED)

        traces = (await api.get("/api/telemetry/traces"))["traces"]
        assert {(trace["name"], trace["resource"]) for trace in traces} == {
            ("work of api", "api"),
            ("work of worker", "worker"),
        }
        logs = (await api.get("/api/telemetry/logs"))["logs"]
        assert {(log["message"], log["resource"]) for log in logs} == {
            ("in work of api: ***", "api"),
            ("in work of worker: ***", "worker"),
        }
        instruments = (await api.get("/api/telemetry/instruments"))["instruments"]
        assert ["api", "worker"] in [sorted(found["resources"]) for found in instruments if found["name"] == "turns"]
        variables = {variable.name: variable for variable in shown.host.run.bus.current("api").environment}
        header = variables["OTEL_EXPORTER_OTLP_HEADERS"]
        assert (header.value, header.secret, header.origin) == ("***", True, "telemetry")
        silent = shown.host.run.bus.current("silent")
        assert not [variable for variable in silent.environment if variable.name.startswith("OTEL_")]
