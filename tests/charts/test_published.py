"""What the real helm makes of published charts. Objects are compared, never the text of templates."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.charts import Charts, container
from tests.support.value_paths import check_value_paths

from fairlead import AppBuilder, CallbackContext, Lifetime, ref
from fairlead.publish.formats.yaml import Emitter

NASTY = {
    "YES": "yes",
    "OCTAL": "017",
    "BRACES": "{{ .Values.secrets }} {{",
    "QUOTES": "\"double\" 'single' `back`",
    "LINES": "first\n  second\n\nlast\n",
    "WINDOWS": "one\r\ntwo",
    "UNICODE": "größer 日本語 😀 \u00a0\u2028\u0085\ufeff",
    "REFERENCE": "$(HOME) $$ $HOME $",
    "NUMBER": "1e3",
    "BIG": "12345678901234567890",
    "EMPTY": "",
    "BLANKS": "  both sides  ",
    "JSON": '{"a": ["b", null]}',
    "PATH": "C:\\new\\table",
    "PERCENT": "100%s %d%%",
    "COLON": "a: b # c",
    "TAB": "\tstarts with a tab",
    "CONTROL": "bell \x07 escape \x1b",
    "REFUSED_IN_VALUES": "delete \x7f next \x80 \ufffe \uffff",
    "DASH": "- item",
    "LONG": "x" * 65536,
    "dotted.name": "dots",
    "lower": "l",
    "LOWER": "L",
}


def shop(app: AppBuilder) -> None:
    k8s = app.add_kubernetes_environment("k8s").with_properties(helm_chart_name="shop", namespace="shop")
    pg = app.add_postgres("pg").with_data_volume().with_lifetime(Lifetime.PERSISTENT)
    orders = pg.add_database("orders")
    cache = app.add_redis("cache")
    key = app.add_parameter("payment-key", secret=True)
    migrate = app.add_python_app("migrate", "./api", module="api.migrate").with_reference(orders).wait_for(orders)
    api = (
        app.add_uvicorn_app("api", "./api", "api.main:app")
        .with_reference(orders)
        .with_reference(cache)
        .with_environment("PAYMENT_KEY", key)
        .with_environment(
            "CACHE_URL", ref("redis://{h}:{p}/0", h=cache.endpoint("tcp").host, p=cache.endpoint("tcp").port)
        )
        .with_http_health_check("/healthz")
        .wait_for(cache)
        .wait_for_completion(migrate)
        .with_replicas(2)
        .with_external_http_endpoints()
    )
    web = (
        app.add_container("web", "nginx:1.22-bookworm")
        .with_http_endpoint(target_port=80)
        .with_reference(api)
        .with_external_http_endpoints()
    )
    k8s.add_ingress("edge").with_path("/", web).with_path("/api", api, host="shop.example.com")


SECRETS = {"pg-password": "p w+/ü", "payment-key": "key"}


def test_the_shop_renders(charts: Charts) -> None:
    """The app of the design must become workloads of their kinds, Services, configuration, and an Ingress."""
    published = charts.publish(shop)

    objects = charts.render(SECRETS)

    assert set(objects) == {
        *(("Deployment", name) for name in ("cache", "api", "web")),
        ("StatefulSet", "pg"),
        *(("Job", name) for kind, name in objects if kind == "Job"),
        *(("Service", name) for name in ("pg", "pg-headless", "cache", "api", "web")),
        *(("ConfigMap", name) for name in ("pg", "migrate", "api", "web", "release-job-notes")),
        *(("Secret", name) for name in ("pg", "migrate", "api", "shop.generated")),
        *((kind, name) for kind in ("ServiceAccount", "Role", "RoleBinding") for name in ("migrate", "api")),
        ("Ingress", "edge"),
    }
    assert sorted(name[:-11] for kind, name in objects if kind == "Job") == ["migrate", "orders"]
    assert published.commands[0].startswith("helm upgrade --install shop ")
    assert yaml.safe_load(published.values_files[0].text) == {"secrets": {"payment-key": ""}}
    assert f"--values {published.values_files[0].name}" in published.commands[0]


def test_a_program_finds_the_variables_it_finds_in_a_run(charts: Charts) -> None:
    """References must give the promised names, with addresses inside the cluster and secrets encoded for URLs."""
    charts.publish(shop)

    objects = charts.render(SECRETS)

    config, secret = objects["ConfigMap", "api"]["data"], decoded(objects["Secret", "api"])
    uri = "postgresql://postgres:p%20w%2B%2F%C3%BC@pg:5432/orders"
    assert config | secret == {
        "PORT": "8080",
        "services__cache__tcp__0": "redis://cache:6379",
        "CACHE_TCP": "redis://cache:6379",
        "ConnectionStrings__cache": "redis://cache:6379",
        "CACHE_HOST": "cache",
        "CACHE_PORT": "6379",
        "CACHE_URI": "redis://cache:6379",
        "CACHE_URL": "redis://cache:6379/0",
        "ConnectionStrings__orders": uri,
        "ORDERS_HOST": "pg",
        "ORDERS_PORT": "5432",
        "ORDERS_USERNAME": "postgres",
        "ORDERS_PASSWORD": "p w+/ü",
        "ORDERS_URI": uri,
        "ORDERS_DATABASENAME": "orders",
        "PAYMENT_KEY": "key",
    }
    assert set(secret) == {"ConnectionStrings__orders", "ORDERS_PASSWORD", "ORDERS_URI", "PAYMENT_KEY"}
    assert objects["ConfigMap", "web"]["data"] == {
        "services__api__http__0": "http://api:8080",
        "API_HTTP": "http://api:8080",
    }


def test_the_container_gets_its_environment_and_its_command(charts: Charts) -> None:
    """A uvicorn app must listen where the Service sends callers, on all interfaces, with its secrets by reference."""
    charts.publish(shop)

    objects = charts.render(SECRETS)

    api, service = container(objects, "api"), objects["Service", "api"]["spec"]
    assert api["command"] == ["python", "-m", "uvicorn"]
    assert api["args"] == ["api.main:app", "--host", "0.0.0.0", "--port", "8080"]
    assert api["image"] == "shop/api:0.1.0"
    assert api["ports"] == [{"name": "http", "containerPort": 8080, "protocol": "TCP"}]
    assert service["ports"] == [{"name": "http", "port": 8080, "targetPort": "http", "protocol": "TCP"}]
    assert api["envFrom"] == [{"configMapRef": {"name": "api"}}]
    assert {
        "name": "PAYMENT_KEY",
        "valueFrom": {"secretKeyRef": {"name": "api", "key": "PAYMENT_KEY"}},
    } in api["env"]
    assert api["readinessProbe"]["httpGet"] == {"path": "/healthz", "port": "http", "scheme": "HTTP"}


def test_a_service_listens_where_the_program_does(charts: Charts) -> None:
    """The port of this machine must not be in the cluster, unless it is the one that the program insists on."""

    def define(app: AppBuilder) -> None:
        boxed = app.add_container("boxed", "busybox:1.35").with_http_endpoint(port=9000, target_port=80)
        told = app.add_uvicorn_app("told", "./api", "api.main:app").with_http_endpoint(port=9001)
        insists = app.add_executable("insists", "prog").with_image("a:1").with_endpoint("tcp", port=9002)
        app.add_container("user", "busybox:1.35").with_reference(boxed).with_reference(told).with_reference(insists)

    charts.publish(define)
    objects = charts.render()

    numbers = {name: objects["Service", name]["spec"]["ports"][0]["port"] for name in ("boxed", "told", "insists")}
    assert numbers == {"boxed": 80, "told": 8080, "insists": 9002}
    assert "9000" not in str(objects)
    assert "9001" not in str(objects)
    for name, number in numbers.items():
        assert container(objects, name)["ports"][0]["containerPort"] == number
    addresses = objects["ConfigMap", "user"]["data"].values()
    assert {"http://boxed:80", "http://told:8080", "tcp://insists:9002"} <= set(addresses)


def test_pods_are_labelled_selected_and_confined(charts: Charts) -> None:
    """Selectors must hold name and instance only, pods no version, and containers no more rights than they need."""
    charts.publish(shop)

    objects = charts.render(SECRETS)

    deployment = objects["Deployment", "api"]
    pod = deployment["spec"]["template"]
    selector = {"app.kubernetes.io/name": "api", "app.kubernetes.io/instance": "release"}
    assert deployment["spec"]["selector"] == {"matchLabels": selector}
    assert objects["Service", "api"]["spec"]["selector"] == selector
    assert pod["metadata"]["labels"] == {**selector, "app.kubernetes.io/part-of": "shop"}
    assert deployment["metadata"]["labels"]["helm.sh/chart"] == "shop-0.1.0"
    assert deployment["spec"]["replicas"] == 2
    assert deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert pod["spec"]["enableServiceLinks"] is False
    assert container(objects, "api")["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "runAsNonRoot": True,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert container(objects, "web")["securityContext"]["capabilities"]["add"] == [
        "CHOWN",
        "DAC_OVERRIDE",
        "NET_BIND_SERVICE",
        "SETGID",
        "SETUID",
    ]


def test_an_ingress_routes_by_host_and_path(charts: Charts) -> None:
    """Routes must lead to the Services by the names of their ports; class and annotations are values."""
    charts.publish(shop)

    plain = charts.render(SECRETS)["Ingress", "edge"]
    adjusted = charts.render(
        SECRETS, values={"ingress": {"edge": {"className": "nginx", "annotations": {"a.b/c": "yes"}}}}
    )["Ingress", "edge"]

    def backend(name: str) -> dict[str, Any]:
        return {"service": {"name": name, "port": {"name": "http"}}}

    assert plain["spec"] == {
        "rules": [
            {"http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend("web")}]}},
            {
                "host": "shop.example.com",
                "http": {"paths": [{"path": "/api", "pathType": "Prefix", "backend": backend("api")}]},
            },
        ]
    }
    assert adjusted["spec"]["ingressClassName"] == "nginx"
    assert adjusted["metadata"]["annotations"] == {"a.b/c": "yes"}


def test_all_that_is_missing_is_said_at_once(charts: Charts) -> None:
    """Installing without the required values must fail once, with the file to write and who needs each."""
    charts.publish(shop)

    said = charts.failure()

    assert '  pg-password: ""  # Used by pg, migrate, api.' in said
    assert '  payment-key: ""  # Used by api.' in said
    assert charts.missing() == {"secrets": {"pg-password": "", "payment-key": ""}}
    assert charts.missing(values={"secrets": {"payment-key": "x"}}) == {"secrets": {"pg-password": ""}}


def test_the_output_says_what_has_to_be_given(charts: Charts) -> None:
    """The chart alone must tell what it needs: by its schema, its refusal, its values and its notes."""

    def define(app: AppBuilder) -> None:
        region, key = app.add_parameter("region"), app.add_parameter("key", secret=True, description="From the bank.")
        app.add_container("api", "busybox:1.35", env={"REGION": region, "KEY": key})

    published = charts.publish(define)
    asked = {"parameters": {"region": ""}, "secrets": {"key": ""}}

    schema = json.loads((charts.folder / "values.schema.json").read_text())["properties"]
    assert schema["parameters"]["required"] == ["region"]
    assert schema["secrets"]["required"] == ["key"]
    values = (charts.folder / "values.yaml").read_text()
    assert yaml.safe_load(values)["secrets"] == {"key": ""}
    assert "From the bank." in values
    assert charts.missing() == yaml.safe_load(published.values_files[0].text) == asked
    assert 'key: ""  # From the bank. Used by api.' in charts.failure()
    assert charts.render({"key": "k"}, values={"parameters": {"region": "eu"}})
    notes = charts.notes(given={"parameters": {"region": "eu"}, "secrets": {"key": "k"}})
    assert "helm upgrade release CHART --namespace default --reset-then-reuse-values" in notes
    assert published.commands[-1].endswith(f"--values {published.values_files[0].name}")


def test_what_differs_between_clusters_is_a_value(charts: Charts) -> None:
    """Replicas, resources and the type of the Service of a container must be up to whoever installs the chart."""

    def define(app: AppBuilder) -> None:
        api = app.add_container("api", "busybox:1.35").with_http_endpoint(target_port=80)
        api.with_replicas(2).with_resources(cpu="100m")

    charts.publish(define)
    needs = {"requests": {"cpu": "2"}, "limits": {"memory": "1Gi"}}
    values = {"replicas": {"api": 5}, "resources": {"api": needs}, "services": {"api": {"type": "NodePort"}}}
    plain, moved = charts.render(), charts.render(values=values)

    assert plain["Deployment", "api"]["spec"]["replicas"] == 2
    assert container(plain, "api")["resources"] == {"requests": {"cpu": "100m"}}
    assert plain["Service", "api"]["spec"]["type"] == "ClusterIP"
    assert moved["Deployment", "api"]["spec"]["replicas"] == 5
    assert container(moved, "api")["resources"] == needs
    assert moved["Service", "api"]["spec"]["type"] == "NodePort"


def test_a_secret_of_ones_own_takes_the_place_of_the_charts(charts: Charts) -> None:
    """With existing Secrets no value must be asked for, none be made, and the containers refer to them."""
    charts.publish(shop)

    objects = charts.render(values={"existingSecrets": {"pg": "mine", "api": "theirs", "migrate": "mine"}})

    assert not [key for key in objects if key[0] == "Secret"]
    assert {entry["valueFrom"]["secretKeyRef"]["name"] for entry in container(objects, "api")["env"]} == {"theirs"}


def test_a_secret_of_ones_own_is_for_its_workload_only(charts: Charts) -> None:
    """What the others need must still be asked for; the pods take composed texts, files and databases from theirs."""

    def define(app: AppBuilder) -> None:
        key = app.add_parameter("key", secret=True)
        pg = app.add_postgres("pg")
        orders = pg.add_database("orders")
        api = app.add_container("api", "busybox:1.35").with_reference(orders).with_args(ref("k={k}", k=key))
        api.with_container_files("/etc/keys", {"one.key": key})
        app.add_container("worker", "busybox:1.35").with_environment("KEY", key).wait_for_completion(orders)

    charts.publish(define)
    theirs = {"existingSecrets": {"pg": "db.creds", "api": "theirs"}}

    assert 'key: ""  # Used by api, worker.' in charts.failure(values=theirs)
    assert charts.missing(values=theirs) == {"secrets": {"key": ""}}
    objects = charts.render({"key": "k"}, values=theirs)
    assert [name for kind, name in objects if kind == "Secret"] == ["worker"]
    text = yaml.safe_dump_all(objects.values())
    assert text.count("name: theirs") == 4
    spec = objects["Deployment", "api"]["spec"]["template"]["spec"]
    assert [entry["valueFrom"]["secretKeyRef"]["key"] for entry in spec["containers"][0]["env"]] == [
        "ConnectionStrings__orders",
        "ORDERS_PASSWORD",
        "ORDERS_URI",
        "SECRET_ARGUMENT_1",
    ]
    assert spec["containers"][0]["args"] == ["k=$(SECRET_ARGUMENT_1)"]
    assert [volume["secret"]["secretName"] for volume in spec["volumes"]] == ["theirs"]
    (job,) = (found for (kind, _), found in objects.items() if kind == "Job")
    (password,) = (
        one for one in job["spec"]["template"]["spec"]["containers"][0]["env"] if one["name"] == "PGPASSWORD"
    )
    assert password["valueFrom"]["secretKeyRef"] == {"name": "db.creds", "key": "POSTGRES_PASSWORD"}
    again = charts.render({"key": "other"}, values=theirs)
    assert {key for key, found in again.items() if found != objects[key]} == {
        ("Secret", "worker"),
        ("Deployment", "worker"),
    }
    assert charts.render({"key": "k", "pg-password": "p"}, values=theirs) == objects


def test_the_keys_of_a_secret_of_ones_own_are_listed(charts: Charts) -> None:
    """Whoever makes a Secret instead of the chart's must find its keys in values.yaml, and no more is asked of it."""

    def define(app: AppBuilder) -> None:
        key, later = app.add_parameter("key", secret=True), app.add_connection_string("later")
        cache = app.add_redis("cache", password=key)
        api = app.add_container("api", "busybox:1.35").with_args(
            "--key", ref("x{other}", other=app.add_parameter("other", secret=True))
        )
        api.with_reference(cache).with_reference(later, optional=True)

    charts.publish(define)
    objects = charts.render({"key": "k", "other": "o", "later-connection-string": "l"})
    comments = re.findall('# Its keys: (.*)\\.\n *(.*): ""', (charts.folder / "values.yaml").read_text())

    listed = {name: keys.split(", ") for keys, name in comments}
    assert "ConnectionStrings__later (optional)" in listed["api"]
    assert "SECRET_ARGUMENT_1" in listed["api"]
    assert listed["cache"] == ["redis.conf"]
    for name, keys in listed.items():
        assert [key.removesuffix(" (optional)") for key in keys] == list(objects["Secret", name]["data"])


