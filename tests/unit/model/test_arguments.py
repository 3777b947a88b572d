"""Every public method of a definition, found by looking, given what it must not be given."""

from __future__ import annotations

import inspect
import signal
import typing
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from tests.support.definitions import build, mistakes

import fairlead
from fairlead import (
    AppBuilder,
    BindMount,
    Container,
    ContainerFile,
    Executable,
    Image,
    Lifetime,
    ModelError,
    Resource,
    Workload,
)
from fairlead.model.containers.configurable import ConfigurableContainer
from fairlead.model.containers.limited import LimitedContainer
from fairlead.model.kubernetes.customization import CustomizableObjects
from fairlead.model.kubernetes.persistent_volumes import PersistentVolume
from fairlead.model.kubernetes.pod_options import PodOptions
from fairlead.model.kubernetes.probes import ProbedWorkload
from fairlead.model.kubernetes.workload_options import KubernetesWorkload
from fairlead.model.programs.command_checks import CommandChecked
from fairlead.model.programs.image import ImageOptions
from fairlead.model.programs.listening import ListeningProgram
from fairlead.model.programs.program import Program
from fairlead.model.programs.volume_mounts import VolumeUser
from fairlead.resources.connection_string import ConnectionString
from fairlead.resources.external import ExternalService
from fairlead.resources.k3s import HelmRelease, K3sCluster
from fairlead.resources.k3s.server import K3sServer
from fairlead.resources.kubernetes import CertManager, Gateway, Ingress, Issuer, KubernetesEnvironment
from fairlead.resources.kubernetes.gateway import GatewayPathType
from fairlead.resources.kubernetes.ingress import IngressPathType
from fairlead.resources.kubernetes.routes import Router
from fairlead.resources.postgres import Postgres


class Anything:
    """Something that no method takes."""

    def __repr__(self) -> str:
        return "anything"


PREFIXES = ("add", "with_", "wait_", "on_", "adopt", "output", "endpoint")

# Something to call each method on.
TARGETS: dict[type, Callable[[AppBuilder], Any]] = {
    AppBuilder: lambda app: app,
    Resource: lambda app: app.add_redis("target"),
    CustomizableObjects: lambda app: app.add_redis("target"),
    ProbedWorkload: lambda app: app.add_redis("target"),
    KubernetesWorkload: lambda app: app.add_redis("target"),
    Program: lambda app: app.add_redis("target"),
    ListeningProgram: lambda app: app.add_redis("target"),
    VolumeUser: lambda app: app.add_redis("target"),
    CommandChecked: lambda app: app.add_redis("target"),
    LimitedContainer: lambda app: app.add_redis("target"),
    ConfigurableContainer: lambda app: app.add_redis("target"),
    PodOptions: lambda app: app.add_redis("target"),
    PersistentVolume: lambda app: app.add_kubernetes_environment("k8s").add_persistent_volume("target"),
    Workload: lambda app: app.add_redis("target"),
    Container: lambda app: app.add_redis("target"),
    Executable: lambda app: app.add_python_app("target", ".", script="main.py"),
    Postgres: lambda app: app.add_postgres("target"),
    ExternalService: lambda app: app.add_external_service("target", "https://example.com"),
    ConnectionString: lambda app: app.add_connection_string("target"),
    KubernetesEnvironment: lambda app: app.add_kubernetes_environment("target"),
    Router: lambda app: app.add_kubernetes_environment("k8s").add_ingress("target"),
    Ingress: lambda app: app.add_kubernetes_environment("k8s").add_ingress("target"),
    Gateway: lambda app: app.add_kubernetes_environment("k8s").add_gateway("target"),
    CertManager: lambda app: app.add_kubernetes_environment("k8s").add_cert_manager("target"),
    Issuer: lambda app: app.add_kubernetes_environment("k8s").add_cert_manager("certs").add_issuer("target"),
    K3sServer: lambda app: app.add_k3s_cluster("target"),
    K3sCluster: lambda app: app.add_k3s_cluster("target"),
    Image: lambda app: app.add_image("target", "."),
    ImageOptions: lambda app: app.add_redis("target"),
    HelmRelease: lambda app: app.add_k3s_cluster("k8s").add_helm_release("target", "./chart"),
}

