"""What publishing says, refuses and keeps to, looked at without helm."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.definitions import build

from fairlead import (
    AppBuilder,
    BindMount,
    Consumer,
    Contribution,
    DefinitionError,
    Lifetime,
    Mode,
    PublishError,
    Resource,
    UsageError,
    Value,
    ref,
)
from fairlead.model.app import App
from fairlead.publish.chart.names import object_name
from fairlead.publish.output_folder import OWNED
from fairlead.publish.publisher import Rendered, publish, render

Define = Callable[[AppBuilder], Any]
APPHOST = """\
from fairlead import AppBuilder, apphost

@apphost
def shop(app: AppBuilder) -> None:
    db = app.add_postgres("db").with_data_volume()
    api = app.add_uvicorn_app("api", "./api", "api:app").with_reference(db).wait_for(db).with_http_health_check("/")
    app.add_executable("tool", "make").exclude_from_manifest()

if __name__ == "__main__":
    shop.publish()
"""


def published(define: Define, **options: Any) -> Rendered:
    return render(app(define), **options)


def app(define: Define) -> App:
    return build(define, Mode.PUBLISH)


def problems(define: Define, **options: Any) -> list[str]:
    """The errors of a definition that can't be published, without their places."""
    with pytest.raises(PublishError) as caught:
        published(define, **options)
    assert all(error.where for error in caught.value.errors if error.resource)
    assert all(error.remedy for error in caught.value.errors)
    return [f"{error.resource}: {error.message}" for error in caught.value.errors]


def warnings(define: Define) -> list[str]:
    found = published(define).warnings
    assert all(warning.where.line and warning.remedy for warning in found)
    return [f"{warning.resource}: {warning.message}" for warning in found]


def container(builder: AppBuilder, name: str = "api", **options: Any) -> Any:
    return builder.add_container(name, "busybox:1.35", **options)


class Broken(Value):
    """A third-party value that nobody knows at publish."""


class Leaky(Value):
    """A third-party value that is secret and tells its text."""

    @property
    def secret(self) -> bool:
        return True

    def parts(self) -> tuple[str | Value, ...]:
        return ("hunter2",)


class Queue(Resource):
    """A third-party kind that is not a program."""

    kind = "Queue"
    driver = "elsewhere:QueueDriver"

    def contribute(self, consumer: Consumer) -> Contribution:
        return Contribution({"QUEUE": "q"}, mounts=(BindMount("a", "/a"),))


# What is refused


