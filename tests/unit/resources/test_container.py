from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.support.definitions import Define, build, mistakes, the_mistake

from fairlead import (
    AppBuilder,
    BindMount,
    Container,
    ContainerFile,
    Lifetime,
    Mode,
    Parameter,
    PullPolicy,
    Value,
    VolumeMount,
    ref,
)
from fairlead.model.composition.dependencies import value_uses


def container(define: Define, name: str = "c") -> Container:
    found = build(define)[name]
    assert isinstance(found, Container)
    return found


@pytest.mark.parametrize(
    ("image", "tag", "registry", "expected"),
    [
        ("nginx", None, None, "nginx"),
        ("nginx:1", "2", None, "nginx:2"),
        ("nginx", "2", None, "nginx:2"),
        ("nginx@sha256:abc", "2", None, "nginx:2"),
        ("localhost:5000/nginx", "2", None, "localhost:5000/nginx:2"),
        ("team/app:1", None, "example.com", "example.com/team/app:1"),
        ("ghcr.io/team/app:1", None, "example.com:5000", "example.com:5000/team/app:1"),
        ("localhost/app", None, "example.com", "example.com/app"),
        ("localhost:5000/app:1", "2", "example.com/mirror/", "example.com/mirror/app:2"),
        ("nginx@sha256:abc", None, "example.com", "example.com/nginx@sha256:abc"),
    ],
)
def test_image_references(image: str, tag: str | None, registry: str | None, expected: str) -> None:
    """Tag and registry must replace those of the image, and nothing else of it."""

    def define(app: AppBuilder) -> None:
        web = app.add_container("c", image)
        if registry is not None:
            web.with_image_registry(registry)
        if tag is not None:
            web.with_image_tag(tag)

    assert container(define).image_reference == expected


def test_an_image_given_later_wins() -> None:
    """with_image must replace the image, also that of a kind, and keep a tag asked for before."""
    assert (
        container(lambda app: app.add_redis("c").with_image_tag("8").with_image("valkey:1")).image_reference
        == "valkey:8"
    )


def test_a_dockerfile() -> None:
    """A container with a Dockerfile must have no image, and depend on the values of its build arguments and secrets."""

    def define(app: AppBuilder) -> None:
        key, token = app.add_parameter("key"), app.add_parameter("token", secret=True)
        app.add_dockerfile(
            "c",
            Path("web"),
            "Dockerfile.dev",
            target="dev",
            build_args={"KEY": key, "N": 1},
            build_secrets={"npm.token": ref("x{token}", token=token)},
        )

    built = container(define)

    assert built.build is not None and built.image_reference is None
    assert (built.build.context, built.build.dockerfile, built.build.target) == ("web", "Dockerfile.dev", "dev")
    assert [use.provider.name for use in value_uses(built)] == ["key", "token"]


def test_mounts() -> None:
    """Volumes, data volumes and bind mounts must be kept as they are given."""

    def define(app: AppBuilder) -> None:
        cache = app.add_redis("c").with_data_volume().with_volume("v", "/v", read_only=True).with_volume(None, "/x")
        cache.with_bind_mount(Path("conf"), "/conf", read_only=True)
        app.add_postgres("pg").with_data_volume("mine")

    cache, pg = container(define), container(define, "pg")

    assert cache.volumes == [VolumeMount("c-data", "/data"), VolumeMount("v", "/v", True), VolumeMount(None, "/x")]
    assert cache.bind_mounts == [BindMount("conf", "/conf", True)]
    assert pg.volumes == [VolumeMount("mine", "/var/lib/postgresql/data")]


@pytest.mark.parametrize("second", ["/data", "/data/"])
def test_two_mounts_at_one_place(second: str) -> None:
    """Two mounts at one path must be a mistake, however the path is written."""
    error = the_mistake(lambda app: app.add_redis("c").with_data_volume().with_bind_mount("x", second))

    assert "two things are mounted" in error.message


def test_no_folder_for_data() -> None:
    """with_data_volume on a plain container must be a mistake that shows the call to write."""
    error = the_mistake(lambda app: app.add_container("c", "nginx").with_data_volume())

    assert "with_volume(name, target)" in str(error.remedy)


def test_container_files() -> None:
    """Files must land below the target, from a mapping as from ContainerFile objects, deferred contents among them."""
    key = Parameter("key", secret=True)

    def define(app: AppBuilder) -> None:
        app.add(key)
        files: dict[str, str | bytes | Value] = {"a.txt": "a", "/b/c.bin": b"c", "key": key}
        web = app.add_container("c", "x").with_container_files("/etc/app/", files)
        web.with_container_files("/opt", [ContainerFile("run.sh", source="run.sh", mode=0o755)])

    first, second, third, fourth = container(define).container_files

    assert (first.path, first.contents) == ("/etc/app/a.txt", "a")
    assert (second.path, second.contents) == ("/etc/app/b/c.bin", b"c")
    assert third.contents is key
    assert fourth == ContainerFile("/opt/run.sh", None, "run.sh", 0o755)