def test_values_of_a_wrong_type_are_refused(charts: Charts) -> None:
    """The schema must reject a wrong type, an unknown key and a key taken away."""
    charts.publish(shop)

    assert "replicas" in charts.failure(values={"replicas": {"api": "two"}})
    assert "secrets" in charts.failure(values={"secrets": {"pg-password": 1}})
    assert "pullPolicy" in charts.failure(values={"images": {"api": {"pullPolicy": "Sometimes"}}})
    assert "typo" in charts.failure(values={"config": {"pg": {"typo": "x"}}})


def test_every_value_is_used_and_every_use_has_a_value(charts: Charts) -> None:
    """The paths in values.yaml and those in the templates must be the same; every rendered chart is held to that."""
    charts.publish(shop)
    check_value_paths(charts.folder)

    values = charts.folder / "values.yaml"
    values.write_text(values.read_text() + "unused: {key: x}\n")
    with pytest.raises(AssertionError, match=r"only declared: .*unused"):
        check_value_paths(charts.folder)


def test_nasty_values_arrive_as_they_were_written(charts: Charts) -> None:
    """A variable must have the same text in the cluster as in the definition, whatever is in it."""

    def define(app: AppBuilder) -> None:
        app.add_container("api", "busybox:1.35", env=NASTY)

    charts.publish(define)

    assert charts.render()["ConfigMap", "api"]["data"] == NASTY


