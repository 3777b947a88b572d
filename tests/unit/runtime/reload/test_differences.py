"""What differs between two definitions, and what a run does about each difference."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.support.definitions import Define, build

from fairlead import AppBuilder, Lifetime, Parameter, ref
from fairlead.model.app import App
from fairlead.model.observation.snapshot import Snapshot
from fairlead.model.observation.state import State
from fairlead.runtime.plan import plan_run
from fairlead.runtime.reload.description import own_parts_of
from fairlead.runtime.reload.differences import Facts, Side, find_differences
from fairlead.testing import InMemory

FOLDER = Path("/app")


def side(define: Define, **options: Any) -> Side:
    app: App = build(define, folder=FOLDER)
    return Side(app, plan_run(app, **options), own_parts_of(app))


def seen(name: str, **fields: Any) -> Snapshot:
    return Snapshot(name=name, kind="Kind", id=name, **fields)


def told(before: Define, after: Define, *, states: dict[str, Any] | None = None, **facts: Any) -> list[str]:
    """The differences as lines; all resources run, unless the test says otherwise."""
    old, new = side(before), side(after)
    snapshots = {name: (states or {}).get(name) or seen(name, state=State.RUNNING) for name in old.planned()}
    found = find_differences(old, new, Facts(snapshots, **facts))
    return [f"{each.action} {each.name}: {', '.join(each.parts)}" for each in found]


def _api(app: AppBuilder) -> Any:
    return app.add_python_app("api", "./api", script="main.py")


def _shop(app: AppBuilder) -> None:
    pg = app.add_postgres("pg").with_data_volume()
    orders = pg.add_database("orders")
    level = app.add_parameter("level", "info")
    cache = app.add_redis("cache").with_lifetime(Lifetime.PERSISTENT)
    api = _api(app).with_http_endpoint().with_reference(orders).with_reference(cache).with_environment("LEVEL", level)
    api.with_http_health_check("/healthz").wait_for(orders).with_command("flush", lambda: "done").with_watch()
    api.on_ready(lambda context: context.log("ready")).with_replicas(2)
    web = app.add_container("web", "nginx").with_http_endpoint(target_port=80).with_reference(api)
    web.with_environment("URL", ref("{url}/api", url=api.endpoint())).with_container_files("/etc", {"a": "b"})
    web.with_health_check(lambda: True).with_args("a", lambda: cache.name)
    app.add(InMemory("box"))
    app.add_kubernetes_environment("k8s").add_ingress("edge").with_path("/", web)


def test_two_evaluations_of_one_definition_do_not_differ() -> None:
    """Objects that are made anew must not count as a difference, whatever they are."""
    assert told(_shop, _shop) == []


def test_what_is_new_or_gone() -> None:
    """A new resource must be started, or offered; one that is gone must be removed, and its order come last."""

    def before(app: AppBuilder) -> None:
        app.add_redis("cache")
        _api(app)

    def after(app: AppBuilder) -> None:
        app.add_redis("mail")
        app.add_executable("tool", "true", explicit_start=True)
        _api(app)

    assert told(before, after) == ["start mail: new", "offer tool: new", "remove cache: no longer there"]


def test_another_kind_is_another_resource() -> None:
    """A name that stands for another kind now must be ended as the one and begun as the other."""
    assert told(_api, lambda app: app.add_container("api", "api:1")) == ["replace api: was a Python app"]


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (lambda api: api.with_environment("A", "1"), "variable A"),
        (lambda api: api.with_args("--fast"), "arguments"),
        (lambda api: api.with_http_endpoint(), "endpoints, variable PORT"),
        (lambda api: api.with_volume("data", "/data", env="DATA"), "variable DATA, volumes"),
        (lambda api: api.with_replicas(2), "replicas"),
        (lambda api: api.with_stdin("closed"), "stdin"),
        (lambda api: api.with_env_file(".env"), "env files"),
    ],
)
def test_what_a_program_is_started_with_needs_another_start(change: Any, parts: str) -> None:
    """Each part of what a program is started with must be named, and have it started again."""
    assert told(_api, lambda app: change(_api(app))) == [f"restart api: {parts}"]


@pytest.mark.parametrize(
    "change",
    [
        lambda api: api.with_http_health_check("/"),
        lambda api: api.with_command("flush", lambda: "done"),
        lambda api: api.with_url("http://localhost"),
        lambda api: api.with_icon("database"),
        lambda api: api.with_watch(),
        lambda api: api.with_restart("always"),
        lambda api: api.with_stop_timeout(3),
        lambda api: api.on_stopped(lambda: None),
        lambda api: api.with_explicit_start(),
    ],
)
def test_what_a_run_goes_by_needs_no_start(change: Any) -> None:
    """Health checks, commands, links, hooks and the like must count at once, without another start."""

    def define(app: AppBuilder) -> Any:
        return _api(app).with_http_endpoint()

    (line,) = told(define, lambda app: change(define(app)))
    assert line.startswith("update api: ")


@pytest.mark.parametrize(
    "change",
    [
        lambda api: api.with_resources(cpu="1"),
        lambda api: api.exclude_from_manifest(),
        lambda api: api.with_image("api:1"),
    ],
)
def test_what_a_chart_is_told_changes_nothing(change: Any) -> None:
    """What counts for charts alone must leave the run as it is."""

    def define(app: AppBuilder) -> Any:
        return _api(app).with_http_endpoint()

    (line,) = told(define, lambda app: change(define(app)))
    assert line.startswith("nothing api: ")


def test_a_function_that_says_something_else_differs() -> None:
    """A function with the same text must be the same; one with another, or that closes over something else, not."""

    def define(text: str) -> Define:
        return lambda app: _api(app).with_environment("A", lambda: text)

    assert told(define("1"), define("1")) == []
    assert told(define("1"), define("2")) == ["restart api: variable A"]


def test_the_address_of_another_is_a_part_of_what_refers_to_it() -> None:
    """A port that is given now must restart the resource and those that are told of it, and no others."""

    def define(port: int | None) -> Define:
        def shop(app: AppBuilder) -> None:
            api = _api(app).with_http_endpoint(port=port)
            app.add_executable("web", "true").with_reference(api)
            app.add_executable("other", "true").wait_for(api)

        return shop

    api, web = told(define(None), define(8080))
    assert api.startswith("restart api: endpoints")
    assert web.startswith("restart web: variable API_HTTP")


def test_another_image_leaves_those_that_refer_to_it() -> None:
    """A container that is made anew has the same address, so that what uses it must go on."""

    def define(image: str) -> Define:
        def shop(app: AppBuilder) -> None:
            app.add_executable("api", "true").with_reference(app.add_redis("cache", image=image))

        return shop

    assert told(define("redis:7"), define("redis:8")) == ["restart cache: image"]


def test_another_build_of_a_shared_image_restarts_its_containers() -> None:
    """An image that is built in another way must be built, and every container that runs it started again."""

    def define(target: str | None) -> Define:
        def shop(app: AppBuilder) -> None:
            image = app.add_image("base", "./base", "Dockerfile", target=target)
            app.add_container("api", image)
            app.add_container("worker", image, args=["work"])
            app.add_executable("tool", "true").with_image(image)

        return shop

    assert told(define(None), define("prod")) == [
        "restart base: build",
        "restart api: image base",
        "restart worker: image base",
    ]


def test_each_setting_of_a_container_is_named() -> None:
    """A container with other settings must be made anew, and each of them be named."""

    def box(app: AppBuilder) -> Any:
        return app.add_container("box", "box:1")

    (line,) = told(box, lambda app: box(app).with_init().with_host_name("front"))
    assert line == "restart box: settings host name, settings init"


def test_another_value_of_a_parameter_restarts_its_users() -> None:
    """A parameter with another value must be started again, and those that are given it; a default that another source
    overrides must restart nothing.
    """

    def define(default: str) -> Define:
        def shop(app: AppBuilder) -> None:
            level = app.add_parameter("level", default)
            _api(app).with_environment("LEVEL", level)
            app.add_executable("other", "true")

        return shop

    assert told(define("1"), define("2")) == ["update level: default"]
    assert told(define("1"), define("2"), changed_values=["level"]) == [
        "restart level: value, default",
        "restart api: value of level",
    ]


def test_a_parameter_that_becomes_secret_restarts_its_users() -> None:
    """What is secret now must be masked for those that are given it, which their next start does."""

    def define(secret: bool) -> Define:
        return lambda app: _api(app).with_environment("KEY", app.add(Parameter("key", secret=secret)))

    assert told(define(False), define(True)) == ["restart api: variable KEY"]


def test_what_waits_is_started_again_for_other_waits() -> None:
    """Other waits must leave what is up alone, and count for what still waits."""

    def before(app: AppBuilder) -> None:
        app.add_redis("cache")
        _api(app).wait_for(app.add_redis("queue"))

    def after(app: AppBuilder) -> None:
        _api(app).wait_for(app.add_redis("cache"))
        app.add_redis("queue")

    waiting = seen("api", state=State.WAITING)
    assert told(before, after) == ["update api: waits"]
    assert told(before, after, states={"api": waiting}) == ["restart api: waits"]


def test_what_is_not_started_stays_so() -> None:
    """What the user has stopped, or nobody has started, must go by the new definition when it is started."""
    change = lambda app: _api(app).with_args("x")  # noqa: E731

    for state in (
        seen("api"),
        seen("api", state=State.FINISHED, stop_requested=True),
    ):
        assert told(_api, change, states={"api": state}) == ["later api: arguments"]
    failed = seen("api", state=State.FAILED_TO_START)
    assert told(_api, change, states={"api": failed}) == ["restart api: arguments"]


@pytest.mark.parametrize("state", [State.FINISHED, State.EXITED])
def test_a_job_that_has_run_is_not_run_again(state: State) -> None:
    """What ran because it was asked to must be asked for again; what runs by itself does so with its new definition."""

    def job(app: AppBuilder) -> None:
        app.add_job("migrate", "migrate:1", args=["up"])

    def other_job(app: AppBuilder) -> None:
        app.add_job("migrate", "migrate:1", args=["down"])

    done = {"migrate": seen("migrate", state=state), "api": seen("api", state=state)}
    assert told(job, other_job, states=done) == ["later migrate: arguments"]
    assert told(_api, lambda app: _api(app).with_args("x"), states=done) == ["restart api: arguments"]


def test_what_is_needed_now_is_started() -> None:
    """Of a run of some resources, one that these need now must be started; one that they no longer need goes on."""

    def before(app: AppBuilder) -> None:
        app.add_redis("cache")
        _api(app)

    def after(app: AppBuilder) -> None:
        _api(app).wait_for(app.add_redis("cache"))

    old, new = side(before, selected=["api"]), side(after, selected=["api"])
    snapshots = {
        "api": seen("api", state=State.RUNNING),
        "cache": seen("cache"),
    }
    there = find_differences(old, new, Facts(snapshots))
    back = find_differences(new, old, Facts({name: snapshots["api"] for name in snapshots}))

    assert [(each.name, each.action) for each in there] == [("api", "update"), ("cache", "start")]
    assert [(each.name, each.action) for each in back] == [("api", "update")]


def test_what_becomes_of_data_is_said() -> None:
    """Of a container that is made anew, or is no longer there, it must be said what stays."""

    def pg(image: str, lifetime: Lifetime = Lifetime.SESSION) -> Define:
        return lambda app: app.add_postgres("pg", image=image).with_data_volume().with_lifetime(lifetime)

    def notes(before: Define, after: Define) -> list[str]:
        old, new = side(before), side(after)
        running = {name: seen(name, state=State.RUNNING) for name in old.planned()}
        return [each.note for each in find_differences(old, new, Facts(running)) if each.note]

    assert notes(pg("postgres:15"), pg("postgres:16")) == ["its container is made anew; its volumes stay"]
    assert notes(pg("postgres:15"), lambda app: app.add_redis("x")) == ["its volumes stay"]
    assert notes(lambda app: pg("postgres:15")(app).add_database("orders"), pg("postgres:15")) == [
        "its data stays on the server"
    ]
    assert notes(pg("postgres:15", Lifetime.PERSISTENT), lambda app: app.add_redis("x")) == [
        "its container is stopped and kept, with its data; `fairlead down` removes it"
    ]


def test_what_a_kind_of_another_package_keeps_counts() -> None:
    """An attribute of a third party's kind must count, as it was when the app was built."""

    def define(code: int | None) -> Define:
        return lambda app: app.add(InMemory("box", exit_code=code))

    assert told(define(None), define(3)) == ["restart box: exit code"]
