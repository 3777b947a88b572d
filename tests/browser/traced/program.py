"""A service that answers `POST /checkout`: by itself, or by asking the next one; `?fail` lets it fail there."""

from __future__ import annotations

import logging
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import Request, urlopen

from opentelemetry import metrics, propagate, trace
from opentelemetry._logs import set_logger_provider
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

NEXT = os.environ.get("STOCK_URL")


def set_up() -> None:
    """Send traces, metrics and logs to where the environment says."""
    tracers = TracerProvider()
    tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(tracers)
    metrics.set_meter_provider(MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())]))
    loggers = LoggerProvider()
    loggers.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
    set_logger_provider(loggers)
    logging.getLogger().addHandler(LoggingHandler(logger_provider=loggers))


set_up()
tracer = trace.get_tracer("traced")
duration = metrics.get_meter("traced").create_histogram(
    "http.server.request.duration", "s", explicit_bucket_boundaries_advisory=[0.005, 0.05, 0.5, 5]
)


def check_out(path: str) -> None:
    """Reserve what was ordered.

    Raises:
        TimeoutError: It was asked to fail.
    """
    if NEXT:
        headers: dict[str, str] = {}
        with tracer.start_as_current_span("POST", kind=trace.SpanKind.CLIENT):
            propagate.inject(headers)
            urlopen(Request(NEXT + path, b"", headers), timeout=5).close()
        return
    with tracer.start_as_current_span("reserve", attributes={"order.id": "ord_5509"}):
        logging.getLogger("stock").warning("Pool checkout of %s took 997 ms", "ord_5509")
        if path.endswith("?fail"):
            raise TimeoutError("no free connection")


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        began, status = time.monotonic(), 200
        parent = propagate.extract({name.lower(): value for name, value in self.headers.items()})
        kind = trace.SpanKind.SERVER
        with tracer.start_as_current_span("POST /checkout", parent, kind, {"http.route": "/checkout"}) as span:
            try:
                check_out(self.path)
            except Exception as error:
                status = 500
                span.set_status(trace.StatusCode.ERROR, str(error))
            duration.record(time.monotonic() - began, {"http.response.status_code": status})
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