def test_nasty_values_arrive_by_every_road(charts: Charts) -> None:
    """The same must hold for a parameter's default, a given secret, a composition, and an argument."""

    texts = [text[:20000] for name, text in NASTY.items() if name != "REFUSED_IN_VALUES"]

    def define(app: AppBuilder) -> None:
        api = app.add_container("api", "busybox:1.35")
        for number, text in enumerate(texts):
            default = app.add_parameter(f"default{number}", text)
            secret = app.add_parameter(f"secret{number}", secret=True)
            api.with_environment(f"D{number}", default).with_environment(f"S{number}", secret)
            api.with_environment(f"C{number}", ref("<{{{a}}}{t}{b}>", a=default, t=text, b=secret))
            api.with_args(text, default, ref("{a}{t}{a}", a=default, t=text))

    charts.publish(define)

    given = {f"secret{number}": text or "x" for number, text in enumerate(texts)}
    objects = charts.render(given, values={"parameters": {f"default{texts.index('')}": "x"}})

    config, secret = objects["ConfigMap", "api"]["data"], decoded(objects["Secret", "api"])
    args = iter(container(objects, "api")["args"])
    for number, text in enumerate(texts):
        full = text or "x"
        assert config[f"D{number}"] == full
        assert secret[f"S{number}"] == full
        assert secret[f"C{number}"] == f"<{{{full}}}{text}{full}>"
        assert expanded(next(args)) == text
        assert expanded(next(args)) == full
        assert expanded(next(args)) == f"{full}{text}{full}"


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40), min_size=20))
def test_helm_reads_what_the_emitter_writes(charts: Charts, texts: list[str]) -> None:
    """Texts in values.yaml must be what they were for helm's own reader of YAML."""
    (charts.folder / "templates").mkdir(parents=True, exist_ok=True)
    document = Emitter().document({"texts": texts, "keys": {text: text for text in texts if len(text) < 30}})
    (charts.folder / "Chart.yaml").write_text("apiVersion: v2\nname: probe\nversion: 0.1.0\n")
    (charts.folder / "values.yaml").write_text(document, encoding="utf-8", newline="")
    (charts.folder / "templates" / "all.yaml").write_text("json: {{ .Values | toJson | b64enc | quote }}\n")

    rendered = yaml.safe_load(charts.helm("template", "probe", charts.folder))

    found = json.loads(base64.b64decode(rendered["json"]))
    assert found["texts"] == texts
    assert found["keys"] == {text: text for text in texts if len(text) < 30}


