from __future__ import annotations

import functools
import importlib.util
import json
import re
import sys
import textwrap
from collections.abc import Callable
from inspect import signature
from pathlib import Path
from types import ModuleType
from typing import Any, get_args, get_type_hints

import pytest
from tests.support.definitions import build, mistakes, the_mistake
from tests.support.work import calls

from fairlead import (
    App,
    AppBuilder,
    Apphost,
    ConnectionString,
    Container,
    DefinitionError,
    Executable,
    ExternalService,
    Gateway,
    HelmChart,
    HelmRelease,
    Ingress,
    K3sCluster,
    KubernetesEnvironment,
    KubernetesManifest,
    KubernetesProperties,
    KubernetesPropertyOptions,
    Lifetime,
    Mode,
    ModelError,
    NodeApp,
    Parameter,
    Postgres,
    PostgresDatabase,
    PullPolicy,
    PythonApp,
    Redis,
    Resource,
    ServiceEndpoint,
    UsageError,
    UvicornApp,
    ViteApp,
    WaitBehavior,
    apphost,
    ref,
)
from fairlead.model.endpoints.consumer import ModeText
from fairlead.model.lifetime import LifetimeText, PullPolicyText
from fairlead.model.wait import WaitBehaviorText
from fairlead.publish.publisher import FORMATS
from fairlead.verbs import FormatName

HERE = __file__


def load(path: Path, source: str) -> ModuleType:
    """Write a module and import it."""
    path.write_text(textwrap.dedent(source))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def places(host: Apphost) -> list[tuple[str, int]]:
    with pytest.raises(DefinitionError) as raised:
        host.build()
    return [(Path(error.file).name, error.line) for error in raised.value.errors]


def test_importing_an_app_file_does_nothing(tmp_path: Path) -> None:
    """The decorator must not call the function."""
    module = load(
        tmp_path / "quiet.py", "from fairlead import apphost\n@apphost\ndef shop(app):\n    raise ValueError\n"
    )

    assert module.shop.name == "shop"
    assert module.shop.file == tmp_path / "quiet.py"


def test_order_is_kept() -> None:
    """An app's resources must be in the order of declaration, each child after its parent."""

    def define(app: AppBuilder) -> None:
        pg = app.add_postgres("pg")
        app.add_redis("cache")
        pg.add_database("orders")

    app = build(define)

    assert app.names == ("pg", "pg-password", "orders", "cache")
    assert app["ORDERS"].parent is app["pg"] and "Cache" in app


def test_looking_for_a_resource_that_is_not_there() -> None:
    """The error must suggest the nearest name, or list all."""
    app = build(lambda app: app.add_redis("cache"))

    with pytest.raises(LookupError, match="did you mean 'cache'"):
        app["cash"]
    with pytest.raises(LookupError, match="there are 'cache'"):
        app["zzz"]


def test_each_build_is_a_new_app() -> None:
    """Building twice must evaluate the definition twice, for the mode asked for."""
    modes: list[Mode] = []
    host = Apphost(lambda app: modes.append(app.mode), name="shop")

    assert host.build() is not host.build("publish")
    assert modes == [Mode.RUN, Mode.PUBLISH]


def test_the_id_tells_checkouts_apart() -> None:
    """The app's id must be the same for one file, and differ between two."""
    first, second = (
        App("My_Shop", Path("/a/apphost.py"), Mode.RUN, ()),
        App("My_Shop", Path("/b/apphost.py"), Mode.RUN, ()),
    )

    assert first.id != second.id and first.id.startswith("my-shop-")
    assert first.id == App("My_Shop", Path("/a/apphost.py"), Mode.PUBLISH, ()).id


@pytest.mark.parametrize("name", ["", "a b", "a--b", 5])
def test_the_name_of_an_app_is_checked(name: Any) -> None:
    """An app's name must keep the rules of names, and a blank one is not the same as none."""
    with pytest.raises(DefinitionError, match="name"):
        apphost(name=name)(lambda app: None).build()


async def async_definition(app: AppBuilder) -> None:
    app.add_redis("cache")


