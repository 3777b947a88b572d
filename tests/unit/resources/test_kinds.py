from __future__ import annotations

from typing import Any

import pytest
from tests.support.definitions import build, mistakes, the_mistake

from fairlead import AppBuilder, Generate, Parameter, Workload, ref
from fairlead.resources.kubernetes import KubernetesEnvironment, KubernetesProperties
from fairlead.resources.node import NodeApp
from fairlead.resources.postgres import Postgres
from fairlead.resources.python import PythonApp, UvicornApp


def arguments(resource: Any) -> list[Any]:
    assert isinstance(resource, Workload)
    return [entry.value for entry in resource.arguments]


def test_an_executable_and_its_arguments() -> None:
    """Arguments must be in order: those of add_executable, then args=, then with_args."""
    app = build(lambda app: app.add_executable("t", "run", "dir", "a", 1, args=["b"]).with_args("c", True))

    assert arguments(app["t"]) == ["a", 1, "b", "c", True]


@pytest.mark.parametrize(
    "wrap", [lambda key: key, lambda key: ref("--key={k}", k=key), lambda key: ref("{k:uri}", k=key)]
)
@pytest.mark.parametrize("early", [True, False])
def test_a_secret_in_the_arguments_of_a_process(wrap: Any, early: bool) -> None:
    """A secret in a process's arguments must be a mistake at its own line, however deep it is, without showing it."""

    def define(app: AppBuilder) -> None:
        key = app.add_parameter("key", "hunter2-hunter2", secret=True)
        if early:
            app.add_executable("t", "run", ".", wrap(key))
        else:
            app.add_python_app("t", ".", module="m").with_args(wrap(key))

    error = the_mistake(define)

    assert "everyone" in error.message and "with_environment()" in str(error.remedy)
    assert "hunter2" not in str(error)
    assert error.line == define.__code__.co_firstlineno + (3 if early else 5)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"script": "a.py", "module": "a"},
        {"module": "a", "command": "a"},
        {"script": ""},
        {"module": " "},
        {"command": ""},
        {"command": 1},
    ],
)
def test_python_apps_need_one_program(given: dict[str, Any]) -> None:
    """A Python app must have exactly one of a script, a module and a command."""
    assert the_mistake(lambda app: app.add_python_app("p", ".", **given)).remedy


@pytest.mark.parametrize(
    ("command", "remedy"),
    [
        ("arq worker.Settings --burst", "Write command='arq', args=['worker.Settings', '--burst']."),
        (".venv/bin/arq", "Use add_executable()"),
    ],
)
def test_a_command_is_the_name_of_a_program(command: str, remedy: str) -> None:
    """A command with arguments, or a path, must be a mistake that says how to write it."""
    error = the_mistake(lambda app: app.add_python_app("p", ".", command=command))
    assert repr(command) in error.message
    assert str(error.remedy).startswith(remedy)


@pytest.mark.parametrize("given", [{}, {"script": "a.js", "run": "dev"}, {"run": ""}])
def test_node_apps_need_one_program(given: dict[str, Any]) -> None:
    """A Node app must have either a script or a script of package.json."""
    assert the_mistake(lambda app: app.add_node_app("n", ".", **given)).remedy


@pytest.mark.parametrize("target", ["main", ":app", "main:", "a:b:c", "", " : "])
def test_uvicorn_apps_name_an_app(target: str) -> None:
    """An ASGI app must be named as module:attribute."""
    assert the_mistake(lambda app: app.add_uvicorn_app("u", ".", target)).remedy == 'Write "package.module:app".'


def test_what_apps_know() -> None:
    """Python, uvicorn, Node and Vite apps must keep what their drivers need, and have the endpoints they promise."""

    def define(app: AppBuilder) -> None:
        app.add_python_app("p", "api", script="main.py")
        app.add_uvicorn_app("u", "api", "main:app", reload=True)
        app.add_node_app("n", "web", run="start")
        app.add_vite_app("v", "web")
        app.add_python_app("c", "api", command="arq")

    app = build(define)
    python, uvicorn, node, vite, command = app.resources

    assert isinstance(python, PythonApp) and (python.script, python.module, python.endpoints) == ("main.py", None, {})
    assert isinstance(command, PythonApp) and (command.command_name, command.module) == ("arq", None)
    assert isinstance(uvicorn, UvicornApp) and (uvicorn.app, uvicorn.reload) == ("main:app", True)
    assert isinstance(node, NodeApp) and (node.script, node.run_script) == (None, "start")
    assert isinstance(vite, NodeApp) and vite.run_script == "dev"
    assert [uvicorn.endpoint().spec.env, vite.endpoint().spec.env] == ["PORT", "PORT"]


def test_postgres_has_a_password() -> None:
    """Postgres must have a generated, secret password parameter as its child, unless one is given."""

    def define(app: AppBuilder) -> None:
        app.add_postgres("pg")
        app.add_postgres("own", password=app.add_parameter("secret", secret=True), user=app.add_parameter("user"))

    app = build(define)
    password = app["pg-password"]

    assert isinstance(password, Parameter) and password.secret and isinstance(password.default, Generate)
    assert password.parent is app["pg"]
    assert "own-password" not in app
    own = app["own"]
    assert isinstance(own, Postgres) and own.password is app["secret"] and own.user is app["user"]


def test_parameters() -> None:
    """A parameter must know its variable, and take numbers as text."""

    def define(app: AppBuilder) -> None:
        app.add_parameter("my-key", secret=True)
        app.add_parameter("count", 3, description="how many")

    key, count = build(define).resources

    assert isinstance(key, Parameter) and (key.variable, key.secret, key.default) == (
        "FAIRLEAD_PARAMETER_MY_KEY",
        True,
        None,
    )
    assert isinstance(count, Parameter) and (count.default, count.secret) == ("3", False)


@pytest.mark.parametrize("secret", [None, "yes", 1])
def test_a_parameter_is_never_public_by_accident(secret: Any) -> None:
    """secret= must be True or False; anything else must not quietly make a secret public."""
    assert "True or False" in the_mistake(lambda app: app.add_parameter("key", secret=secret)).message


def test_properties_of_a_chart() -> None:
    """Known properties must be set, later ones winning."""
    app = build(
        lambda app: app.add_kubernetes_environment("k8s").with_properties(namespace="a").with_properties(namespace="b")
    )
    environment = app["k8s"]

    assert isinstance(environment, KubernetesEnvironment) and environment.properties.namespace == "b"


@pytest.mark.parametrize("name", KubernetesProperties.__dataclass_fields__)
def test_misspelt_properties(name: str) -> None:
    """A misspelt property must suggest the one meant."""
    given: dict[str, Any] = {name[:-1]: "x"}
    error = the_mistake(lambda app: app.add_kubernetes_environment("k8s").with_properties(**given))

    assert error.remedy == f"Did you mean {name!r}?"


def test_ingress_paths() -> None:
    """A path must lead to an endpoint that is there."""

    def define(app: AppBuilder) -> None:
        web = app.add_container("web", "x").with_http_endpoint(target_port=80)
        k8s = app.add_kubernetes_environment("k8s")
        k8s.add_ingress("edge").with_path("/", web).with_path("/api", web.endpoint("lost"), host="example.com")

    (error,) = mistakes(define)

    assert error.resource == "web" and "'lost'" in error.message