def test_a_secret_in_an_argument_goes_by_reference(charts: Charts) -> None:
    """A secret must never be in the arguments of a pod; its own variable is used where it has one."""

    def define(app: AppBuilder) -> None:
        key = app.add_parameter("key", secret=True)
        other = app.add_parameter("other", secret=True)
        app.add_container("api", "busybox:1.35", env={"KEY": key}, args=[key, ref("--url=$(x){o}$", o=other)])

    charts.publish(define)

    objects = charts.render({"key": "k$1", "other": "o$(2)"})

    assert container(objects, "api")["args"] == ["$(KEY)", "--url=$$(x)$(SECRET_ARGUMENT_1)$$"]
    assert decoded(objects["Secret", "api"]) == {"KEY": "k$1", "SECRET_ARGUMENT_1": "o$(2)"}


def test_one_parameter_is_one_value(charts: Charts) -> None:
    """Whoever uses a parameter must see the one value; one whose default is not published has to be given."""

    def define(app: AppBuilder) -> None:
        region = app.add_parameter("region", "eu", description="Where it runs.\nSecond line: x")
        hidden = app.add_parameter("hidden", "no", publish_default=False)
        for name in ("one", "two"):
            app.add_container(name, "busybox:1.35", env={"REGION": region, "HIDDEN": hidden})

    charts.publish(define)

    assert 'hidden: ""  # Used by one, two.' in charts.failure()
    objects = charts.render(values={"parameters": {"region": "us", "hidden": "h"}})
    assert [objects["ConfigMap", name]["data"] for name in ("one", "two")] == [{"REGION": "us", "HIDDEN": "h"}] * 2