@pytest.mark.parametrize("function", [async_definition, "shop", None, 5, (x for x in "ab")])
def test_only_a_function_defines_an_app(function: Any) -> None:
    """Decorating anything but a plain function must raise at once, at that line."""
    with pytest.raises(ModelError, match="plain function") as raised:
        Apphost(function)

    assert raised.value.file == HERE and raised.value.remedy


def test_a_decorated_definition() -> None:
    """A definition inside another decorator must keep its name and its place."""

    def noted(function: Callable[[AppBuilder], None]) -> Callable[[AppBuilder], None]:
        @functools.wraps(function)
        def wrapper(app: AppBuilder) -> None:
            function(app)

        return wrapper

    @apphost
    @noted
    def shop(app: AppBuilder) -> None:
        app.add_redis("a--b")

    assert shop.name == "shop"
    assert places(shop) == [("test_app.py", shop.function.__wrapped__.__code__.co_firstlineno + 3)]  # type: ignore[attr-defined]


def test_lines_of_a_chain(tmp_path: Path) -> None:
    """A mistake in a chain over several lines must be placed on the line of its own call."""
    module = load(
        tmp_path / "chained.py",
        """\
        from fairlead import apphost
        @apphost
        def shop(app):
            (
                app.add_container("web", "nginx")
                .with_http_endpoint(target_port=0)
                .with_environment(
                    "A",
                    None,
                )
                .with_endpoint("raw")
                .with_replicas(0)
            )
            app.add_container(
                "b--c",
                "nginx",
                replicas=-1,
            )
        """,
    )

    assert places(module.shop) == [
        ("chained.py", line) for line in (6, 7, 12, 14, 14, 6, 11)
    ]  # what only shows in the end comes last


def test_lines_through_a_helper_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake in a helper module must be placed on the app file's line that called the helper."""
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "shop_helpers.py").write_text("def cache(app):\n    return app.add_redis('a--b').with_replicas(0)\n")
    module = load(
        tmp_path / "helped.py",
        """\
        from fairlead import apphost
        import shop_helpers
        def local(app):
            return shop_helpers.cache(app)
        @apphost
        def shop(app):
            shop_helpers.cache(app)
            [local(app) for _ in range(1)]
        """,
    )

    assert places(module.shop)[:4] == [("helped.py", 7), ("helped.py", 7), ("helped.py", 4), ("helped.py", 4)]


def test_lines_through_a_kind_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake inside a kind, in a package or in the app file, must be placed on the line that uses the kind."""
    monkeypatch.syspath_prepend(str(tmp_path))
    kind = """\
        from fairlead import Container, ref
        class Kafka(Container):
            def __init__(self, name):
                super().__init__(name, "kafka")
                [self.with_replicas(0) for _ in range(1)]
            def with_topic(self, topic):
                self.with_environment("TOPIC", topic)
                return self
            @property
            def connection_string(self):
                return ref("{x}", x=self.endpoint("lost"))
        """
    (tmp_path / "kafka_kind.py").write_text(textwrap.dedent(kind))
    use = "@apphost\ndef shop(app):\n    app.add(\n        Kafka('k')\n        .with_topic(None)\n    )\n"
    outside = load(tmp_path / "outside.py", f"from fairlead import apphost\nfrom kafka_kind import Kafka\n{use}")
    inside = load(tmp_path / "inside.py", f"{textwrap.dedent(kind)}from fairlead import apphost\n{use}")

    assert places(outside.shop) == [("outside.py", line) for line in (6, 7, 6)]
    assert places(inside.shop) == [("inside.py", line) for line in (16, 17, 16)]


def test_a_file_beside_the_package_is_the_users(tmp_path: Path) -> None:
    """A folder whose name merely begins like the package's must count as the user's."""
    from fairlead.model.locations import _PACKAGE

    assert _PACKAGE.endswith(("fairlead/", "fairlead\\"))


TWELVE = """\
from fairlead import Parameter, apphost, ref
from fairlead.resources.redis import Redis
@apphost
def shop(app):
    key = app.add_parameter("key", secret=True)
    app.add_redis("bad--name")
    app.add_redis(None)
    cache = app.add_redis("cache")
    app.add_redis("CACHE")
    app.add_container("web", "  ")
    api = app.add_executable("api", "true").with_args(key)
    api.with_environment("A", None)
    api.wait_for("cache")
    api.with_http_endpoint(port=80, target_port=81)
    cache.endpoint("http")
    app.add_container("box", "nginx").with_http_endpoint()
    app.add_container("job", "x", replica=2)
    app.add_executable("lost", "x").with_reference(Redis("outside"))
    a = app.add_executable("a", "x")
    a.wait_for(app.add_executable("b", "x").wait_for(a))
    app.add_executable("one", "x").with_endpoint("raw", port=9)
    app.add_executable("two", "x").with_endpoint("raw", port=9)
    app.add_executable("uri", "x").with_environment("U", ref("{x}{y}", x=key))
    app.add_python_app("py", ".")
    app.add_uvicorn_app("uv", ".", "main.app")
    cache.with_volume("v", "relative")
    cache.with_http_health_check("healthz")
    cache.with_command("restart", print)
    app.add_external_service("mail", "mail.example.com")
    app.add_kubernetes_environment("k8s").with_properties(helm_chart_nam="x")