def test_all_problems_are_reported_at_once() -> None:
    """Everything that speaks against publishing must be in one error, each with resource, place and remedy."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s").with_properties(
            helm_chart_name=app.add_parameter("chart", "no good"),
            helm_chart_version=app.add_parameter("version", "1.x"),
            helm_chart_description=app.add_parameter("description", "a" * 1025),
            namespace=app.add_parameter("namespace", "Bad"),
            release_name=app.add_parameter("release", "r" * 54),
            default_service_type=app.add_parameter("exposure", "Wrong"),
            default_image_pull_policy=app.add_parameter("pulling", "Often"),
            default_storage_type=app.add_parameter("storage", "floppy"),
        )
        app.add_executable("tool", "make")
        other = container(app, "other").with_http_endpoint(target_port=80)
        api = container(app, env={"A:B": "x", "BIG": "x" * 131072, "ZERO": lambda: "a\0b", "BYTES": lambda: "\udc80"})
        api.with_http_endpoint(target_port=81)
        api.with_environment("BROKEN", Broken()).with_environment("LEAKY", Leaky())
        api.with_environment("FAILS", lambda: 1 / 0).with_environment("NONE", lambda: None)
        api.with_args(lambda: ["a", object()], "x" * 131072)
        app.add_container("shouting", "MyApi:1")
        app.add_executable("untold", "prog").with_image("a:1").with_endpoint("tcp")
        edge, host = k8s.add_ingress("edge"), app.add_parameter("host", "http://x")
        edge.with_path("/a", other).with_path("/b", api.endpoint()).with_path("/c", other, host=host)
        k8s.add_ingress("empty")

    found = problems(define)

    assert [text for text in found if text.startswith("k8s")] == [
        "k8s: helm_chart_name='no good' is not valid",
        "k8s: helm_chart_version='1.x' is not valid",
        "k8s: helm_chart_description='aaaaaaaaaaaaaaaaaaaa…' is not valid",
        "k8s: namespace='Bad' is not valid",
        f"k8s: release_name='{'r' * 54}' is not valid",
        "k8s: default_storage_type='floppy' is not valid",
        "k8s: default_image_pull_policy='Often' is not valid",
        "k8s: default_service_type='Wrong' is not valid",
    ]
    for text in (
        "tool: a program of this machine has no image to run it from in a cluster",
        "api: 'A:B' can't be the name of a variable in a pod",
        "api: the variable BIG has 131,077 bytes, and Linux takes 131,072 at most",
        "api: the variable ZERO holds a zero byte",
        "api: the variable BYTES holds bytes that are not text (UTF-8)",
        "api: the variable BROKEN needs Broken, which is only known by its own kind",
        "api: the variable LEAKY is secret, and its text is in the definition itself",
        "api: the callback of FAILS raised ZeroDivisionError: division by zero",
        "api: the callback of NONE returned None",
        "api: the callback of argument 1 returned object",
        "api: argument 2 has 131,073 bytes, and Linux takes 131,072 at most",
        "shouting: 'MyApi:1' does not name an image",
        "untold: endpoint 'tcp' has no port in the cluster, because nothing tells the program where to listen",
        "edge: the path '/a' leads to endpoint 'http' of 'other', which is not external",
        "edge: the path '/b' leads to endpoint 'http' of 'api', which is not external",
        "edge: 'http://x' is not the name of a host",
        "empty: it has no paths",
    ):
        assert text in found


def test_a_config_map_that_is_too_large_is_refused() -> None:
    """More than a ConfigMap can hold must be an error before the cluster says so."""

    def define(app: AppBuilder) -> None:
        container(app, env={f"K{number}": "x" * 100_000 for number in range(11)})

    assert problems(define) == ["api: its ConfigMap would hold 1,100,023 bytes, and Kubernetes takes 1,048,576 at most"]


def test_two_objects_of_one_name_are_refused() -> None:
    """A resource whose cut name is another's name must be an error that tells both."""
    long = "a" * 64

    def define(app: AppBuilder) -> None:
        container(app, long)
        container(app, object_name(long))

    (found,) = problems(define)
    assert "its Deployment would be called" in found
    assert f"like that of '{long}' at " in found


def test_a_port_that_the_program_learns_by_itself_is_fine() -> None:
    """An endpoint whose port is in the program's own arguments or variables must get one."""

    def define(app: AppBuilder) -> None:
        tool = app.add_executable("tool", "prog").with_image("a:1").with_endpoint("tcp").with_endpoint("b", port=9000)
        tool.with_args("--listen", tool.endpoint("tcp").target_port)

    service = published(define).files["templates/tool/service.yaml"]

    assert "port: 8080" in service
    assert "port: 9000" in service


# What is said