def test_only_pods_whose_data_changed_roll(charts: Charts) -> None:
    """A changed value must change the pods that see it and no others; a new version of the chart must change none."""

    def define(app: AppBuilder) -> None:
        level = app.add_parameter("level", "info")
        key = app.add_parameter("key", secret=True)
        app.add_container("one", "busybox:1.35", env={"LEVEL": level, "OWN": "x"})
        app.add_container("two", "busybox:1.35", env={"KEY": key, "OWN": "x"})

    def pods(**values: Any) -> dict[str, Any]:
        objects = charts.render(values.pop("secrets", {"key": "k"}), values=values)
        return {name: objects["Deployment", name]["spec"]["template"] for name in ("one", "two")}

    charts.publish(define)
    before = pods()

    def changed(after: dict[str, Any]) -> set[str]:
        return {name for name in before if before[name] != after[name]}

    assert changed(pods(parameters={"level": "debug"})) == {"one"}
    assert changed(pods(secrets={"key": "other"})) == {"two"}
    assert changed(pods(config={"two": {"OWN": "y"}})) == {"two"}
    text = (charts.folder / "Chart.yaml").read_text()
    (charts.folder / "Chart.yaml").write_text(text.replace("0.1.0", "0.2.0"))
    assert changed(pods()) == set()


