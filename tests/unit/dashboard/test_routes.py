"""What the control API answers: of the shape that its OpenAPI document says, and with secrets only where asked for."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.support.control import Control, control
from tests.support.definitions import build
from tests.support.records import TRACE, hex_id, log, point, span
from tests.support.stage import Stage, stage
from tests.support.waiting import until

from fairlead import (
    ActionContext,
    AppBuilder,
    CommandInput,
    CommandResult,
    Driver,
    DriverContext,
    ObservedChild,
    State,
    StopReason,
    Workload,
    ref,
)
from fairlead.dashboard.openapi import openapi_document
from fairlead.dashboard.routes.table import ROUTES
from fairlead.dashboard.telemetry.export import spans_document
from fairlead.dashboard.telemetry.queries.peers import Peers
from fairlead.dashboard.telemetry.records import SpanEvent, SpanLink
from fairlead.dashboard.telemetry.store.telemetry_store import TelemetryStore
from fairlead.model.driving.driver import HostCommand
from fairlead.model.observation.cluster import ClusterDocument, NodeView
from fairlead.runtime.reload.result import ReadAnew
from fairlead.runtime.store.secrets import SecretStore

POD = "api/pod/default/web-1"
POD_SEGMENT = "api%2Fpod%2Fdefault%2Fweb-1"


class Shell(Workload):
    """Something in which commands can be run."""

    kind = "Shell"
    driver = f"{__name__}:ShellDriver"


class ShellDriver(Driver):
    """Reads its environment, and runs commands in it."""

    async def start(self, context: DriverContext) -> None:
        self.context = context
        context.observe(ObservedChild(kind="Pod", name="web-1", namespace="default"), self.follow)
        self.variables = await context.environment()
        context.write_lines("stdout", [b"up with s3cret-value"])
        context.write_open_line("stdout", b"Name? ")

    async def stop(self, reason: StopReason) -> int | None:
        return None

    def exec_command(self, argv: tuple[str, ...], *, terminal: bool, child: str | None = None) -> HostCommand:
        return HostCommand(("inside", child, *argv) if child else argv, self.variables, "/")

    async def details(self) -> AsyncGenerator[object]:
        """As if it were a cluster, with a node more each time."""
        for number in range(100):
            nodes = tuple(NODE for _ in range(number))
            yield ClusterDocument(
                name="api",
                version="v1",
                address="",
                kubeconfig="",
                ready_after=1.0,
                nodes=nodes,
                workloads=(),
                events=(),
            )

    async def follow(self) -> None:
        """Write what the pod had written before, and then whatever it is told to."""
        self.context.write_child(POD, [b"hello", b"from before"], source="nginx")
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self.context.write_child(POD, [b"followed no more"])


NODE = NodeView(
    name="n",
    resource="api",
    role="agent",
    ready=True,
    reason="",
    cpu=None,
    cpu_limit=200.0,
    memory=1.0,
    memory_limit=2.0,
    pods=0,
    pod_limit=110,
)


def seed(context: ActionContext) -> CommandResult:
    return CommandResult("seeded", {"rows": context.inputs["rows"]})


DECLARATION = 'shell = app.add(Shell("api")).with_environment("KEY", key).with_environment("PLAIN", "text")'


def define(app: AppBuilder) -> None:
    key = app.add_parameter("key", "s3cret-value", secret=True)
    shell = app.add(Shell("api")).with_environment("KEY", key).with_environment("PLAIN", "text")
    shell.with_http_endpoint(port=18080).with_args("--key", key, ref("--at={a}", a=shell.endpoint("http").host))
    shell.with_command("seed", seed, inputs=[CommandInput("rows", kind="number", default=3)])
    web = app.add_container("web", "nginx:1.22").with_explicit_start().with_volume("data", "/data")
    web.with_bind_mount("./conf", "/conf", read_only=True).with_reference(shell, optional=True).wait_for(shell)
    # An environment has volumes too, which are mounted nowhere by themselves.
    app.add_kubernetes_environment("k8s").add_persistent_volume("texts")


@pytest.fixture
async def shown(tmp_path: Path) -> AsyncIterator[Stage]:
    async with stage(define, read=lambda: ReadAnew(build(define), lambda: None)) as shown:
        shown.host.values.sources.store = SecretStore(tmp_path / "secrets.json")
        shown.host.values.sources.store.set("key", "s3cret-value")
        await shown.reach("api", State.RUNNING)
        yield shown


@pytest.fixture
async def api(shown: Stage, tmp_path: Path) -> AsyncIterator[Control]:
    async with control(shown.host, tmp_path) as api:
        feed(api.server.telemetry.store)
        yield api


def feed(store: TelemetryStore) -> None:
    """Send a little of everything, as resources would."""
    trouble = {"exception.type": "KeyError", "exception.stacktrace": 'File "/app/main.py", line 3, in f\n    x()'}
    total = {"order.total": 104.5, "items": [1, "two"], "paid": True, "raw": b"\x00", "none": None, "more": {"a": 1}}
    now = time.time()
    store.add_spans(
        [
            span(1, None, now - 2, now, "web", kind="server"),
            span(2, 1, now - 1.5, now - 1, status="error", events=(SpanEvent("exception", now - 1, trouble),)),
            *(span(1, None, now - 1, now, trace_id=hex_id(n, 32), links=(SpanLink(TRACE, hex_id(1)),)) for n in (1, 2)),
        ]
    )
    store.add_logs(
        [log(f'order "{n}" of 104.5', time=now, attributes=total, trace_id=TRACE, span_id=hex_id(2)) for n in range(3)]
    )
    store.add_points([point("queue", now - 60 + 10 * n, n, attributes={"queue": "a"}) for n in range(6)])


# Shapes

EXPORTED = {
    "resourceSpans": [*spans_document([span(1, None, 5.0, 9.0), span(2, 1, 6.0, 7.0)], Peers(), str)],
    "resourceLogs": [],
}
#: For each route how it is asked so that it answers.
ASKED: dict[str, tuple[str, Any]] = {
    "showApp": ("/api/app", None),
    "showModel": ("/api/model", None),
    "showOpenapi": ("/api/openapi.json", None),
    "watch": ("/api/watch", None),
    "listCauses": ("/api/causes", None),
    "listResources": ("/api/resources", None),
    "showResource": (f"/api/resources/{POD_SEGMENT}", None),
    "listEvents": (f"/api/resources/{POD_SEGMENT}/events", None),
    "showSource": ("/api/resources/api/source", None),
    "waitForResource": ("/api/resources/api/wait?for=running&timeout=40", None),
    "runCommand": ("/api/resources/api/commands/seed", {"inputs": {"rows": "7"}}),
    "prepareExec": ("/api/resources/api/exec", {"argv": ["env"]}),
    "revealVariable": ("/api/resources/api/environment/KEY/reveal", None),
    "listLines": (f"/api/logs?name=api&name={POD_SEGMENT}", None),
    "countLines": ("/api/logs/histogram?name=api&buckets=50", None),
    "showCluster": ("/api/clusters/api", None),
    "listParameters": ("/api/parameters", None),
    "forgetParameter": ("/api/parameters/key/forget", None),
    "setParameter": ("/api/parameters/key", {"value": "other"}),
    "revealParameter": ("/api/parameters/key/reveal", None),
    "reloadApp": ("/api/reload", {"check": True}),
    "stopRun": ("/api/stop", None),
    "listTelemetryLogs": ("/api/telemetry/logs?r=api&q=order&level=info&f=order.total>100", None),
    "showTelemetryLog": ("/api/telemetry/logs/1", None),
    "listTraces": ("/api/telemetry/traces?r=api&min=0.1", None),
    "showTrace": (f"/api/telemetry/traces/{TRACE}", None),
    "showSpan": (f"/api/telemetry/traces/{TRACE}/spans/{hex_id(2)}", None),
    "exportTrace": (f"/api/telemetry/traces/{TRACE}/export", None),
    "importTraces": ("/api/telemetry/import", EXPORTED),
    "listInstruments": ("/api/telemetry/instruments?r=api", None),
    "listPlots": ("/api/telemetry/plots?window=300", None),
    "showEdge": ("/api/telemetry/edges?from=web&to=api", None),
}


#: Routes that say nothing more, when they are followed, until something changes.
SAID_ONCE = {"countLines"}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
async def test_answers_are_as_documented(api: Control, route: Any) -> None:
    """Each route must answer as its entry of the OpenAPI document says, and refuse as that says."""
    path, body = ASKED[route.name]
    whole = await api.get("/api/openapi.json")
    document = whole["paths"][route.path][route.method.lower()]
    contents = document["responses"]["200"]["content"]

    def validate(value: Any, content: Any) -> None:
        jsonschema.validate(value, {**content["schema"], "components": whole["components"]})

    if route.answer is not None:
        status, answer = await api.ask(route.method, path, body)
        assert status == 200, answer
        validate(answer, contents["application/json"])
    if body is not None:
        validate(body, document["requestBody"]["content"]["application/json"])
    if route.item is not None:
        joined = path
        if route.answer is not None:
            joined += f"{'&' if '?' in path else '?'}follow=1" + "&open=1" * (route.name == "listLines")
        async with api.follow(joined) as items:
            for _ in range(1 if route.name in SAID_ONCE else 3):
                validate(await anext(items), contents["application/x-ndjson"])
    status, answer = await api.ask(route.method, f"{path}{'&' if '?' in path else '?'}nothing=1", body)
    assert status == 400
    validate(answer, document["responses"]["default"]["content"]["application/json"])
    assert api.stopped.is_set() == (route.name == "stopRun")


def test_the_openapi_document_is_sound() -> None:
    """Each segment of a path must be a parameter, each schema a schema, and each operation have its own name."""
    document = openapi_document(ROUTES)
    operations = [(path, each) for path, methods in document["paths"].items() for each in methods.values()]
    assert len({operation["operationId"] for _, operation in operations}) == len(operations) == len(ROUTES)
    for path, operation in operations:
        segments = [each["name"] for each in operation["parameters"] if each["in"] == "path"]
        assert path.format(**dict.fromkeys(segments, "x")).count("{") == 0
        for each in operation["responses"].values():
            for content in each["content"].values():
                jsonschema.Draft202012Validator.check_schema(content["schema"])
    named = document["components"]["schemas"]
    for schema in named.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    assert set(re.findall(r"'#/components/schemas/(\w+)'", str(document))) == set(named)


def test_the_page_lists_every_route() -> None:
    """The reference must have a row for each route, and the query parameters of the logs."""
    page = (Path(__file__).parents[3] / "docs" / "reference" / "control-api.md").read_text(encoding="utf-8")
    for route in ROUTES:
        assert f"| `{route.method} {route.path}" in page
        if route.name == "listLines":
            assert all(f"| `{parameter.name}` |" in page for parameter in route.query)


# What the definition says


async def test_the_model_has_what_the_definition_says(shown: Stage, api: Control) -> None:
    """The model must tell arguments, endpoints, volumes, waits, references and lines, and no secret."""
    document = await api.get("/api/model")
    key, shell, web, *_ = document["resources"]
    assert "s3cret" not in str(document)
    assert shell["arguments"] == ["--key", "***", "--at={api.endpoint('http').host}"]
    assert shell["environment"] == [
        {"name": "KEY", "value": "***", "secret": True},
        {"name": "PLAIN", "value": "text", "secret": False},
    ]
    assert (shell["endpoints"][0]["port"], shell["type"], key["type"]) == (18080, "Shell", "Parameter")
    assert shell["commands"][0]["inputs"][0]["name"] == "rows"
    assert shell["location"]["file"] == __file__ and shell["location"]["line"] > 0
    assert (web["image"], web["explicit_start"], web["in_run"]) == ("nginx:1.22", True, True)
    assert [(volume["kind"], volume["source"], volume["read_only"]) for volume in web["volumes"]] == [
        ("volume", "data", False),
        ("bind", "./conf", True),
    ]
    assert web["waits"] == [{"resource": "api", "kind": "ready", "exit_code": 0}]
    assert [(each["resource"], each["optional"]) for each in web["references"]] == [("api", True)]


# Secrets


async def test_a_secret_is_revealed_by_itself_only(api: Control) -> None:
    """A secret must be in no answer but that to the question for this very one."""
    for path in ("/api/resources", "/api/resources/api", "/api/model", "/api/logs", "/api/app"):
        assert "s3cret-value" not in str(await api.get(path))
    revealed = await api.ask("POST", "/api/resources/api/environment/KEY/reveal")
    assert revealed == (200, {"name": "KEY", "value": "s3cret-value"})
    assert await api.ask("POST", "/api/parameters/key/reveal") == (200, {"name": "key", "value": "s3cret-value"})
    status, _ = await api.ask("GET", "/api/parameters/key/reveal")
    assert status == 405  # a link or an image can't ask for it
    assert await api.refused("POST", "/api/resources/api/environment/NONE/reveal") == (
        400,
        "its last start had no variable 'NONE'",
    )
    assert (await api.refused("POST", "/api/parameters/api/reveal"))[0] == 400


async def test_each_reveal_of_a_secret_is_logged(shown: Stage, api: Control) -> None:
    """The log of the resource must say that a secret was shown, without it; what is no secret needs no line."""
    await api.ask("POST", "/api/resources/api/environment/KEY/reveal")
    await api.ask("POST", "/api/resources/api/environment/PLAIN/reveal")
    await api.ask("POST", "/api/parameters/key/reveal")
    shown_lines = [(name, line.text) for name in ("api", "key") for line in shown.logs(name) if "shown" in line.text]
    assert shown_lines == [("api", "KEY was shown to the dashboard"), ("key", "key was shown to the dashboard")]


# Parameters


async def test_parameters_tell_their_sources(shown: Stage, api: Control, tmp_path: Path) -> None:
    """The list must tell which source won, who uses the value, where it is kept, and nothing secret."""
    answer = await api.get("/api/parameters")
    (key,) = answer["parameters"]
    assert (key["value"], key["source"], key["stored"], key["changed_at"]) == ("***", "stored", True, None)
    assert [source["name"] for source in key["sources"] if source["has_value"]] == ["stored", "default"]
    assert [source["name"] for source in key["sources"] if source["wins"]] == ["stored"]
    assert [(user["resource"], user["stale"]) for user in key["used_by"]] == [("api", False)]
    assert key["command"] == "--parameter key=@FILE" and key["file"] == __file__
    assert answer["stores"] == [{"kind": "stored", "path": str(tmp_path / "secrets.json"), "count": 1}]
    await api.ask("POST", "/api/parameters/key", {"value": "another one"})
    await api.ask("POST", "/api/parameters/key/forget")
    (key,) = (await api.get("/api/parameters"))["parameters"]
    assert (key["source"], key["stored"], key["used_by"][0]["stale"]) == ("set in this run", False, True)
    assert "another one" not in str(key)
    assert await api.refused("POST", "/api/parameters/key/forget") == (400, "no value of it is stored")


# Commands


async def test_a_command_takes_inputs(api: Control) -> None:
    """Inputs must reach the command, its data come back, and wrong ones be refused before it runs."""
    path = "/api/resources/api/commands/seed"
    assert await api.ask("POST", path) == (200, {"message": "seeded", "data": {"rows": 3}})
    assert await api.ask("POST", path, {"inputs": {"rows": 8}}) == (200, {"message": "seeded", "data": {"rows": 8}})
    assert (await api.refused("POST", path, {"inputs": {"rows": "x"}}))[0] == 400
    assert (await api.refused("POST", path, {"inputs": [1]}))[0] == 400
    (shell,) = [each for each in (await api.get("/api/resources"))["resources"] if each["id"] == "api"]
    assert shell["commands"][-1]["inputs"] == [
        {"name": "rows", "label": "rows", "kind": "number", "required": False, "default": 3, "choices": []}
    ]


# Observed resources


async def test_observed_resources_are_known_by_their_ids(shown: Stage, api: Control) -> None:
    """An observed resource must be shown, waited for and its log read by its id, as one segment of the path."""
    assert (await api.get(f"/api/resources/{POD_SEGMENT}"))["name"] == "web-1"
    assert (await api.get(f"/api/resources/{POD_SEGMENT}/wait?for=running"))["id"] == POD
    assert (await api.ask("POST", f"/api/resources/{POD_SEGMENT}/exec", {"argv": ["ls"]}))[1]["argv"][:2] == [
        "inside",
        POD,
    ]
    assert all(each["resource"] != POD for each in (await api.get("/api/logs"))["lines"])
    waiting = asyncio.ensure_future(api.refused("GET", f"/api/resources/{POD_SEGMENT}/wait?for=completed"))
    await until(lambda: shown.host.run.bus._waiters_by_id.get(POD), "a wait")
    shown.host.run.bus.remove(POD)
    assert await waiting == (409, "it is gone Look at its owner: fairlead resources.")
    status, text = await api.refused("GET", f"/api/resources/{POD_SEGMENT}")
    assert status == 400 and f"there is no resource {POD!r}" in text


@pytest.mark.parametrize("command", ["start", "stop", "restart"])
async def test_observed_resources_are_commanded_by_their_owner(api: Control, command: str) -> None:
    """Who would start or stop an observed resource must be told the command for its owner."""
    status, text = await api.refused("POST", f"/api/resources/{POD_SEGMENT}/commands/{command}")
    assert status == 409
    assert f"it is observed below api, so it can't {command} by itself Use `fairlead {command} api`" in text
    assert "or one of its own commands (seed): `fairlead command api NAME`." in text


async def test_removals_are_followed(shown: Stage, api: Control) -> None:
    """Whoever follows the resources must be told that an observed one is gone."""
    async with api.follow("/api/resources?follow=1") as changes:
        seen = [await anext(changes) for _ in range(4)]
        assert POD in [each["id"] for each in seen]
        shown.host.run.bus.remove(POD)
        assert await anext(changes) == {"id": POD, "removed": True, "version": shown.host.run.bus.version}


async def test_the_log_of_an_observed_resource_is_followed_while_it_is_read(shown: Stage, api: Control) -> None:
    """Who asks for a pod's log must get what there was before; nobody must follow it when nobody reads."""
    log = shown.host.run.logs.log(POD)
    assert log.lines() == []
    lines = (await api.get(f"/api/logs?name={POD_SEGMENT}"))["lines"]
    assert [(line["resource"], line["text"], line["source"]) for line in lines] == [
        (POD, "hello", "nginx"),
        (POD, "from before", "nginx"),
    ]
    await until(lambda: log.lines()[-1].text == "followed no more", "the end of following")
    async with api.follow(f"/api/logs?name={POD_SEGMENT}&follow=1&tail=1") as records:
        assert [(await anext(records))["text"] for _ in range(2)] == ["followed no more", "hello"]
    await until(lambda: log.lines()[-1].text == "followed no more", "the end of following")
    assert POD not in str((await api.get("/api/logs"))["lines"])