def test_nothing_is_dropped_in_silence() -> None:
    """Everything that the chart does not have must be a warning, with the line that asked for it."""

    def define(app: AppBuilder) -> None:
        pg = app.add_postgres("pg").with_data_volume()
        orders = pg.add_database("orders")
        queue = app.add(Queue("queue"))
        migrate = app.add_python_app("migrate", "./m", module="m").wait_for(orders)
        hidden = container(app, "hidden").with_http_endpoint(target_port=80).exclude_from_manifest()
        api = container(app).with_http_endpoint(target_port=80).with_external_http_endpoints()
        api.wait_for(pg).wait_for_start(queue).wait_for_completion(migrate).with_reference(queue)
        api.with_container_runtime_args("--memory=1g").with_explicit_start()
        api.with_health_check(lambda: True, name="mine").with_http_health_check("/", 418)
        api.with_environment("HIDDEN", hidden.endpoint().url)
        app.add_vite_app("page", "./page").with_reference(api)
        paying = app.add_external_service("paying", "https://pay.example.com").with_http_health_check("/up")
        api.wait_for(paying)
        app.add_redis("cache").with_replicas(2)
        once = container(app, "once").with_workload("Job").with_http_endpoint(target_port=80)
        once.with_http_health_check("/").with_http_probe("liveness", "/").with_replicas(3)
        once.with_disruption_budget(min_available=1)
        container(app, "agent").with_workload("DaemonSet").with_replicas(2).with_volume("state", "/s")
        container(app, "one").with_volume("both", "/b")
        container(app, "two").with_volume("both", "/b")
        container(app, "many").with_workload("Deployment").with_volume("only", "/o").with_autoscaling(1, 4)

    assert sorted(warnings(define)) == sorted(
        [
            "queue: it is left out, because a Queue has no counterpart in the chart",
            "api: its wait for 'queue' is left out: that is not published",
            "api: the options '--memory=1g' of the container engine are left out",
            "api: with_explicit_start() has no counterpart: it starts with the rest",
            "api: the health check 'mine' is a function, which only a run can call",
            "api: the health check 'GET /' is left out: a pod has one readiness probe, for a status of 200 to 399",
            "api: the files, mounts and host names that a reference to 'queue' brings are left out",
            "api: it is given the address of 'hidden', which is not published",
            "api: endpoint 'http' is external, and nothing lets callers outside the cluster in",
            "page: its variables are read by Vite's development server, and the built page has none",
            "api: its wait for 'paying' is left out: that is not part of the chart, and only a run asks whether it is "
            "healthy",
            "cache: each of its 2 pods is a Redis with data of its own, and callers get any of them",
            "once: with_replicas(3) has no counterpart in a Job: it has one pod at a time",
            "once: its health checks and probes are left out: of a Job only counts that it ends well",
            "once: with_disruption_budget() is left out: nodes are emptied without regard to the pods of a Job",
            "agent: with_replicas(2) has no counterpart in a DaemonSet: it has a pod on each node",
            "agent: the volume 'state' can be mounted by one node at a time, but a DaemonSet has a pod on each",
            "two: the volume 'both' can be mounted by one node at a time, but 'one', 'two' have it",
            "many: the volume 'only' can be mounted by one node at a time, but there may be 4 pods",
        ]
    )


def test_what_is_of_a_run_only_is_one_note() -> None:
    """What a cluster has no use for must be said, in one note for each resource, and be no warning."""

    def define(app: AppBuilder) -> None:
        app.add_kubernetes_environment("k8s")
        api = container(app).with_http_endpoint(port=9000, target_port=80).with_url("http://x").with_icon("x")
        api.with_command("go", lambda: None).on_ready(lambda: None).with_lifetime(Lifetime.PERSISTENT)
        api.with_replicas(3).with_autoscaling(2, 5).with_resources(cpu="1")
        container(app, "plain").with_http_endpoint(port=80, target_port=80)
        app.add_external_service("paying", "https://pay.example.com").with_explicit_start()

    assert [f"{note.resource}: {note.message}" for note in published(define, strict=True).notes] == [
        "api: only a run takes notice of with_lifetime(), with_url(), with_icon(), with_command(), port=9000, "
        "its hooks",
        "paying: only a run takes notice of with_explicit_start()",
        "api: only a run takes notice of with_replicas(3): with_autoscaling() asks for 2 to 5 pods",
    ]


def test_a_volume_for_one_node_is_fine_where_it_stays_on_one() -> None:
    """Claims of one pod each, storage that several nodes can have, and what nobody knows must be no warning."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        shared = k8s.add_persistent_volume("shared").with_access_mode("ReadWriteMany")
        theirs = k8s.add_persistent_volume("theirs").with_existing_claim("there")
        for name in ("one", "two"):
            api = container(app, name).with_replicas(2).with_volume(f"{name}-own", "/o").with_volume("shared", "/s")
            api.with_persistent_volume(shared).with_persistent_volume(theirs, "/t")

    assert warnings(define) == []


def test_an_explicit_start_has_a_remedy_that_works() -> None:
    """What the warning advises must be something that the chart of such a workload has."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        k8s.add_helm_chart("queue", "oci://registry.example.com/charts/queue", "1.0.0").with_explicit_start()
        k8s.add_helm_chart("beside", "oci://registry.example.com/charts/b", "1", order="after").with_explicit_start()
        container(app, "plain").with_explicit_start()
        container(app, "busy").with_volume("own", "/o").with_autoscaling(1, 2).with_explicit_start()
        container(app, "once").with_workload("Job").with_explicit_start()
        container(app, "agent").with_workload("DaemonSet").with_explicit_start()

    assert [(found.resource, found.remedy) for found in published(define).warnings] == [
        ("queue", "Set charts.queue.enabled: false in the values, or leave it out with exclude_from_manifest()."),
        ("beside", "Don't run its command, or leave it out with exclude_from_manifest()."),
        ("plain", "Set replicas.plain: 0 in the values, or leave it out with exclude_from_manifest()."),
        (
            "busy",
            "Stop it, and its scaling, once it is installed: kubectl scale statefulset/busy --replicas=0; or leave it "
            "out with exclude_from_manifest().",
        ),
        (
            "once",
            'Let with_kubernetes_objects() set objects.workload["spec"]["suspend"] = True, or leave it out with '
            "exclude_from_manifest().",
        ),
        ("agent", "Leave it out with exclude_from_manifest()."),
    ]