# A good argument for each parameter that has no default, by its name.
GOOD: dict[str, Callable[[AppBuilder], Any]] = {
    "name": lambda app: "something",
    "labels": lambda app: {"disk": "fast"},
    "image": lambda app: "nginx",
    "context": lambda app: "./api",
    "directory": lambda app: "./api",
    "command": lambda app: "true",
    "app": lambda app: "main:app",
    "url": lambda app: "https://example.com",
    "resource": lambda app: Container("other", "nginx"),
    "child": lambda app: Container("other", "nginx"),
    "other": lambda app: app.add_redis("other"),
    "parent": lambda app: app.add_redis("other"),
    "program": lambda app: "busybox",
    "target": lambda app: "/there",
    "value": lambda app: "text",
    "count": lambda app: 2,
    "check": lambda app: lambda: None,
    "function": lambda app: lambda: None,
    "hook": lambda app: lambda: None,
    "kind": lambda app: "liveness",
    "entries": lambda app: {"a.txt": "text"},
    "tag": lambda app: "1",
    "registry": lambda app: "registry.example.com",
    "policy": lambda app: "always",
    "lifetime": lambda app: Lifetime.PERSISTENT,
    "platform": lambda app: "linux/arm64",
    "source": lambda app: "./here",
    "path": lambda app: "/path",
    "key": lambda app: "key",
    "pool": lambda app: app.add_kubernetes_environment("k8s").add_node_pool("pool"),
    "volume": lambda app: app.add_kubernetes_environment("k8s").add_persistent_volume("data"),
    "amount": lambda app: "1Gi",
    "mode": lambda app: "ReadWriteMany",
    "minimum": lambda app: 1,
    "maximum": lambda app: 3,
    "module": lambda app: "main",
    "chart": lambda app: "oci://charts.example.com/redis",
    "version": lambda app: "1.2.3",
    "content": lambda app: {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "more"}},
    "host": lambda app: "shop.example.com",
    "signal": lambda app: "SIGINT",
    "seconds": lambda app: 30,
    "stdin": lambda app: "closed",
    "cidr": lambda app: "10.52.0.0/16",
    "component": lambda app: "traefik",
    "argument": lambda app: "--kubelet-arg=max-pods=50",
    "service": lambda app: "web",
    "port": lambda app: 80,
    "runner": lambda app: "host",
    "email": lambda app: "admin@example.com",
    "secret_name": lambda app: "my-certificate",
    "user": lambda app: "1000:1000",
    "size": lambda app: "64m",
    "soft": lambda app: 1024,
    "address": lambda app: "10.0.0.1",
    "host_path": lambda app: "/dev/fuse",
    "solver": lambda app: {"dns01": {"route53": {"region": "eu-central-1"}}},
}
GOOD_BY_METHOD: dict[str, dict[str, Callable[[AppBuilder], Any]]] = {
    "with_path": {"target": lambda app: app.add_container("other", "nginx").with_http_endpoint(target_port=80)},
    "add_node_app": {"script": lambda app: "server.js"},
    "with_route": {"target": lambda app: app.add_container("other", "nginx").with_http_endpoint(target_port=80)},
    "with_default_backend": {
        "target": lambda app: app.add_container("other", "nginx").with_http_endpoint(target_port=80)
    },
    "add_helm_chart": {"name": lambda app: "release"},
    "with_k3s_version": {"version": lambda app: "v1.36.0-k3s1"},
    "with_workload": {"kind": lambda app: "Deployment"},
    "with_reclaim_policy": {"policy": lambda app: "Delete"},
    "with_ulimit": {"name": lambda app: "nofile"},
    "with_source": {"source": lambda app: {"nfs": {"server": "files", "path": "/"}}},
}
# What makes a call of the method good that has only defaults.
NEEDED: dict[str, tuple[str, ...]] = {"add_python_app": ("module",), "add_node_app": ("script",)}

