"""Where an object names another, the name knows which kind of object it names."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from tests.support.charts import built

from fairlead import AppBuilder
from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.identity import digest
from fairlead.publish.chart.leaves import parts_of
from fairlead.publish.chart.object_names import ObjectName
from fairlead.publish.formats.yaml import Emitter
from fairlead.publish.publisher import render


def everything(app: AppBuilder) -> None:
    """An app with an object of each kind that names another."""
    k8s = app.add_kubernetes_environment("k8s")
    key = app.add_parameter("key", secret=True)
    orders = app.add_postgres("pg").with_data_volume().add_database("orders")
    api = app.add_container("api", "busybox:1.35", env={"KEY": key, "A": "b"}).with_http_endpoint(target_port=80)
    api.with_external_http_endpoints().with_reference(orders).wait_for(orders).with_autoscaling(1, 3)
    api.with_container_files("/etc/api", {"a.conf": "a"}).with_resources(cpu="1")
    files = k8s.add_persistent_volume("files")
    api.with_volume("files", "/files").with_persistent_volume(files)
    app.add_container("user", "busybox:1.35").wait_for(api).with_volume("shared", "/shared")
    app.add_container("other", "busybox:1.35").with_volume("shared", "/shared")
    k8s.add_ingress("edge").with_path("/", api)
    k8s.add_gateway("gate").with_gateway_class("c").with_route("/", api)


def names_in(content: Any) -> set[tuple[str, str]]:
    """The kinds and names that an object, or a part of one, names."""
    if isinstance(content, ObjectName):
        return {(content.kind, str(content))}
    return {found for part in parts_of(content) for found in names_in(part)}


def chart_of_everything() -> Chart:
    return render(built(everything)).charts[""]


def test_each_object_that_is_named_by_another_is_named_with_its_kind() -> None:
    """Every place in which an object of ours names another must say the kind, or nothing could follow a rename."""
    named = {found for chart_object in chart_of_everything().objects for found in names_in(chart_object.body)}

    assert named == {
        ("ConfigMap", "api"),
        ("ConfigMap", "api-files"),
        ("ConfigMap", "pg"),
        ("Deployment", "api"),
        ("Gateway", "gate"),
        ("PersistentVolumeClaim", "files"),
        ("PersistentVolumeClaim", "shared"),
        ("Role", "api"),
        ("Secret", "api"),
        ("Secret", "pg"),
        ("Service", "api"),
        ("Service", "pg"),
        ("Service", "pg-headless"),
        *(("ServiceAccount", name) for name in ("api", "orders", "other", "pg", "user")),
    }


def test_every_name_of_an_object_is_that_of_one_in_the_chart() -> None:
    """A name that leads nowhere must not come out of a definition that takes nothing away."""
    chart = chart_of_everything()
    there = {(chart_object.kind, chart_object.name) for chart_object in chart.objects}
    there |= {("ServiceAccount", account.name) for account in chart.optional_accounts}

    assert {found for chart_object in chart.objects for found in names_in(chart_object.body)} <= there


def test_a_name_is_the_text_that_it_is() -> None:
    """Nothing that is made of a name may tell it from its text: checksums, comparisons, files."""
    name = ObjectName("Service", "api")

    assert name == "api"
    assert digest({"name": name}) == digest({"name": "api"})
    assert Emitter().document({"name": name}) == "name: api\n"


def test_a_copy_of_a_name_knows_its_kind() -> None:
    """Functions of a definition copy objects, and the copies must be followed as well."""
    (copied,) = deepcopy([ObjectName("Service", "api")])

    assert copied.kind == "Service"