def test_a_job_that_is_built_is_told_when_it_runs_again() -> None:
    """A Job whose image keeps its name does not run again, which the note about the image must say."""

    def define(app: AppBuilder) -> None:
        app.add_kubernetes_environment("k8s")
        migrate = app.add_dockerfile("migrate", "./m")
        app.add_dockerfile("api", "./a").wait_for_completion(migrate)

    again = {note.resource: "With new code it needs a new" in str(note.remedy) for note in published(define).notes}
    assert again == {"migrate": True, "api": False}


def test_an_image_without_a_version_is_said() -> None:
    """An image that becomes ``latest`` must be warned of, and one that says so itself, or has a digest, not."""

    def define(app: AppBuilder) -> None:
        app.add_container("web", "host:5000/team/web")
        app.add_executable("tool", "make").with_image("tool")
        app.add_container("chosen", "web:latest")
        app.add_container("pinned", f"web@sha256:{'a' * 64}")

    (web, tool) = published(define).warnings

    assert str(web).endswith(
        "web: its image 'host:5000/team/web' has no tag, so pods run what is called 'latest' when they start. "
        "Say which version: host:5000/team/web:1.2.3, or a digest."
    )
    assert tool.resource == "tool"


def test_a_volume_outside_namespaces_is_said() -> None:
    """What is called after its namespace must be said where none is known, which is never the case for a chart."""

    def define(builder: AppBuilder) -> None:
        k8s = builder.add_kubernetes_environment("k8s")
        k8s.add_persistent_volume("files").with_source({"nfs": {"server": "nas", "path": "/x"}})
        k8s.add_persistent_volume("plain")

    def placed(builder: AppBuilder) -> None:
        k8s = builder.add_kubernetes_environment("k8s").with_properties(namespace="shop")
        k8s.add_persistent_volume("files").with_source({"nfs": {"server": "nas", "path": "/x"}})

    for format in ("manifests", "kustomize"):
        assert [
            note.resource for note in published(define, format=format).notes if "outside of namespaces" in note.message
        ] == ["files"]
    assert not published(define).notes
    assert not published(placed, format="manifests").notes


def test_strict_makes_warnings_errors() -> None:
    """With strict a warning must keep the app from being published."""

    def define(app: AppBuilder) -> None:
        container(app).with_container_runtime_args("--memory=1g")

    assert len(published(define).warnings) == 1
    assert problems(define, strict=True)[0].startswith("api: the options '--memory=1g'")


def test_an_app_without_environment_gets_one() -> None:
    """An app that declares no environment must be published for one named after it, and be told so."""
    found = published(container)

    assert "no environment is declared, so the app is published for one called 'shop'" in str(found.notes[0])
    assert "name: shop" in found.files["Chart.yaml"]


def test_a_remedy_is_a_line_that_can_be_written() -> None:
    """A remedy that needs an environment must name the one there is, and declare one where there is none."""

    def define(app: AppBuilder) -> None:
        container(app, "agent").with_workload("DaemonSet").with_volume("state", "/s")
        container(app).with_http_endpoint(target_port=80).with_external_http_endpoints()

    def declared(app: AppBuilder) -> None:
        app.add_kubernetes_environment("cluster")
        define(app)

    for way, code in ((define, 'app.add_kubernetes_environment("k8s")'), (declared, "cluster")):
        remedies = [warning.remedy or "" for warning in published(way).warnings]
        assert [f" {code}.add_" in remedy for remedy in remedies] == [True, True], remedies