# What makes sense of a method that does nothing by its defaults alone.
SENSIBLE: dict[str, dict[str, object]] = {
    "with_entrypoint": {"command": "sh"},
    "with_http_endpoint": {"target_port": 80},
    "with_disruption_budget": {"min_available": 1},
    "with_persistent_volume": {"target": "/data"},
    "with_resources": {"cpu": "250m"},
    "add_helm_chart": {"version": "1.2.3"},
    "with_memory": {"limit": "512m"},
    "with_cpu": {"limit": 1.5},
    "with_helm_image": {"tag": "3.18.0"},
    "with_kubectl_image": {"tag": "1.35.0"},
}

# Parameters for which blank text is a sound value.
BLANK_IS_GOOD = {"default", "description", "value"}
# And those of single methods.
EMPTY_IS_GOOD = {("with_storage_class", "name"), ("with_node_affinity", "values")}
# Parameters whose inside is looked at when the app is published, not before.
READ_LATER = {"content", "values"}
# Parameters that take several texts.
LISTS = {"values_files", "hosts"}
# And those of single methods.
LISTS_OF = {("with_command_health_check", "command")}
# Numbers that may be below zero.
SIGNED = {("with_ulimit", "soft"), ("with_ulimit", "hard")}
# Parameters that take any structure of plain data.
STRUCTURES = {("with_helm_value", "value")}
# Parameters for which no text at all is a sound value, because None says so.
NONE_IS_GOOD = {("with_volume", "name")}


def methods(owner: type) -> list[str]:
    return [name for name, member in vars(owner).items() if inspect.isfunction(member) and name.startswith(PREFIXES)]


def parameters(owner: type, method: str) -> dict[str, inspect.Parameter]:
    found = dict(inspect.signature(getattr(owner, method)).parameters)
    found.pop("self")
    return found


def wrong_values(owner: type, method: str, parameter: inspect.Parameter) -> Iterator[object]:
    """What must be a mistake for a parameter, by its annotation."""
    hint = str(parameter.annotation)
    takes_function = "Hook" in hint or "Callback" in hint
    yield Anything()
    if not hint.endswith("None") and (method, parameter.name) not in NONE_IS_GOOD:
        yield None
    if "str" in hint and "Mapping" not in hint and parameter.name not in BLANK_IS_GOOD:
        yield from wrong_texts(method, parameter.name, hint)
    if takes_words(owner, method, parameter.name):
        yield from ("nonsense", "", *([] if hint == "Gpus" else [5]))
    if "int" in hint and "str" not in hint:
        yield from ("5", 1.5, True, *([] if (method, parameter.name) in SIGNED else [-1]))
    if hint == "bool":
        yield from (1, "yes", None)
    if "Resource" in hint or hint in ("C", "R"):
        yield from ("name", Resource, Container)
    if takes_function:
        yield from ("name", 5)
    if "Mapping" in hint:
        yield from wrong_mappings(method, parameter.name, hint)
    if hint in ("EnvironmentEntry", "Argument"):
        yield from (["a"], b"bytes", {}, "zero\0byte")


def wrong_texts(method: str, name: str, hint: str) -> Iterator[object]:
    if (method, name) not in EMPTY_IS_GOOD:
        yield ""
    takes_list = name in LISTS or (method, name) in LISTS_OF
    is_number = "int" in hint or "float" in hint
    yield from ("  ", b"bytes", *([] if takes_list else [["a"]]), *([] if is_number else [5]))


#: The public names: some of AppBuilder's annotations are loaded by the methods that have them.
PUBLIC = {name: getattr(fairlead, name) for name in fairlead._HOME}