def test_an_optional_reference_is_left_out_until_it_has_a_value(charts: Charts) -> None:
    """A connection string that is optional must not be asked for, and be there as soon as it is given."""

    def define(app: AppBuilder) -> None:
        db = app.add_connection_string("db")
        app.add_container("api", "busybox:1.35").with_reference(db, optional=True).with_environment("A", "b")

    charts.publish(define)

    without = charts.render()
    given = charts.render({"db-connection-string": "host=x"})
    assert not without["Secret", "api"]["data"]
    assert decoded(given["Secret", "api"]) == {"ConnectionStrings__db": "host=x"}
    assert container(without, "api")["env"][0]["valueFrom"]["secretKeyRef"]["optional"] is True


def test_an_external_service_is_one_value(charts: Charts) -> None:
    """The address of a service that somebody else runs must be one key, for all that refer to it."""

    def define(app: AppBuilder) -> None:
        payments = app.add_external_service("payments", "https://pay.example.com")
        app.add_container("one", "busybox:1.35").with_reference(payments)
        app.add_container("two", "busybox:1.35").with_reference(payments)

    published = charts.publish(define)
    objects = charts.render(values={"parameters": {"payments": "https://test.example.com"}})

    expected = {
        "services__payments__https__0": "https://test.example.com",
        "PAYMENTS_HTTPS": "https://test.example.com",
    }
    assert objects["ConfigMap", "one"]["data"] == objects["ConfigMap", "two"]["data"] == expected
    assert not published.values_files and "--values" not in published.commands[0]