@pytest.mark.parametrize("policy", ["always", PullPolicy.ALWAYS])
def test_policies_and_lifetimes(policy: Any) -> None:
    """Policies may be words or members; a lifetime is a member."""
    kept = container(lambda app: app.add_redis("c").with_pull_policy(policy).with_lifetime(Lifetime.PERSISTENT))

    assert kept.pull_policy is PullPolicy.ALWAYS and kept.lifetime is Lifetime.PERSISTENT


def test_a_secret_in_the_arguments_of_a_container() -> None:
    """A secret in a container's arguments must be refused for a run; in a cluster it is a reference to a variable."""
    define: Define = lambda app: app.add_container("c", "x").with_args(app.add_parameter("key", secret=True))  # noqa: E731

    found = the_mistake(define)

    assert "arguments of a container can be seen by everyone" in found.message
    assert found.remedy is not None and "with_environment()" in found.remedy
    assert build(define, Mode.PUBLISH)["c"].name == "c"


def test_a_secret_among_build_arguments() -> None:
    """A secret must be no build argument, since the image's history shows those to whoever has the image."""

    def define(app: AppBuilder) -> None:
        key = app.add_parameter("key", secret=True)
        app.add_dockerfile("c", "web", build_args={"TOKEN": ref("x{key}", key=key)})

    found = the_mistake(define)

    assert "TOKEN" in found.message and "history" in found.message
    assert "build_secrets=" in str(found.remedy)


@pytest.mark.parametrize("given", ["token", ["token"], {"a,b": "x"}, {"": "x"}, {".a": "x"}, {1: "x"}, {"a": None}])
def test_build_secrets_that_make_no_sense(given: Any) -> None:
    """The id of a build secret must be the name of a file, and what it holds a value."""
    found = the_mistake(lambda app: app.add_dockerfile("c", "web", build_secrets=given))

    assert "secret" in found.message and found.remedy


def test_an_anonymous_volume_can_be_written() -> None:
    """An anonymous volume that is read-only must be refused: nobody could ever put anything into it."""
    found = the_mistake(lambda app: app.add_container("c", "x").with_volume(None, "/v", read_only=True))

    assert "read_only" in found.message and found.remedy is not None and "name" in found.remedy


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--no-such-option=1", "--no-such-option is not known. `docker run --help`"),
        ("--memroy=1g", "--memroy is not known. Did you mean --memory?"),
        ("--memory=lots", "'--memory=lots' can't be used: 'lots' is no size"),
        ("--memory", "--memory needs a value"),
        ("256m", "can't be understood"),
        ("--env X=1", "can't be understood"),
        ("--env=TOKEN", "write NAME=value"),
        ("-p=80:80", "-p can't be used: a port is published by with_endpoint"),
        ("--network=host", "all containers of an app share its network"),
        ("--platform=linux/amd64", "there is with_platform()"),
        ("--pull=always", "there is with_pull_policy()"),
        ("--restart=always", "Fairlead itself restarts resources"),
        ("--label=dev.fairlead.run=1", "by labels of this name Fairlead finds what it has to remove"),
        ("--add-host=host.docker.internal:host-gateway", "Fairlead gives each container this name"),
        ("--add-host=db", "has not the form name:value"),
        ("--cpus=inf", "no number of processors"),
        ("--cgroupns=mine", "'mine' is none of host, private"),
        ("--expose=http", "'http' is no whole number"),
        ("--expose=70000", "no port like 8080"),
        ("--tmpfs=run:size=1m", "'run' is no absolute path"),
        ("--volume=./web:/srv", "use with_bind_mount()"),
        ("--volume=web:srv", "'srv' is no absolute path"),
        ("--workdir=srv", "'srv' is no absolute path"),
        ("--sysctl=net.core.somaxconn", "has not the form name=value"),
        ("--ulimit=nofile", "has not the form name=value"),
        ("--privileged=perhaps", "neither true nor false"),
    ],
)
def test_options_that_make_no_sense(option: str, message: str) -> None:
    """An option that no engine could be given must be a mistake of the definition, with its place and what to write."""
    found = the_mistake(lambda app: app.add_container("c", "x").with_container_runtime_args("--init", option))

    assert message in str(found)
    assert (found.resource, found.file) == ("c", __file__)


def test_all_options_that_make_no_sense_are_said() -> None:
    """Each wrong option must be a mistake of its own, beside all other mistakes; what makes sense must be kept."""

    def define(app: AppBuilder) -> None:
        web = app.add_container("c", "x").with_container_runtime_args("--memory=1g", "--memroy=1g", "--tty=maybe", "  ")
        web.with_replicas(0)
        assert web.runtime_args == ["--memory=1g"]

    said = [error.message for error in mistakes(define)]

    assert len(said) == 4
    assert "--memroy is not known" in said[0] and "'--tty=maybe'" in said[1] and "a blank" in said[2]


@pytest.mark.parametrize("secret", [True, False])
def test_a_value_among_the_options(secret: bool) -> None:
    """A value must be no option: a secret one could be read by everyone, and any has a better place."""
    define: Define = lambda app: app.add_container("c", "x").with_container_runtime_args(  # noqa: E731
        app.add_parameter("key", secret=secret)  # type: ignore[arg-type]
    )

    found = the_mistake(define)

    assert ("seen by everyone" in found.message) is secret
    assert "with_environment()" in str(found.remedy)