def takes_words(owner: type, method: str, parameter: str) -> bool:
    """Whether a parameter takes some words only."""
    hint = typing.get_type_hints(getattr(owner, method), localns=PUBLIC).get(parameter)
    return any(get_origin(each) is Literal for each in (hint, *get_args(hint)))


def wrong_mappings(method: str, name: str, hint: str) -> Iterator[object]:
    if (method, name) in STRUCTURES:
        yield from (b"bytes", {None: "a"}, [{5: "a"}])
        return
    yield from (5, ["a"], *([] if "str |" in hint else ["text"]))
    if name not in READ_LATER:
        yield from ({"a.txt": None}, {None: "a"})


def is_needed(method: str, parameter: inspect.Parameter) -> bool:
    without_default = parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD
    return without_default or parameter.name in NEEDED.get(method, ())


def call(app: AppBuilder, owner: type, method: str, replaced: Mapping[str, object]) -> object:
    target = TARGETS[owner](app)
    positional: list[object] = []
    keywords: dict[str, object] = {}
    has_gap = False
    for name, parameter in parameters(owner, method).items():
        if name in replaced:
            value = replaced[name]
        elif parameter.kind is parameter.VAR_POSITIONAL:
            continue
        elif (
            parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD
        ) or name in NEEDED.get(method, ()):
            value = (GOOD_BY_METHOD.get(method, {}).get(name) or GOOD[name])(app)
        else:
            has_gap = True
            continue
        by_place = parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.VAR_POSITIONAL)
        if by_place and not has_gap and not keywords:
            positional.append(value)
        else:
            keywords[name] = value
    return getattr(target, method)(*positional, **keywords)


def mistakes_of_call(owner: type, method: str, replaced: Mapping[str, object]) -> list[ModelError]:
    return mistakes(lambda app: call(app, owner, method, replaced))


@pytest.mark.parametrize("owner", TARGETS)
def test_a_wrong_argument_is_a_mistake(owner: type) -> None:
    """None, a blank or a wrong type must be collected as a mistake with resource, line and remedy, never raise."""
    assert [problem for method in methods(owner) for problem in problems_of(owner, method)] == []


def problems_of(owner: type, method: str) -> Iterator[str]:
    """What is not told as it should be, for each wrong value of each parameter."""
    for name, parameter in parameters(owner, method).items():
        if parameter.kind is parameter.VAR_KEYWORD:
            continue
        for value in wrong_values(owner, method, parameter):
            found = mistakes_of_call(owner, method, {name: value})
            if not found or not all(is_told_well(error) for error in found):
                yield f"{owner.__name__}.{method}({name}={value!r:.20}): {found}"


def is_told_well(error: ModelError) -> bool:
    """Whether a mistake has a resource, a place in this file and a remedy, and is nothing that was raised."""
    is_complete = bool(error.resource and error.message and error.remedy and error.line)
    return is_complete and "raised" not in error.message and error.file == __file__


@pytest.mark.parametrize("owner", TARGETS)
def test_the_good_arguments_are_good(owner: type) -> None:
    """Each method must accept the arguments that the other tests replace one by one."""
    found = {
        method: [error for error in errors if "not part of this app" not in error.message]
        for method in methods(owner)
        if (errors := mistakes_of_call(owner, method, SENSIBLE.get(method, {})))
    }

    assert {method: errors for method, errors in found.items() if errors} == {}


def test_no_public_method_is_forgotten() -> None:
    """A new kind with methods of its own must be added to the targets of these tests."""
    kinds = {Resource, *subclasses(Resource)}
    own = {
        kind
        for kind in kinds
        if kind.__module__.startswith("fairlead.")
        and any(
            inspect.isfunction(member) and name.startswith(("add_", "with_", "wait_"))
            for name, member in vars(kind).items()
        )
    }

    assert own <= TARGETS.keys()