def test_probes_keep_their_numbers(charts: Charts) -> None:
    """Each probe must be published with what the definition says; a port check is a readiness probe too."""

    def define(app: AppBuilder) -> None:
        app.add_container("web", "nginx:1.22-bookworm").with_endpoint("https", target_port=443).with_http_probe(
            "liveness", "/live", initial_delay=7, period=8, timeout=9, failure_threshold=10
        )
        app.add_redis("cache").with_tcp_health_check()

    charts.publish(define)
    objects = charts.render()

    web = container(objects, "web")
    assert web["livenessProbe"] == {
        "httpGet": {"path": "/live", "port": "https", "scheme": "HTTPS"},
        "initialDelaySeconds": 7,
        "periodSeconds": 8,
        "timeoutSeconds": 9,
        "failureThreshold": 10,
        "successThreshold": 1,
    }
    assert "readinessProbe" not in web
    assert container(objects, "cache")["readinessProbe"]["tcpSocket"] == {"port": "tcp"}


def test_processes_start_in_their_containers(charts: Charts) -> None:
    """Python and Node apps must start by the command of their kind, with their own arguments after it."""

    def define(app: AppBuilder) -> None:
        app.add_python_app("script", "./s", script="main.py", args=["--level", 3]).with_image("own/script:2")
        app.add_python_app("module", "./s", module="pkg.mod")
        app.add_node_app("node", "./n", "server.js").with_http_endpoint()
        app.add_node_app("npm", "./n", run="start", args=["x"])
        app.add_executable("tool", "make", "./n", "serve").with_image("own/tool").with_entrypoint("/tool", "$(X)")

    charts.publish(define)
    objects = charts.render()

    def command(name: str) -> tuple[Any, Any]:
        return container(objects, name).get("command"), container(objects, name).get("args")

    assert command("script") == (["python", "main.py"], ["--level", "3"])
    assert command("module") == (["python", "-m", "pkg.mod"], None)
    assert command("node") == (["node", "server.js"], None)
    assert command("npm") == (["npm", "run", "start"], ["--", "x"])
    assert command("tool") == (["/tool", "$$(X)"], ["serve"])
    assert container(objects, "script")["image"] == "own/script:2"
    assert container(objects, "tool")["image"] == "own/tool:latest"
    assert objects["ConfigMap", "node"]["data"] == {"PORT": "8080"}


def test_images_are_values(charts: Charts) -> None:
    """Repository, tag, digest and pull policy of an image must each be a value."""
    digest = "sha256:" + "a" * 64

    def define(app: AppBuilder) -> None:
        app.add_container("tagged", "registry.example.com:5000/team/app:1.2").with_pull_policy("always")
        app.add_container("pinned", f"app@{digest}")
        app.add_container("both", f"app:1.2@{digest}")

    charts.publish(define)
    images = {"tagged": {"repository": "mirror/app", "tag": "2"}}
    objects, moved = charts.render(), charts.render(values={"images": images})

    assert container(objects, "tagged")["image"] == "registry.example.com:5000/team/app:1.2"
    assert container(objects, "tagged")["imagePullPolicy"] == "Always"
    assert container(objects, "pinned")["image"] == f"app@{digest}"
    assert container(objects, "both")["image"] == f"app:1.2@{digest}"
    assert container(moved, "tagged")["image"] == "mirror/app:2"


def test_long_names_stay_apart(charts: Charts) -> None:
    """Names of 64 characters that differ only at their end must give valid names that differ."""
    first, second = f"{'a' * 63}b", f"{'a' * 63}c"

    def define(app: AppBuilder) -> None:
        one = app.add_container(first, "busybox:1.35").with_http_endpoint(
            target_port=80, name="the-very-long-endpoint-1"
        )
        app.add_container(
            second, "busybox:1.35", env={"A": one.endpoint("the-very-long-endpoint-1").host}
        ).with_endpoint("the-very-long-endpoint-2", target_port=81)

    charts.publish(define)
    objects = charts.render()

    names = {name for kind, name in objects if kind == "Service"}
    assert len(names) == 2
    assert all(re.fullmatch("[a-z0-9-]{1,63}", name) for name in names)
    (config,) = (found["data"] for (kind, _), found in objects.items() if kind == "ConfigMap" and "A" in found["data"])
    assert config["A"] in names
    assert all(len(port["name"]) <= 15 for name in names for port in objects["Service", name]["spec"]["ports"])