# Logs


async def test_logs_go_on_behind_a_cursor(shown: Stage, api: Control) -> None:
    """Behind the cursor of a line must come the next one, of whichever resource, and what was lost as a record."""
    first = await api.get("/api/logs")
    assert [line["text"] for line in first["lines"] if line["stream"] == "stdout"] == ["up with ***"]
    assert [(each["text"], each["stream"], each["kind"]) for each in first["open"]] == [("Name? ", "stdout", "open")]
    shown.host.run.logs.log("api").write("1")
    shown.host.run.logs.log("web").write("2")
    shown.host.run.logs.log(POD).write("not asked for")
    after = (await api.get(f"/api/logs?after={first['cursor']}"))["lines"]
    assert [(line["resource"], line["text"]) for line in after] == [("api", "1"), ("web", "2")]
    async with api.follow(f"/api/logs?follow=1&after={after[0]['cursor']}") as lines:
        assert (await anext(lines))["text"] == "2"
        shown.host.run.logs.log("api").feed("stdout", [b"x"] * 12_000)
        lost, *_ = (await api.get(f"/api/logs?name=api&after={after[0]['cursor']}"))["lines"]
        assert (lost["kind"], lost["lost"]) == ("gap", 2000)
    assert (await api.refused("GET", "/api/logs?after=x&follow=1"))[0] == 400


