"""Whatever a definition says: publishing succeeds or says why, and what it makes is valid and holds no secret."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.support.charts import Charts, built

from fairlead import AppBuilder, Container, ContainerFile, DefinitionError, PublishError, ref
from fairlead.publish.publisher import render

SECRET = "hunter2{{ .Values }}\"'\n$(HOME)"
NAME = re.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?")

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
#: Long names that differ in what has to be cut off, and short ones.
tails = st.text("abcdefghij", min_size=1, max_size=2)
names = st.builds(
    lambda head, length, tail: f"{head * length}"[: 64 - len(tail)] + tail,
    st.sampled_from(["a", "Ab", "x-y", "q_r"]),
    st.sampled_from([1, 40, 64]),
    tails,
).filter(lambda name: re.fullmatch(r"[A-Za-z][A-Za-z0-9]*([-_][A-Za-z0-9]+)*", name) is not None)
paths = st.sampled_from(["a.conf", "deep/b", ".hidden", "b?d"])
relations = st.sampled_from(["ready", "started", "completed", "refer", "link"])
kinds = st.sampled_from([None, "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"])


@dataclass
class Drawn:
    """One container of a generated app."""

    variables: dict[str, str]
    arguments: list[str]
    kind: Any
    port: int | None
    volumes: list[str | None]
    files: dict[str, str | bytes]
    replicas: int
    has_secret: bool
    shares_image: bool
    after: list[tuple[int, str]] = field(default_factory=list)


drawn = st.builds(
    Drawn,
    variables=st.dictionaries(st.from_regex("[A-Z_]{1,8}", fullmatch=True), texts, max_size=3),
    arguments=st.lists(texts, max_size=2),
    kind=kinds,
    port=st.none() | st.integers(1, 65535),
    volumes=st.lists(st.none() | st.sampled_from(["data", "Shared Data", "x" * 70, "ü"]), max_size=2),
    files=st.dictionaries(
        st.sampled_from(["a.conf", "deep/b", ".hidden", "b?d"]), texts | st.binary(max_size=9), max_size=3
    ),
    replicas=st.integers(1, 3),
    has_secret=st.booleans(),
    shares_image=st.booleans(),
    after=st.lists(st.tuples(st.integers(0, 3), relations), max_size=2),
)
apps = st.dictionaries(names, drawn, min_size=1, max_size=4)


def described(app: AppBuilder, wanted: dict[str, Drawn]) -> None:
    key = app.add_parameter("the-key", SECRET, secret=True)
    database = app.add_postgres("pg").with_data_volume().add_database("orders")
    edge = app.add_kubernetes_environment("k8s").add_ingress("edge").with_hostname("shop.example.com")
    image = app.add_image("shared", ".", "Dockerfile")
    made: list[Container] = []
    for name, one in wanted.items():
        source = image if one.shares_image else "busybox:1.35"
        container = app.add_container(name, source, env=one.variables, args=one.arguments)
        container.with_replicas(one.replicas)
        if one.kind is not None:
            container.with_workload(one.kind, schedule="0 3 * * *" if one.kind == "CronJob" else None)
        if one.port is not None:
            container.with_http_endpoint(target_port=one.port)
        for number, volume in enumerate(one.volumes):
            container.with_volume(volume, f"/volume{number}")
        container.with_container_files("/etc/files", [ContainerFile(path, text) for path, text in one.files.items()])
        if one.has_secret:
            container.with_environment("KEY", ref("<{k:uri}>", k=key)).with_args(ref("--key={k}", k=key))
            container.with_container_files("/etc/keys", {"key": ref("k {k}", k=key)}).wait_for(database)
        for number, how in one.after:
            if number < len(made):
                connect(container, made[number], how)
                if how == "link" and made[number].endpoints:
                    edge.with_path(f"/{number}", made[number].with_external_http_endpoints())
        made.append(container)
    edge.with_path("/last", made[-1].endpoint("own"))
    made[-1].with_endpoint("own", scheme="http", target_port=8123, external=True)


def connect(container: Container, other: Container, how: str) -> None:
    if how == "completed":
        container.wait_for_completion(other)
    elif how == "ready":
        container.wait_for(other)
    elif how == "started":
        container.wait_for_start(other)
    elif other.endpoints and how == "refer":
        container.with_reference(other)
    elif other.endpoints:
        container.with_environment("LINK", other.endpoint("http").public_url)


# Each example is linted, rendered and held to two versions of the schemas, so they are few here.
@pytest.mark.timeout(900)
@settings(
    max_examples=8,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),  # to shrink one takes longer than to read it
    suppress_health_check=list(HealthCheck),
)
@given(apps)
def test_any_definition_gives_a_good_chart_or_a_reason(charts: Charts, wanted: dict[str, Drawn]) -> None:
    """A generated app must give a chart that helm and the schemas take, or errors of ours; never its secrets."""
    try:
        charts.publish(lambda app: described(app, wanted))
    except (PublishError, DefinitionError) as error:
        assert error.errors
        assert "hunter2" not in str(error)
        return

    for file in charts.folder.rglob("*"):
        assert not file.is_file() or b"hunter2" not in file.read_bytes()
    used = {"pg-password": SECRET} | ({"the-key": SECRET} if any(one.has_secret for one in wanted.values()) else {})
    objects = charts.render(used)
    for kind, name in objects:
        assert len(name) <= 63
        assert NAME.fullmatch(name.removesuffix(".generated")), (kind, name)
    in_the_open = [body for (kind, _), body in objects.items() if kind != "Secret"]
    assert "hunter2" not in json.dumps(in_the_open)


@settings(suppress_health_check=list(HealthCheck))
@given(apps)
def test_any_definition_is_published_without_a_surprise(wanted: dict[str, Drawn]) -> None:
    """Many more apps must give files without a secret in them, or errors of ours."""
    try:
        files = render(built(lambda app: described(app, wanted))).files
    except (PublishError, DefinitionError) as error:
        assert error.errors
        assert "hunter2" not in str(error)
    else:
        assert not [path for path, text in files.items() if "hunter2" in text]