"""


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    """A definition with many different mistakes must report each, with resource, line and remedy, in one go."""
    module = load(tmp_path / "twelve.py", TWELVE)

    with pytest.raises(DefinitionError) as raised:
        module.shop.build()

    errors = raised.value.errors
    assert sorted(error.line for error in errors) == sorted([6, 7, *range(9, 19), 20, *range(22, 31)])
    assert len({error.message for error in errors}) == len(errors) >= 12
    text = str(raised.value)
    for error in errors:
        assert error.resource and error.message and error.remedy
        assert Path(error.file) == tmp_path / "twelve.py"
        assert all(part in text for part in (error.where, error.resource, error.message, error.remedy))


def test_an_exception_ends_the_definition_and_loses_nothing() -> None:
    """An exception in the definition must be reported at its line, after what was collected, and be the cause."""

    def define(app: AppBuilder) -> None:
        app.add_redis("a--b")
        app.add_redis(json.loads("{"))

    with pytest.raises(DefinitionError) as raised:
        Apphost(define).build()

    first, second = raised.value.errors
    assert first.resource == "a--b"
    assert second.message.startswith("the definition raised JSONDecodeError")
    assert (second.file, second.line) == (HERE, define.__code__.co_firstlineno + 2)
    assert isinstance(raised.value.__cause__, json.JSONDecodeError)


def test_an_exception_hides_nothing_that_is_wrong_anyway() -> None:
    """What no further line could mend must be reported beside the exception that ended the definition."""

    def define(app: AppBuilder) -> None:
        cache = app.add_redis("cache")
        app.add_redis("Cache")
        one, two = app.add_executable("one", "x"), app.add_executable("two", "x")
        one.wait_for(two.wait_for(one))
        one.with_endpoint(port=70).with_reference(cache)
        two.with_endpoint(port=70)
        one.with_environment("URL", f"redis://{cache.endpoint().host}")

    with pytest.raises(DefinitionError) as raised:
        Apphost(define).build()

    found = [error.message for error in raised.value.errors]
    assert "can't be used on it" in found[0]
    assert any("which is the same name" in text for text in found)
    assert any("nothing in this circle could ever start" in text for text in found)
    assert any("wants port 70 of this machine" in text for text in found)


def test_calls_that_python_refuses_are_mistakes() -> None:
    """A missing argument or a method that is not there must be a mistake with the line."""
    no_image: Any = lambda app: app.add_container("web")  # noqa: E731
    no_method: Any = lambda app: app.add_postgress("pg")  # noqa: E731

    assert "image" in the_mistake(no_image).message
    assert "add_postgress" in the_mistake(no_method).message and the_mistake(no_method).file == HERE


class Careless(Resource):
    """A kind with bugs."""

    def __init__(self, name: str, bug: str) -> None:
        super().__init__(name)
        self.bug = bug

    def _finish(self) -> None:
        if self.bug == "finish":
            raise RuntimeError("careless")
        if self.bug == "error":
            raise ModelError("has a bug", resource=self.name, remedy="Mend it.")

    @property
    def connection_string(self) -> Any:
        return f"{self.endpoint('x').host}" if self.bug == "value" else 1 / 0 if self.bug == "property" else None


@pytest.mark.parametrize("bug", ["finish", "error", "value", "property"])
def test_bugs_of_a_kind_are_placed(bug: str) -> None:
    """A bug in a third-party kind must be a mistake at the line that uses the kind."""

    def define(app: AppBuilder) -> None:
        app.add_redis("cache")
        app.add(Careless("careless", bug))

    assert the_mistake(define).line == define.__code__.co_firstlineno + 2


class Forgetful(Resource):
    """A kind whose constructor does not call its base."""

    def __init__(self) -> None: ...


def test_a_constructor_that_forgets_its_base() -> None:
    """A kind whose constructor does not call the base must be told so."""
    assert "super().__init__(name)" in str(the_mistake(lambda app: app.add(Forgetful())).remedy)


def test_an_app_is_frozen_once_built() -> None:
    """Each change to a built app must raise, at the line that tries."""
    kept: list[AppBuilder] = []

    def define(app: AppBuilder) -> None:
        kept.append(app)
        app.add_postgres("pg")

    app = build(define)
    pg: Any = app["pg"]

    for change in (
        lambda: pg.with_environment("A", "x"),
        lambda: pg.with_endpoint("x", target_port=1),
        lambda: pg.wait_for(pg),
        lambda: pg.add_database("db"),
        lambda: pg.with_data_volume(),
        lambda: pg.on_ready(print),
        lambda: kept[0].add_redis("late"),
    ):
        with pytest.raises(ModelError, match="built already") as raised:
            change()
        assert raised.value.file == HERE


def test_adding_twice() -> None:
    """Adding a resource twice must be a mistake; adding a child by itself too must not double it."""

    def twice(app: AppBuilder) -> None:
        app.add(app.add_redis("cache"))

    def child(app: AppBuilder) -> None:
        app.add(app.add_postgres("pg").add_database("db"))

    assert "added twice" in the_mistake(twice).message
    assert sorted(build(child).names) == ["db", "pg", "pg-password"]


def test_one_definition_inside_another() -> None:
    """Mistakes of an app that is built while another is defined must be its own."""
    inner = Apphost(lambda app: (app.add_redis("in--ner"), None)[1], name="inner")

    def define(app: AppBuilder) -> None:
        app.add_redis("out--er")
        with pytest.raises(DefinitionError) as raised:
            inner.build()
        assert [error.resource for error in raised.value.errors] == ["in--ner"]

    assert [error.resource for error in mistakes(define)] == ["out--er"]


def test_before_start_hooks() -> None:
    """A hook of the app must be kept, and anything but a function must be a mistake."""
    assert build(lambda app: app.on_before_start(print)).before_start_hooks == (print,)
    assert "needs a function" in the_mistake(lambda app: app.on_before_start("x")).message  # type: ignore[arg-type]


def test_each_resource_is_as_much_work_as_the_last() -> None:
    """An app of four times as many resources must be four times the work to build, and no more."""

    def build_app(count: int) -> App:
        def define(app: AppBuilder) -> None:
            key = app.add_parameter("key", secret=True)
            before = app.add_redis("first")
            for number in range(count):
                web = app.add_container(f"web{number}", "nginx").with_http_endpoint(target_port=80)
                web.with_environment("KEY", ref("{x}", x=key)).with_args("a").with_http_health_check("/")
                web.with_volume(f"data{number}", "/data").with_reference(before).wait_for(before).with_replicas(2)

        return build(define)

    build_app(1)  # what is only done once is done
    assert calls(lambda: build_app(200)) < 4.2 * calls(lambda: build_app(50))


NOTEBOOK = """
import sys
from fairlead import AppBuilder, apphost