def subclasses(kind: type) -> set[type]:
    direct: list[type] = kind.__subclasses__()
    return {each for child in direct for each in {child, *subclasses(child)}}


OPTIONS: dict[str, list[object]] = {
    "env": [None, "A=1", ["A"], {"A": None}, {"": "x"}, {1: "x"}, {"A=B": "x"}],
    "env_file": [None, "", 5, [".env"]],
    "args": [None, "text", b"bytes", 5, [None], [["a"]]],
    "ports": [None, 80, {"http": "80"}, {"http": 0}, {"": 80}, {"http": 70000}, {"http": True}],
    "references": [None, "cache", [None], ["cache"], 5],
    "wait_for": [None, "cache", [None], ["cache"], 5],
    "wait_for_completion": [None, "cache", [None], 5],
    "replicas": [None, 0, -1, "2", True, 1.5],
    "explicit_start": [None, 1, "yes"],
    "group": [None, "", "a b", 5, [None], []],
    "restart": [None, 5, "", True, "never", "unless-stopped"],
    "max_restarts": [None, 5, "5"],
    "stop_signal": [None, "", 15, "SIGNOTHING", "SIGSTOP"],
    "stop_timeout": [None, 0, -1, "5", True, float("nan"), float("inf")],
    "volumes": [None, "v:/x", ["v"], {"v": "relative"}, {"": "/x"}, {"v": None}],
    "lifetime": [None, "for ever", True],
    "watch": [None, 5, "", [None], {"a": 1}.values()],
    "platform": [None, 5, "", "amd64", "linux", "linux/x86_64", "linux/amd64,linux/arm64", "windows/amd64"],
    "health_command": [None, "", [], [""], [5], 5, b"true", ["a", "\0"]],
    "image_health_check": [None, 1, "no"],
    "user": [None, "", -1, True, "a:b:c", "a b"],
    "read_only_root": [None, 1, "yes"],
    "tmpfs": [None, 5, "relative", ["/a", "/a"], ["/a", "/a/"], [None]],
    "shm_size": [None, "", "many", 0, -1, True, "0", "1.5.5m", "10x"],
    "cap_add": [None, "SYS_PTRACE", ["NONSENSE"], [5], [""]],
    "cap_drop": [None, "ALL", ["NONSENSE"], [None]],
    "sysctls": [None, ["a=1"], {"a": None}, {"": "1"}, {"a=b": "1"}, {"a": True}, {"a": ""}],
    "ulimits": [None, {"nofiles": 5}, {"nofile": "5"}, {"nofile": -2}, {"nofile": (1, "2")}, {"nofile": (1, 2, 3)}],
    "init": [None, 1],
    "host_name": [None, "", "a b", "-a", "a" * 64, 5],
    "extra_hosts": [
        None,
        {"a": "b"},
        {"a": ""},
        {"": "10.0.0.1"},
        {"a:b": "10.0.0.1"},
        {"host.docker.internal": "::1"},
    ],
    "privileged": [None, "yes"],
    "devices": [None, "ttyUSB0", [5], 5],
    "gpus": [None, 0, "some", True, 1.5],
    "labels": [None, {"a": None}, {"": "b"}, {"dev.fairlead.app": "x"}, {"a=b": "x"}],
    "log_driver": ["", "gelf", 5],
    "log_options": [None, {"max_size": None}, {"max_size": ""}, {"max_size": True}],
    "working_directory": [None, "", "app", 5],
    "memory": [None, "", "lots", 0, True],
    "cpu": [None, "", "lots", 0, -1, True, float("nan"), float("inf")],
}


@pytest.mark.parametrize("option", OPTIONS)
def test_a_wrong_option_is_a_mistake(option: str) -> None:
    """The keywords of add_… must be checked like the calls they stand for."""
    for value in OPTIONS[option]:
        found = mistakes_of_options(**{option: value})

        assert found, value
        assert all(error.resource == "web" and is_told_well(error) for error in found), (value, found)


