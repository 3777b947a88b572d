"""Two services that send traces, logs and metrics with the OpenTelemetry SDK: one calls the other."""

from __future__ import annotations

import sys

from fairlead import AppBuilder, apphost


@apphost
def traced(app: AppBuilder) -> None:
    stock = app.add_executable("stock", sys.executable, ".", "program.py").with_http_endpoint(env="PORT")
    (
        app.add_executable("front", sys.executable, ".", "program.py")
        .with_http_endpoint(env="PORT")
        .with_environment("STOCK_URL", stock.endpoint())
        .wait_for(stock)
    )


if __name__ == "__main__":
    traced.main()
