"""What decides that a cluster runs something again: names of Jobs and checksums must stay what they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.support.definitions import build

from fairlead import AppBuilder, KubernetesObjects, Mode, ref
from fairlead.publish.chart.conditions import AnyOf, Not, OneOf, Switch
from fairlead.publish.chart.identity import digest
from fairlead.publish.chart.leaves import (
    Builtin,
    ChartValue,
    Checksum,
    Concatenated,
    Conditional,
    Encoded,
    Joined,
    Leaf,
    Mirrored,
    Named,
    Part,
    When,
    WithDefault,
)
from fairlead.publish.chart.open_mapping import OpenMapping
from fairlead.publish.publisher import Rendered, render

VALUE, OTHER = ChartValue(("parameters", "p")), ChartValue(("secrets", "s"))
LEAVES: list[Any] = [
    VALUE,
    ChartValue(("parameters", "p"), "object"),
    Joined(("a", VALUE)),
    Encoded(VALUE, "uri"),
    Encoded(VALUE, "base64"),
    WithDefault(VALUE, "a"),
    WithDefault(VALUE, OTHER),
    Conditional(VALUE, ("true",), "a", "b"),
    Conditional(VALUE, ("true",), "b", "a"),
    Conditional(VALUE, ("on", "true"), "a", "b"),
    Conditional(OTHER, ("true",), "a", "b"),
    Checksum(("a", VALUE)),
    Checksum(("a", VALUE), 10),
    Part(VALUE, "a"),
    Part(VALUE, "a", "b"),
    Concatenated(VALUE),
    Concatenated(VALUE, OTHER),
    Mirrored("a", VALUE),
    Mirrored("a", OTHER),
    Switch(Part(VALUE, "a"), True),
    Switch(Part(VALUE, "a"), False),
    OneOf(VALUE, "a"),
    OneOf(VALUE, "a", "b"),
    Not(VALUE),
    AnyOf(VALUE, OTHER),
    OpenMapping({"a": "b"}, VALUE),
    OpenMapping({"a": "b"}, OTHER),
    Builtin("release"),
    Builtin("namespace"),
    When((VALUE,), "a"),
    When((VALUE, OTHER), "a"),
]


def shop(app: AppBuilder) -> None:
    """A small app with each kind of data that a checksum is taken of."""
    password = app.add_parameter("password", secret=True)
    region = app.add_parameter("region")
    cache = app.add_redis("cache")
    migrate = (
        app.add_container("migrate", "shop/migrate:1.0")
        .with_args("up", region)
        .with_environment("PASSWORD", password)
        .with_environment("LEVEL", "info")
        .wait_for(cache)
    )
    (
        app.add_container("api", "shop/api:1.0")
        .with_http_endpoint(target_port=8000)
        .with_environment("LEVEL", "info")
        .with_environment("CACHE", ref("redis://{h}/{r:uri}", h=cache.endpoint("tcp").host, r=region))
        .with_environment("PASSWORD", password)
        .with_container_files("/etc/shop", {"shop.toml": "a = 1\n"})
        .with_container_files("/etc/shop", {"key": ref("k={p}", p=password)})
        .with_container_files("/srv", {"logo": b"\x00"})
        .wait_for_completion(migrate)
    )


def published() -> Rendered:
    values = {"secrets": {"password": "p"}, "parameters": {"region": "eu"}}
    return render(build(shop, Mode.PUBLISH), format="manifests", values=values)


def test_names_of_jobs_and_checksums_are_pinned() -> None:
    """The same app must get the same Job name, name of its work and checksums from every version of Fairlead.

    A change here creates the Jobs of all users anew, runs their migrations again where the name of the work changes,
    and rolls their pods. If it is meant, say so in CHANGELOG.md.
    """
    files = published().files
    job = yaml.safe_load(files["migrate/job.yaml"])
    deployment = yaml.safe_load(files["api/deployment.yaml"])

    assert job["metadata"]["name"] == "migrate-a599d113a5"
    assert job["spec"]["template"]["spec"]["initContainers"][0]["command"][5] == (
        "migrate-a95d1e7506da9576a298769ef68c2a15"
    )
    assert job["spec"]["template"]["metadata"]["annotations"] == {
        "checksum/config": "eb7b79ebca4053c3def4f84b52ae1d2d0e3db5a3646739edf0c12f73ee903e9e",
        "checksum/secret": "aa06a4b0e3c62beeede10ebb2bbbd738b1b150e17966f52829728c47f28df29c",
    }
    assert deployment["spec"]["template"]["metadata"]["annotations"] == {
        "checksum/config": "bc460bf2fd18829391ce327fe1f810deb360ed8bb05fde10e8dfdf77d79b999c",
        "checksum/files": "8857e8ee4694987cc893c56250c3de6b6ee869d2902bc366380c54f450e3eda3",
        "checksum/secret": "2b9c84222ea02513e67ff08ea11a693c30042abc039a771bee3894b2127a67de",
    }


def test_a_function_that_changes_nothing_changes_no_name() -> None:
    """An app must get the same Job names and checksums where publish_as_kubernetes_service() leaves objects alone."""

    def files(*, with_functions: bool) -> dict[str, str]:
        def define(app: AppBuilder) -> None:
            orders = app.add_postgres("pg").with_data_volume().add_database("orders")
            migrate = app.add_container("migrate", "shop/migrate:1.0").with_reference(orders).wait_for(orders)
            migrate.with_container_files("/etc/shop", {"shop.toml": "a = 1\n"}).with_volume("work", "/work")
            api = app.add_container("api", "shop/api:1.0").with_environment("A", "b").wait_for_completion(migrate)
            for resource in (orders, migrate, api) if with_functions else ():
                resource.publish_as_kubernetes_service(lambda objects: None)

        return render(build(define, Mode.PUBLISH)).files

    assert files(with_functions=True) == files(with_functions=False)


def test_the_names_of_our_classes_are_in_no_hash() -> None:
    """Renaming a class of ours must change no byte of what is published."""
    before = published().files

    with renamed(*Leaf.__subclasses__(), When):
        assert published().files == before


@contextmanager
def renamed(*kinds: type) -> Iterator[None]:
    """Classes with other names inside the block."""
    names = [kind.__name__ for kind in kinds]
    try:
        for kind in kinds:
            kind.__name__ = f"Renamed{kind.__name__}"
        yield
    finally:
        for kind, name in zip(kinds, names, strict=True):
            kind.__name__ = name


def test_every_kind_of_leaf_has_a_hash_of_its_own() -> None:
    """Leaves that differ in kind or in a field must differ in hash, and no kind may be without."""
    assert {type(leaf) for leaf in LEAVES} >= {*Leaf.__subclasses__()} - {Named}
    assert len({digest(leaf) for leaf in LEAVES}) == len(LEAVES)


def test_a_name_that_only_a_renderer_uses_is_in_no_hash() -> None:
    """A text with a name for templates must hash like the text."""
    assert digest({"a": Named("chart.job.a", VALUE)}) == digest({"a": VALUE})


def test_data_can_not_look_like_a_leaf() -> None:
    """A mapping that is written like the canonical form of a leaf must have another hash."""
    assert digest({"$": "value", "path": ["parameters", "p"], "kind": "text"}) != digest(VALUE)
    assert digest({"$$": 1}) != digest({"$": 1})


@given(st.dictionaries(st.text("ab$\ud800é", max_size=3), st.integers() | st.text(max_size=3) | st.booleans()))
def test_the_order_of_keys_is_in_no_hash(content: dict[str, Any]) -> None:
    """Mappings with the same entries must have the same hash, in whatever order they were made."""
    assert digest(content) == digest(dict(reversed(content.items())))


def test_what_has_no_canonical_form_is_refused() -> None:
    """An object without a tag must be an error, not a hash of its representation."""
    with pytest.raises(TypeError, match="object has no canonical form"):
        digest({"a": [object()]})


def test_a_function_changes_the_objects_of_its_own_resource_only() -> None:
    """What a function changes in place must stay as it was in other resources, and in what is published later."""

    def define(app: AppBuilder) -> None:
        def add(objects: KubernetesObjects) -> None:
            objects.container["securityContext"]["capabilities"]["drop"].append("OWN")

        app.add_container("changed", "nginx:1.22").publish_as_kubernetes_service(add)
        app.add_container("other", "nginx:1.22")

    for _ in range(2):
        files = render(build(define, Mode.PUBLISH), format="manifests").files
        assert [files[f"{name}/deployment.yaml"].count("- OWN") for name in ("changed", "other")] == [1, 0]