@apphost
def shop(app: AppBuilder) -> None:
    app.add_executable("api", "true", "api")
"""


def in_a_notebook(cell: int) -> Apphost:
    """The definition of a cell: it has a file name that changes, and its module has no file."""
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(NOTEBOOK, f"/tmp/ipykernel_1/{cell}.py", "exec"), names)
    shop: Apphost = names["shop"]
    return shop


def test_a_notebook_goes_by_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an app file, folders and the app's id must depend on the working folder, and not on the cell."""
    monkeypatch.chdir(tmp_path)
    first, again = in_a_notebook(1).build(), in_a_notebook(2).build()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")

    assert first.directory == tmp_path
    assert first.id == again.id != in_a_notebook(1).build().id


async def test_main_in_a_running_loop_says_what_to_do() -> None:
    """`shop.main()` in a notebook must not end its kernel, but say how an app is run there."""
    with pytest.raises(UsageError, match="event loop runs already") as caught:
        in_a_notebook(1).main(["publish"])

    assert "async with shop.start() as app:" in str(caught.value)


ADDED_BY: dict[Callable[..., Any], type] = {
    AppBuilder.add_executable: Executable,
    AppBuilder.add_python_app: PythonApp,
    AppBuilder.add_uvicorn_app: UvicornApp,
    AppBuilder.add_node_app: NodeApp,
    AppBuilder.add_vite_app: ViteApp,
    AppBuilder.add_postgres: Postgres,
    AppBuilder.add_redis: Redis,
    AppBuilder.add_parameter: Parameter,
    AppBuilder.add_connection_string: ConnectionString,
    AppBuilder.add_external_service: ExternalService,
    AppBuilder.add_kubernetes_environment: KubernetesEnvironment,
    AppBuilder.add_k3s_cluster: K3sCluster,
    KubernetesEnvironment.add_helm_chart: HelmChart,
    KubernetesEnvironment.add_ingress: Ingress,
    KubernetesEnvironment.add_gateway: Gateway,
    Postgres.add_database: PostgresDatabase,
    K3sCluster.add_helm_release: HelmRelease,
    K3sCluster.add_k8s_manifest: KubernetesManifest,
    K3sCluster.add_service_endpoint: ServiceEndpoint,
}
# What says whose part it is; and what a list of arguments is called.
NOT_GIVEN = {"self", "server", "cluster", "args", "arguments", "options"}


