"""A shop of small programs: everything that the page shows, without a container engine."""

from __future__ import annotations

import asyncio
import os
import sys
from urllib.request import Request, urlopen

from fairlead import ActionContext, AppBuilder, CommandInput, apphost


@apphost
def shop(app: AppBuilder) -> None:
    key = app.add_parameter("payment-key", secret=True, description="Test-mode secret key of the payment provider.")
    region = app.add_parameter("region", "eu-central", description="Where orders are kept.")

    migrate = app.add_executable("migrate", sys.executable, ".", "program.py", "migrate")
    orders = (
        app.add_executable("orders", sys.executable, ".", "program.py", "serve")
        .with_http_endpoint(env="PORT")
        .with_http_health_check("/healthz")
        .wait_for_completion(migrate)
    )
    api = (
        app.add_executable("api", sys.executable, ".", "program.py", "serve")
        .with_http_endpoint(env="PORT")
        .with_reference(orders)
        .with_environment("REGION", region)
        .with_environment("MOTTO", "<img src=x onerror=alert(1)>\x1b[31m\u202ered")
        .with_http_health_check("/healthz")
        .with_url("https://docs.example.com/orders", "Documentation")
        .wait_for(orders)
    )

    async def set_health(context: ActionContext) -> str:
        url = await context.resolve(api.endpoint())
        status = context.inputs["status"]
        request = Request(f"{url}/healthz?{status}", method="POST")
        await asyncio.to_thread(lambda: urlopen(request, timeout=5).close())
        return f"/healthz answers {status} from now on"

    api.with_command(
        "set-health",
        set_health,
        display="Set health",
        inputs=[
            CommandInput("status", "Status", kind="choice", choices=["200", "503"], default="503"),
            CommandInput("note", "Note for the log"),
        ],
    )
    api.with_command(
        "forget-orders", lambda: "3 orders forgotten", display="Forget orders", confirm="Forget all orders?"
    )

    (
        app.add_executable("worker", sys.executable, ".", "program.py", "work")
        .with_environment("PAYMENT_KEY", key)
        .with_reference(api)
        .wait_for(api)
    )
    app.add_executable("web", sys.executable, ".", "program.py", "serve").with_http_endpoint(env="PORT").with_reference(
        api
    ).wait_for(api).with_replicas(2)
    app.add_executable("seed", sys.executable, ".", "program.py", "migrate").with_explicit_start()
    app.add_external_service("payments", "https://payments.example.com")
    for number in range(int(os.environ.get("SHOP_EXTRA", "0"))):
        app.add_executable(f"extra-{number}", sys.executable, ".", "program.py", "idle")


if __name__ == "__main__":
    shop.main()
