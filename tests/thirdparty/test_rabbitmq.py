"""What publishing makes of a kind that it has never heard of: what the kind says of itself, and no more."""

from __future__ import annotations

from typing import Any

import yaml
from tests.support.definitions import build
from tests.thirdparty.rabbitmq import Consumer, HostedBroker, RabbitMQ

from fairlead import AppBuilder, Mode
from fairlead.publish.publisher import Rendered, render


def define(app: AppBuilder) -> None:
    broker = app.add(RabbitMQ("broker")).with_data_volume().with_replicas(2)
    hosted = app.add(HostedBroker("hosted"))
    consumer = app.add(Consumer("consumer", "python", ".")).with_reference(broker).with_reference(hosted)
    consumer.image = "example.com/consumer:1"


def published() -> Rendered:
    return render(build(define, mode=Mode.PUBLISH), format="manifests")


def objects() -> dict[tuple[str, str], Any]:
    """The objects by kind and name."""
    documents = [
        document
        for path, text in published().files.items()
        if path.endswith(".yaml")
        for document in yaml.safe_load_all(text)
        if document and "kind" in document
    ]
    return {(document["kind"], document["metadata"]["name"]): document for document in documents}


def test_its_pods_have_names_that_last() -> None:
    """It must be a StatefulSet, whose pods keep their host names, with its data in the folder that it asks for."""
    broker = objects()["StatefulSet", "broker"]["spec"]
    (container,) = broker["template"]["spec"]["containers"]

    assert broker["serviceName"] == "broker-headless"
    assert container["volumeMounts"] == [{"name": "broker-data", "mountPath": "/var/lib/rabbitmq", "subPath": "mnesia"}]


def test_its_names_last_without_a_volume() -> None:
    """Also a broker that keeps nothing must be found by the same names after a restart of its pod."""

    def bare(app: AppBuilder) -> None:
        app.add(RabbitMQ("broker"))

    chart = render(build(bare, mode=Mode.PUBLISH)).charts[""]

    assert [found.kind for found in chart.objects if found.kind != "ServiceAccount"] == [
        "StatefulSet",
        "Service",
        "Service",
    ]


def test_it_is_asked_as_it_says() -> None:
    """Its own command must be the readiness probe, with the time that it needs to answer."""
    (container,) = objects()["StatefulSet", "broker"]["spec"]["template"]["spec"]["containers"]

    assert container["readinessProbe"]["exec"] == {"command": ["rabbitmq-diagnostics", "-q", "ping"]}
    assert container["readinessProbe"]["timeoutSeconds"] == 15


def test_it_keeps_the_rights_that_its_image_needs() -> None:
    """All capabilities but those that it names must be dropped."""
    (container,) = objects()["StatefulSet", "broker"]["spec"]["template"]["spec"]["containers"]

    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"], "add": ["CHOWN", "SETGID", "SETUID"]}


def test_its_replicas_get_a_warning() -> None:
    """Two pods with data of their own must be warned of; an address of its kind is no loss, and gets none."""
    assert [(warning.resource, warning.message) for warning in published().warnings] == [
        ("broker", "each of its 2 pods is a RabbitMQ with data of its own, and callers get any of them")
    ]


def test_its_command_in_a_cluster() -> None:
    """Its cluster half must say how its program is started, and its consumers must get all addresses."""
    (container,) = objects()["Deployment", "consumer"]["spec"]["template"]["spec"]["containers"]
    config = objects()["ConfigMap", "consumer"]["data"]

    assert (container["command"], container["args"]) == (["consume"], ["--workers", "1"])
    assert config["ConnectionStrings__broker"] == "amqp://broker:5672"
    assert config["ConnectionStrings__hosted"] == "amqps://broker.example.com:5671"