def mistakes_of_options(**options: Any) -> list[ModelError]:
    return mistakes(lambda app: app.add_container("web", "nginx", **options))


def test_all_options_are_tried() -> None:
    """Each keyword that add_container documents must be among those tried."""
    from fairlead.options import ContainerOptions

    assert typing.get_type_hints(ContainerOptions).keys() == OPTIONS.keys()


def test_an_unknown_option_suggests_the_nearest() -> None:
    """A misspelt keyword must be a mistake that names the one meant."""
    options: Any = {"enviroment": {}, "replica": 2, "zzz": 1}
    first, second, third = mistakes(lambda app: app.add_container("web", "nginx", **options))

    assert "env" in str(first.remedy)
    assert second.remedy == "Did you mean 'replicas'?"
    assert "'volumes'" in str(third.remedy)


def test_containers_only_options() -> None:
    """A keyword of containers must be a mistake on a process."""
    options: Any = {"volumes": {"v": "/x"}}

    assert len(mistakes(lambda app: app.add_executable("tool", "true", **options))) == 1


def test_options_are_the_calls() -> None:
    """Every keyword must do what the call does that it stands for."""

    def by_keywords(app: AppBuilder) -> None:
        cache = app.add_redis("cache")
        job = app.add_executable("job", "true")
        app.add_container(
            "web",
            "nginx",
            env={"A": "1"},
            env_file=".env",
            args=["x", 2],
            ports={"http": 80, "admin": 81},
            references=[cache],
            wait_for=cache,
            wait_for_completion=[job],
            replicas=2,
            explicit_start=True,
            restart="on-failure",
            max_restarts=3,
            stop_signal="INT",
            stop_timeout=30,
            volumes={"data": "/data"},
            lifetime=Lifetime.PERSISTENT,
            platform="linux/arm64",
            watch="site",
            health_command=["curl", "-f", "localhost"],
            image_health_check=False,
            user=1000,
            read_only_root=True,
            tmpfs=["/tmp", "/run"],
            shm_size="1g",
            cap_add=["sys_ptrace"],
            cap_drop=["CAP_MKNOD"],
            sysctls={"net.core.somaxconn": 1024},
            ulimits={"nofile": (1024, 65536), "memlock": -1},
            init=True,
            host_name="front",
            extra_hosts={"db.internal": "10.0.0.7"},
            privileged=True,
            devices="/dev/fuse",
            gpus="all",
            labels={"com.example.team": "web"},
            log_driver="local",
            log_options={"max-size": "10m", "max_file": 3},
            working_directory="/srv",
            memory="512m",
            cpu=1.5,
        ).with_args("y")

    def by_calls(app: AppBuilder) -> None:
        cache = app.add_redis("cache")
        job = app.add_executable("job", "true")
        web = app.add_container("web", "nginx").with_environment("A", "1").with_args("x", 2, "y").with_reference(cache)
        web.with_env_file(Path(".env"))
        web.with_endpoint("http", target_port=80).with_endpoint("admin", target_port=81).with_volume("data", "/data")
        web.wait_for(cache).wait_for_completion(job).with_replicas(2).with_explicit_start()
        web.with_restart("on-failure", max_restarts=3).with_stop_signal(signal.SIGINT).with_stop_timeout(30.0)
        web.with_lifetime(Lifetime.PERSISTENT).with_platform("linux/arm64").with_watch("site")
        web.with_command_health_check(["curl", "-f", "localhost"]).with_user("1000").with_read_only_root()
        web.with_image_health_check(False)
        web.with_tmpfs("/tmp").with_tmpfs("/run").with_shm_size(1024**3).with_capabilities(["SYS_PTRACE"], ["MKNOD"])
        web.with_sysctl("net.core.somaxconn", "1024").with_ulimit("nofile", 1024, 65536).with_ulimit("memlock", -1, -1)
        web.with_init().with_host_name("front").with_extra_host("db.internal", "10.0.0.7").with_privileged()
        web.with_device("/dev/fuse").with_gpus().with_label("com.example.team", "web").with_working_directory("/srv")
        web.with_log_options("local", max_size="10m", max_file="3").with_memory("512Mi").with_cpu("1.5")

    first, second = (told(build(define)["web"]) for define in (by_keywords, by_calls))

    assert first == second