async def test_an_open_line_is_sent_where_it_is_wanted(shown: Stage, api: Control) -> None:
    """A prompt must be followed by those who ask for open lines, and replaced by what follows."""
    log = shown.host.run.logs.log("api")
    async with api.follow("/api/logs?follow=1&open=1&tail=0") as records:
        assert (await anext(records))["text"] == "Name? "
        log.feed("stdout", [b"Name? Ada"])
        line = await anext(records)
        assert (line["kind"], line["text"], line["source"]) == ("line", "Name? Ada", None)


async def test_each_line_has_its_level(shown: Stage, api: Control) -> None:
    """The host must say which level a line has, and none for what it says itself."""
    log = shown.host.run.logs.log("api")
    log.feed("stderr", [b"WARNING:shop:slow", b"nothing special"])
    log.write("ERROR: of Fairlead")
    lines = (await api.get("/api/logs?name=api&tail=3"))["lines"]
    assert [line["level"] for line in lines] == ["warn", None, None]


async def test_the_histogram_of_logs(shown: Stage, api: Control) -> None:
    """Lines must be counted by level, time and resource, and again when there are more."""
    logs = shown.host.run.logs
    logs.log("web").feed("stdout", [b"ERROR:a:b"] * 3 + [b"{}"] * 2)
    async with api.follow("/api/logs/histogram?name=web&follow=1") as histograms:
        first = await anext(histograms)
        assert first["totals"]["error"] == 3 and first["totals"]["other"] == 2
        assert sum(bucket["counts"]["error"] for bucket in first["buckets"]) == 3
        logs.log("web").feed("stdout", [b"INFO:a:b"] * 12_000)
        second = await anext(histograms)
        assert second["totals"] == {"error": 0, "warn": 0, "info": 10_000, "debug": 0, "other": 0, "fairlead": 0}
        assert second["lost"] == logs.log("web").first - 1 > 2000
        assert second["resources"] == {"web": 10_000}
    every = await api.get("/api/logs/histogram")
    assert set(every["resources"]) == set(logs.names()) and every["step"] >= 1
    pod = await api.get(f"/api/logs/histogram?name={POD_SEGMENT}")
    assert pod["totals"]["other"] == 2  # its log is followed for the question


async def test_the_source_of_an_observed_resource_is_that_of_its_owner(api: Control) -> None:
    """The lines must be the whole statement that declares it, told from those around it."""
    document = await api.get(f"/api/resources/{POD_SEGMENT}/source")
    declaring = [each["text"].strip() for each in document["lines"] if each["declares"]]
    assert (document["file"], declaring) == (__file__, [DECLARATION])
    assert len(document["lines"]) == 3


# Clusters


async def test_the_details_of_a_cluster(shown: Stage, api: Control) -> None:
    """What its driver tells must be handed on, again when it changes; what is no cluster, or not up, be refused."""
    assert (await api.get("/api/clusters/api"))["nodes"] == []
    async with api.follow("/api/clusters/API?follow=1") as documents:
        assert [len((await anext(documents))["nodes"]) for _ in range(3)] == [0, 1, 2]
    assert await api.refused("GET", "/api/clusters/web") == (409, "it is NotStarted Start it first.")
    assert await api.refused("GET", "/api/clusters/key") == (400, "its kind, Parameter, has no details")
    await shown.command("api", "stop")
    assert (await api.refused("GET", "/api/clusters/api"))[0] == 409