@pytest.mark.parametrize("add", ADDED_BY, ids=lambda add: add.__name__)
def test_what_a_kind_takes_its_add_method_takes(add: Callable[..., Any]) -> None:
    """add_postgres(image=…) must work as Postgres(image=…) does, with the same default, and so for every kind."""
    taken, offered = (signature(function).parameters for function in (ADDED_BY[add], add))

    for name in taken.keys() - NOT_GIVEN:
        assert name in offered, name
        assert offered[name].default == taken[name].default, name


def test_an_enum_may_be_given_as_its_text() -> None:
    """Lifetimes and pull policies must be taken as text and as the enum, also as a keyword."""

    def define(app: AppBuilder) -> None:
        app.add_container("a", "a:1").with_lifetime("persistent").with_pull_policy("never")
        app.add_container("b", "a:1").with_lifetime(Lifetime.PERSISTENT).with_pull_policy(PullPolicy.NEVER)
        app.add_container("c", "a:1", lifetime="persistent").with_pull_policy("never")
        app.add_redis("d", image="redis:8").with_lifetime("session")

    app = build(define)
    for name in ("a", "b", "c"):
        container = app[name]
        assert isinstance(container, Container)
        assert container.lifetime is Lifetime.PERSISTENT and container.pull_policy is PullPolicy.NEVER
    redis = app["d"]
    assert isinstance(redis, Redis) and redis.lifetime is Lifetime.SESSION and redis.image == "redis:8"


def test_a_test_may_say_by_text_what_waits_do() -> None:
    """start() must take a behavior of waits as text, and name the texts that there are."""
    shop = Apphost(lambda app: None, name="shop")
    wrong: Any = "hope"

    assert shop.start(behavior="keep-waiting") is not None
    with pytest.raises(UsageError, match=re.escape("there is no behavior 'hope'")) as caught:
        shop.start(behavior=wrong)
    assert caught.value.remedy == "There are 'keep-waiting', 'fail-fast'."


def test_words_that_type_checkers_know_are_those_that_count() -> None:
    """The keywords of with_properties, and the words of other literals, must be what is taken when it runs."""
    assert [*get_type_hints(KubernetesPropertyOptions)] == [*KubernetesProperties.__dataclass_fields__]
    assert [*get_args(FormatName)] == [*FORMATS]
    for text, enum in (
        (LifetimeText, Lifetime),
        (PullPolicyText, PullPolicy),
        (WaitBehaviorText, WaitBehavior),
        (ModeText, Mode),
    ):
        assert [*get_args(text)] == [str(entry) for entry in enum]