def told(web: Resource) -> object:
    assert isinstance(web, Container)
    return (
        [(variable.name, variable.value) for variable in web.environment],
        [argument.value for argument in web.arguments],
        [(file.path, file.publish) for file in web.env_files],
        [(spec.name, spec.scheme, spec.target_port) for spec in web.endpoints.values()],
        [reference.target.name for reference in web.references],
        [(wait.target.name, wait.kind) for wait in web.waits],
        (web.replicas, web.explicit_start, web.volumes, web.lifetime, web.platform),
        (web.restart, web.max_restarts, web.stop_signal, web.stop_timeout),
        [(watch.path, watch.action) for watch in web.watches],
        (web.settings, web.health_checks, web.image_health_check),
    )


@pytest.mark.parametrize(
    "entries",
    [
        None,
        "text",
        [None],
        ["a.txt"],
        [ContainerFile("a.txt")],
        [ContainerFile("", "x")],
        [ContainerFile("a.txt", "x", source="b.txt")],
        [ContainerFile("a.txt", 5)],  # type: ignore[arg-type]
        [ContainerFile(None, "x")],  # type: ignore[arg-type]
        [BindMount("a", "/a")],
        {"a.txt": None},
    ],
)
def test_wrong_container_files(entries: Any) -> None:
    """Every wrong shape of container files must be a mistake, also deep inside."""
    found = mistakes(lambda app: app.add_redis("cache").with_container_files("/etc", entries))

    assert found and all("ContainerFile" in str(error.remedy) for error in found)


@pytest.mark.parametrize(
    "url",
    ["example.com", "http://", "/path", "http://[::1", "http://x:99999", "http://x:port", "http://:80", "mailto:x"],
)
def test_addresses_of_external_services_are_checked(url: str) -> None:
    """A text that is no absolute address must be a mistake, whatever is wrong with it."""
    (error,) = mistakes(lambda app: app.add_external_service("mail", url))

    assert "not an absolute address" in error.message


@pytest.mark.parametrize(
    "declare",
    [
        lambda tool, function: tool.with_command("go", function),
        lambda tool, function: tool.with_health_check(function),
        lambda tool, function: tool.on_ready(function),
        lambda tool, function: tool.with_environment("A", function),
        lambda tool, function: tool.with_args(function),
    ],
)
def test_functions_that_need_too_much(declare: Any) -> None:
    """A function that can't be called with the context alone must be a mistake where it is given."""

    def define(app: AppBuilder) -> None:
        tool = app.add_executable("tool", "x")
        declare(tool, lambda first, second: None)
        declare(tool, lambda *, needed: None)

    assert [error.message.partition("() ")[2] for error in mistakes(define)] == [
        "got a function that needs more arguments than the context"
    ] * 2


def in_cluster(app: AppBuilder) -> tuple[KubernetesEnvironment, Container]:
    api = app.add_container("api", "busybox:1.35").with_http_endpoint(target_port=80).with_external_http_endpoints()
    return app.add_kubernetes_environment("k8s"), api