def test_a_chart_says_the_oldest_cluster_it_works_in() -> None:
    """It must be as old as what is used allows: what waits for a Job reads a certificate that came with 1.20."""

    def waiting(app: AppBuilder) -> None:
        container(app).wait_for_completion(container(app, "migrate"))

    def scaled(app: AppBuilder) -> None:
        waiting(app)
        container(app, "web").with_resources(cpu="1").with_autoscaling(1, 2)

    for define, minor in ((container, 19), (waiting, 20), (scaled, 23)):
        assert f'kubeVersion: ">=1.{minor}.0-0"' in published(define).files["Chart.yaml"]


def test_unknown_words_are_usage_errors() -> None:
    """A format or environment that is not there must name those that are."""

    def define(app: AppBuilder) -> None:
        app.add_kubernetes_environment("staging")

    with pytest.raises(UsageError, match=r"no format 'yaml'.*'helm'"):
        published(define, format="yaml")
    with pytest.raises(UsageError, match=r"no environment 'stagin'. Did you mean 'staging'"):
        published(define, target="stagin")
    with pytest.raises(UsageError, match="takes no values"):
        publish(app(define), "unused", values={})


def test_targets_choose_environments() -> None:
    """One environment goes to the folder itself, several to one each, and a target leaves the others alone."""

    def define(app: AppBuilder) -> None:
        staging, production = app.add_kubernetes_environment("Staging"), app.add_kubernetes_environment("production")
        container(app).with_compute_environment(staging, production)

    both, one = published(define), published(define, target="staging")

    assert set(both.charts) == {"staging", "production"}
    assert set(one.charts) == {"staging"}
    assert one.kept == ("production",)
    assert {path: text for path, text in both.files.items() if path.startswith("staging/")} == one.files


def test_each_environment_is_a_release_of_its_own() -> None:
    """Without a name of its own a release must be called after app and environment where there are several."""

    def define(app: AppBuilder) -> None:
        one, two = app.add_kubernetes_environment("Front_end"), app.add_kubernetes_environment("o" * 60)
        three = app.add_kubernetes_environment("three").with_properties(release_name="mine")
        container(app).with_compute_environment(one, two, three)

    found = {name: chart.release for name, chart in published(define).charts.items()}

    assert found["front-end"] == "shop-front-end"
    assert found["three"] == "mine"
    assert len(found["o" * 60]) == 53
    assert published(define, target="front_end").charts["front-end"].release == "shop-front-end"
    assert published(container).charts[""].release == "shop"


# What is kept to


def test_a_secret_is_in_no_file() -> None:
    """The text of a secret, default and generated one included, must be in nothing that is published."""

    def define(app: AppBuilder) -> None:
        key = app.add_parameter("key", "hunter2", secret=True, description="the key")
        container(app, env={"KEY": key, "URL": ref("x://{k:uri}", k=key)}, args=[key])
        app.add_postgres("pg", password=key)

    found = published(define)

    assert not [path for path, text in found.files.items() if "hunter2" in text]
    for path, text in found.files.items():
        if '"secrets" "key"' in text and not path.endswith(("secret.yaml", "required-values.yaml")):
            lines = [line for line in text.splitlines() if '"secrets" "key"' in line]
            assert all("sha256sum" in line for line in lines), path


