"""Text desk: paste a text on a page, a worker reads it, the page shows what it found.

`fairlead run` starts it on this machine, `fairlead publish` writes its Helm chart.
"""

from __future__ import annotations

import asyncio
import json
from urllib.request import Request, urlopen

from fairlead import ActionContext, AppBuilder, Generate, apphost

SAMPLE = "The tide turns at noon. Lines run through the fairlead, lines come free, and with the tide the ship is off."

#: What each program asks of a cluster, and the most that it may use.
REQUESTS = {"cpu": "50m", "memory": "96Mi", "ephemeral_storage": "32Mi"}
LIMITS = {"cpu_limit": "1", "memory_limit": "256Mi", "ephemeral_storage_limit": "256Mi"}


@apphost(name="text-desk")
def text_desk(app: AppBuilder) -> None:
    greeting = app.add_parameter("greeting", "What shall we read?", description="The headline of the page.")
    token = app.add_parameter("api-token", Generate(), secret=True, description="Lets worker and page call the API.")
    data = app.add_parameter(
        "data-folder",
        "/data" if app.is_publish_mode else str(app.directory / "data"),
        description="The folder in which the API keeps its database.",
    )
    k8s = app.add_kubernetes_environment("k8s").with_properties(helm_chart_description="A desk that reads texts")

    api = (
        app.add_uvicorn_app("api", "api", "desk_api:app", args=["--no-access-log"])
        .with_environment("API_TOKEN", token)
        .with_environment("DATA_FOLDER", data)
        .with_persistent_volume(k8s.add_persistent_volume("texts"), "/data")
        .with_http_health_check("/healthz")
    )

    async def add_sample(context: ActionContext) -> str:
        url, secret = await context.resolve(api.endpoint()), await context.resolve(token)
        headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        request = Request(f"{url}/jobs", json.dumps({"text": SAMPLE}).encode(), headers)
        with await asyncio.to_thread(urlopen, request, timeout=5) as answer:
            return f"added job {json.load(answer)['id']}"

    api.with_command("add-sample", add_sample, display="Add a sample text")

    worker = (
        app.add_python_app("worker", "worker", script="desk_worker.py")
        .with_reference(api)
        .with_environment("API_TOKEN", token)
        .with_replicas(2)
        .wait_for(api)
    )
    page = (
        app.add_uvicorn_app("page", "page", "desk_page:app", args=["--no-access-log"])
        .with_reference(api)
        .with_environment("API_TOKEN", token)
        .with_environment("GREETING", greeting)
        .with_http_health_check("/healthz")
        .with_external_http_endpoints()
        .wait_for(api)
    )

    k8s.with_network_policies().add_ingress("edge").with_path("/", page)
    for program in (api, worker, page):
        program.with_resources(**REQUESTS, **LIMITS).with_security_context(read_only_root_filesystem=True)
    worker.with_disruption_budget(max_unavailable=1)


if __name__ == "__main__":
    text_desk.main()