def test_names_that_a_cluster_refuses_are_mistakes() -> None:
    """Names, labels, annotations and schedules that the API server refuses must be mistakes at their lines."""

    def define(app: AppBuilder) -> None:
        k8s, api = in_cluster(app)
        k8s.with_image_pull_secrets("Bad Name", "good")
        k8s.add_ingress("edge").with_ingress_class("my class").with_tls(
            "my secret", issuer="LetsEncrypt"
        ).with_ingress_annotation("k!", "v")
        k8s.add_gateway("gate").with_gateway_class("Upper").with_gateway_annotation("a/b/c", "v")
        k8s.add_node_pool("gpu", {"bad key!": "x", "good": "bad value"})
        k8s.add_node_pool("n" * 64)
        volume = k8s.add_persistent_volume("data").with_storage_class("Fast One").with_existing_claim("my claim")
        volume.with_volume_annotation("-x", "v")
        api.with_service_account("Me", annotations={"a b": "c"}).with_workload("CronJob", schedule="nonsense")

    found = mistakes(define)

    named = "which no object in a cluster can be called"
    assert all(error.remedy and error.file == __file__ for error in found)
    assert [f"{error.resource}: {error.message}" for error in found] == [
        f"k8s: with_image_pull_secrets() got 'Bad Name' as a name, {named}",
        f"edge: with_ingress_class() got 'my class' as name, {named}",
        f"edge: with_tls() got 'my secret' as secret_name, {named}",
        f"edge: with_tls() got 'LetsEncrypt' as issuer, {named}",
        "edge: with_ingress_annotation() got the key 'k!'",
        f"gate: with_gateway_class() got 'Upper' as name, {named}",
        "gate: with_gateway_annotation() got the key 'a/b/c'",
        "k8s: add_node_pool() got the key 'bad key!' of a label",
        "k8s: add_node_pool() got 'bad value' as the label 'good'",
        f"k8s: add_node_pool() got '{'n' * 64}' as the label 'node-pool'",
        f"data: with_storage_class() got 'Fast One' as name, {named}",
        f"data: with_existing_claim() got 'my claim' as name, {named}",
        "data: with_volume_annotation() got the key '-x'",
        f"api: with_service_account() got 'Me' as name, {named}",
        "api: with_service_account() got the key 'a b'",
        "api: the schedule 'nonsense' has 1 fields, and not five",
    ]


@pytest.mark.parametrize("path", ["/x//y", "/a/../b", "/a/./b", "/a/..", "/a/.", "/a%2fb"])
def test_paths_that_no_request_has_are_mistakes(path: str) -> None:
    """A path that the API server refuses must be a mistake, unless the controller reads it in its own way."""

    def define(app: AppBuilder) -> None:
        k8s, api = in_cluster(app)
        edge, gate = k8s.add_ingress("edge"), k8s.add_gateway("gate")
        for in_ingress in get_args(IngressPathType):
            edge.with_path(path, api, path_type=in_ingress)
        for in_gateway in get_args(GatewayPathType):
            gate.with_route(path, api, path_type=in_gateway)
        gate.with_route("/a b", api)

    tidied = f"got {path!r} as path, which no request has once its path is tidied"
    assert [f"{error.resource}: {error.message}" for error in mistakes(define)] == [
        *(2 * [f"edge: with_path() {tidied}"]),
        *(2 * [f"gate: with_route() {tidied}"]),
        "gate: with_route() got '/a b' as path, which is none of a URL",
    ]


def test_names_that_a_cluster_takes_are_taken() -> None:
    """What the API server takes must be no mistake."""

    def define(app: AppBuilder) -> None:
        k8s, api = in_cluster(app)
        k8s.with_image_pull_secrets("my.registry-1")
        edge = k8s.add_ingress("edge").with_ingress_class("nginx.io").with_tls("a.b-c")
        edge.with_ingress_annotation("Nginx.Ingress.Kubernetes.io/Rewrite_target", "/$1")
        edge.with_path("/a..b/.c/ü d", api).with_path("/", api, path_type="Exact")
        k8s.add_gateway("gate").with_route("/a%20b/~c", api).with_route("/.*//x", api, path_type="RegularExpression")
        k8s.add_node_pool("gpu", {"example.com/pool": "", "A_b.c": "X-1"})
        api.with_service_account("robot.1", annotations={"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/x"})

    assert mistakes(define) == []