def test_the_same_definition_gives_the_same_bytes(tmp_path: Path) -> None:
    """Two checkouts, two environments of variables and two runs must publish the same bytes."""
    results = []
    for number in range(2):
        checkout = tmp_path / f"checkout {number}" / ("deep/" * number)
        checkout.mkdir(parents=True)
        (checkout / "apphost.py").write_text(APPHOST)
        environment = {**os.environ, "FAIRLEAD_PARAMETER_DB_PASSWORD": f"{number}", "PYTHONHASHSEED": f"{number}"}
        for _ in range(2):
            subprocess.run([sys.executable, checkout / "apphost.py"], check=True, env=environment, cwd=tmp_path)
            folder = checkout / "fairlead-output"
            results.append(
                {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
            )
        shutil.rmtree(checkout)

    assert results[0]
    assert all(result == results[0] for result in results)
    assert str(tmp_path).encode() not in b"".join(results[0].values())


def test_publishing_twice_changes_nothing(tmp_path: Path) -> None:
    """A second publish must change nothing; check must tell what a first one would do, and do nothing."""
    shop = app(container)

    would = publish(shop, tmp_path / "out", check=True)
    first, again = publish(shop, tmp_path / "out"), publish(shop, tmp_path / "out")

    assert would.changed
    assert would.written == first.written
    assert first.changed
    assert not again.changed
    assert set(again.unchanged) == set(first.written)
    assert (tmp_path / "out" / OWNED).exists()


def test_a_definition_that_can_not_be_published_writes_nothing(tmp_path: Path) -> None:
    """An error must come before the first byte, and leave what was published before."""
    publish(app(container), tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    with pytest.raises(PublishError):
        publish(app(lambda builder: builder.add_executable("tool", "make")), tmp_path)

    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_adding_a_resource_changes_no_other(tmp_path: Path) -> None:
    """The files of a resource must not depend on which others there are."""

    def one(app: AppBuilder) -> None:
        app.add_uvicorn_app("api", "./api", "api:app")

    def two(app: AppBuilder) -> None:
        app.add_uvicorn_app("first", "./first", "first:app")
        one(app)

    before, after = published(one).files, published(two).files

    assert all(after[path] == text for path, text in before.items() if path.startswith("templates/api/"))


def test_its_own_variables_win(tmp_path: Path) -> None:
    """As in a run, a variable of the definition must win over a port, and a port over what a reference brings."""

    def define(app: AppBuilder) -> None:
        other = container(app, "my").with_http_endpoint(target_port=80)
        web = app.add_node_app("web", ".", "a.js").with_http_endpoint(env="MY_HTTP").with_reference(other)
        web.with_environment("services__my__http__0", "mine")

    text = published(define).files["templates/web/configmap.yaml"]

    assert 'MY_HTTP: "8080"' in text
    assert 'services__my__http__0: {{ index .Values "config" "web" "services__my__http__0" | quote }}' in text


def test_the_last_of_two_variables_wins_and_the_first_leaves_no_trace() -> None:
    """A variable that another one replaces must not be in the values of the chart, nor be asked for."""

    def define(app: AppBuilder) -> None:
        lost = app.add_parameter("lost", secret=True)
        other = app.add_connection_string("other")
        api = container(app, env={"A": "first", "B": "first", "C": lost}).with_reference(other)
        api.with_environment("A", "second").with_environment("B", app.add_parameter("kept", "x"))
        api.with_environment("C", "plain").with_environment("ConnectionStrings__other", "mine")

    values = published(define).files["values.yaml"]

    assert "A: second" in values
    assert "first" not in values
    assert "lost" not in values
    assert "other-connection-string" not in values
    assert "kept: x" in values


names = st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,20}(-[a-z0-9]{1,40})?", fullmatch=True)
texts = st.text(max_size=30)


@given(st.dictionaries(names, st.dictionaries(texts, texts, max_size=3), min_size=1, max_size=4), st.data())
def test_publishing_succeeds_or_says_why(resources: dict[str, dict[str, str]], data: st.DataObject) -> None:
    """Whatever a definition says, publishing must give files or an error of ours, and hold no secret."""

    def define(app: AppBuilder) -> None:
        key = app.add_parameter("the-key", "hunter2hunter2", secret=True)
        made: list[Any] = []
        for name, variables in resources.items():
            workload = container(app, f"r-{name}", env={**variables, "URL": ref("a{k}", k=key)})
            if data.draw(st.booleans()):
                workload.with_http_endpoint(target_port=data.draw(st.integers(1, 65535)))
            for other in made:
                if other.endpoints:
                    workload.with_reference(other)
            made.append(workload)

    try:
        files = published(define).files
    except (PublishError, DefinitionError) as error:
        assert error.errors
        assert "hunter2hunter2" not in str(error)
    else:
        assert not [path for path, text in files.items() if "hunter2hunter2" in text]
        assert all(text.encode() for text in files.values())