def test_callbacks_are_asked_for_the_published_app(charts: Charts) -> None:
    """Functions, async ones too, must be called for publishing, and give what the pod gets."""

    async def later(context: CallbackContext) -> str:
        return f"{context.resource.name} {context.is_publish_mode}"

    def define(app: AppBuilder) -> None:
        app.add_container("api", "busybox:1.35", env={"A": later, "B": lambda: 1.5, "C": lambda: True}).with_args(
            lambda: ["x", 2]
        )

    charts.publish(define)
    objects = charts.render()

    assert objects["ConfigMap", "api"]["data"] == {"A": "api True", "B": "1.5", "C": "true"}
    assert container(objects, "api")["args"] == ["x", "2"]


def test_names_of_resources_mean_nothing_to_helm(charts: Charts) -> None:
    """A resource must be rendered also when it is called like a folder or file of a chart."""
    names = ["images", "charts", "templates", "crds", "tests", "notes", "values", "git"]

    def define(app: AppBuilder) -> None:
        for name in names:
            app.add_container(name, "busybox:1.35").with_http_endpoint(target_port=80)

    charts.publish(define)

    assert charts.render().keys() == {(kind, name) for name in names for kind in ("Deployment", "Service")}


def test_several_environments_are_a_folder_each(charts: Charts) -> None:
    """Each environment must be a chart of its own, with its own properties and ingresses."""

    def define(app: AppBuilder) -> None:
        staging = app.add_kubernetes_environment("staging").with_properties(helm_chart_version="2.0.0+b.1")
        production = app.add_kubernetes_environment("production").with_properties(default_service_type="LoadBalancer")
        web = app.add_container("web", "nginx:1.22-bookworm").with_http_endpoint(target_port=80)
        web.with_external_http_endpoints().with_compute_environment(staging, production)
        staging.add_ingress("edge").with_path("/", web)

    charts.publish(define)

    staging, production = charts.render(chart="staging"), charts.render(chart="production")
    assert ("Ingress", "edge") in staging
    assert ("Ingress", "edge") not in production
    assert staging["Service", "web"]["metadata"]["labels"]["helm.sh/chart"] == "shop-2.0.0_b.1"
    assert production["Service", "web"]["spec"]["type"] == "LoadBalancer"


def test_the_notes_tell_where_things_are(charts: Charts) -> None:
    """Installing must say what listens where, and what the chart leaves out."""

    def define(app: AppBuilder) -> None:
        shop(app)
        app.add_container("worker", "busybox:1.35").wait_for(app.add_container("idle", "busybox:1.35"))

    charts.publish(define)

    notes = charts.notes(given={"secrets": SECRETS})
    assert notes.startswith("release is installed in the namespace default.")
    assert "api:8080" in notes
    assert "edge: shop.example.com/api -> api" in notes
    assert "worker: its wait for 'idle' is left out: that has no TCP endpoint to ask." in notes


@pytest.mark.parametrize("name", ["y", "on", "null-1", "true", "A_b"])
def test_names_that_yaml_takes_for_something_else(charts: Charts, name: str) -> None:
    """A resource may be called what YAML has another meaning for."""

    def define(app: AppBuilder) -> None:
        app.add_container(name, "busybox:1.35", env={name: "x"})

    charts.publish(define)

    assert charts.render()["ConfigMap", name.lower().replace("_", "-")]["data"] == {name: "x"}


def decoded(secret: dict[str, Any]) -> dict[str, str]:
    return {key: base64.b64decode(text).decode() for key, text in secret["data"].items()}


def expanded(text: str) -> str:
    """What the kubelet makes of an argument in which nothing is a reference."""
    assert not re.search(r"\$\(", text.replace("$$", ""))
    return text.replace("$$", "$")
