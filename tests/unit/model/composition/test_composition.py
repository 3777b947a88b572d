"""What a program is started with is composed once, and a run and a chart only resolve it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.support.definitions import build, mistakes, spelled, the_mistake

from fairlead import (
    AppBuilder,
    Apphost,
    BindMount,
    Consumer,
    ContainerFile,
    Contribution,
    DefinitionError,
    Mode,
    Network,
    Resource,
    VolumeMount,
    Workload,
    ref,
)
from fairlead.model.app import App
from fairlead.model.composition.composition import Composition, compose
from fairlead.model.composition.contributions import consumer_of
from fairlead.model.programs.inputs import ArgumentEntry, Variable
from fairlead.model.resource import endpoint_handles
from fairlead.runtime.plan import plan_run

MODES = [Mode.RUN, Mode.PUBLISH]


class Gift(Resource):
    """A third-party kind whose ``contribute()`` does what the test says."""

    kind = "Gift"
    driver = "elsewhere:GiftDriver"

    def __init__(self, name: str, contributes: Callable[[Consumer], Any]) -> None:
        super().__init__(name)
        self.contributes = contributes

    def contribute(self, consumer: Consumer) -> Contribution:
        given: Contribution = self.contributes(consumer)
        return given


def gives(**parts: Any) -> Callable[[Consumer], Contribution]:
    """Contributes what may be of types that no type checker lets pass."""
    return lambda _: Contribution(**parts)


def composition(app: App, name: str, mode: Mode = Mode.RUN, excluded: tuple[str, ...] = ()) -> Composition:
    workload = app[name]
    assert isinstance(workload, Workload)
    return compose(workload, mode, excluded=excluded)


@pytest.mark.parametrize("mode", MODES)
def test_what_comes_first_and_what_wins(mode: Mode) -> None:
    """References must come first, then ports, then the definition; later must win, at the place of the first."""

    def define(app: AppBuilder) -> None:
        first = app.add(Gift("first", lambda _: Contribution(env={"A": "first", "B": "first", "PORT": "first"})))
        second = app.add(Gift("second", lambda _: Contribution(env={"C": "second", "A": "second", "D": "second"})))
        api = app.add_uvicorn_app("api", ".", "api:app").with_environment("D", "own").with_environment("E", "own")
        api.with_reference(first).with_reference(second).with_environment("E", "last").with_args("--one", lambda: "x")

    found = composition(build(define, mode), "api", mode)

    values = spelled({name: variable.value for name, variable in found.variables.items()})
    assert list(values.items()) == [
        ("A", "second"),
        ("B", "first"),
        ("PORT", "<api.endpoint('http').target_port>"),
        ("C", "second"),
        ("D", "own"),
        ("E", "last"),
    ]
    assert [type(variable.source).__name__ for variable in found.variables.values()] == [
        "Reference", "Reference", "EndpointSpec", "Reference", "Variable", "Variable",
    ]  # fmt: skip
    labels = {name: variable.label for name, variable in found.variables.items()}
    assert (labels["C"], labels["D"]) == ("the variable C from 'second'", "the variable D")
    assert [argument.is_callback for argument in found.arguments][-2:] == [False, True]


def test_optional_is_what_brings_it_last() -> None:
    """A variable must be optional exactly when what wins is of an optional reference."""

    def define(app: AppBuilder) -> None:
        gift = app.add(Gift("gift", lambda _: Contribution(env={"A": "x", "PORT": "x", "B": "x"})))
        app.add_uvicorn_app("api", ".", "a:b").with_reference(gift, optional=True).with_environment("B", "own")

    found = composition(build(define), "api")

    assert {name: variable.optional for name, variable in found.variables.items()} == {
        "A": True,
        "PORT": False,
        "B": False,
    }


def test_what_is_overridden_counts_where_what_wins_is_excluded() -> None:
    """Without an excluded resource the next value of a variable must count, and a reference give all or nothing."""

    def define(app: AppBuilder) -> None:
        lost = app.add(Gift("lost", lambda _: Contribution()))
        kept = app.add(Gift("kept", lambda _: Contribution(env={"A": "kept", "B": "kept"})))
        some = app.add(Gift("some", lambda _: Contribution(env={"B": lost.output("b"), "C": "some"})))
        file = ContainerFile("/x", lost.output("file"))
        files = app.add(Gift("files", lambda _: Contribution(env={"F": "files"}, files=(file,))))
        tool = app.add_executable("tool", "x").with_environment("A", ref("{a}", a=lost.output("a")))
        tool.with_reference(kept).with_reference(some).with_reference(files)

    app = build(define)
    found = composition(app, "tool", excluded=("lost",))

    assert {name: variable.value for name, variable in found.variables.items()} == {"A": "kept", "B": "kept"}
    assert [
        getattr(source, "name", None) or getattr(source, "target", app["tool"]).name for source in found.left_out
    ] == [
        "some",
        "files",
        "A",
    ]
    assert [each.reference.target.name for each in found.contributions] == ["kept"]


def test_environment_files_come_first() -> None:
    """What the caller has read of environment files must come first and lose against all else, the later file last."""

    def define(app: AppBuilder) -> None:
        gift = app.add(Gift("gift", gives(env={"B": "gift", "D": "gift"})))
        app.add_executable("tool", "x").with_env_file("a.env").with_env_file("b.env").with_reference(gift)

    tool = build(define)["tool"]
    assert isinstance(tool, Workload)
    first, second = tool.env_files
    files = [(first, {"A": "a.env", "B": "a.env"}), (second, {"A": "b.env", "C": "b.env"})]
    found = compose(tool, Mode.RUN, files=files).variables

    assert {name: variable.value for name, variable in found.items()} == {
        "A": "b.env",
        "B": "gift",
        "C": "b.env",
        "D": "gift",
    }
    assert found["A"].label == "the variable A of b.env"


def test_composing_changes_nothing() -> None:
    """Composing must leave the model as it is, however often it is done."""
    app = build(lambda app: app.add_uvicorn_app("api", ".", "api:app"))
    before = len(endpoint_handles(app["api"]))

    composition(app, "api")

    assert len(endpoint_handles(app["api"])) == before


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("contributes", "message", "remedy"),
    [
        (gives(env={"X": None}), "the variable X from 'gift' is None", "leave the variable out"),
        (gives(env={"X": ["a"]}), "the variable X from 'gift' is list", "text, a number or a def"),
        (gives(env={"X": lambda: "a"}), "the variable X from 'gift' is function", "text, a number"),
        (gives(env={"X": b"a"}), "the variable X from 'gift' is bytes", "text, a number"),
        (lambda _: None, "its reference to 'gift' gives None, and no Contribution", "return Contribution(env="),
        (lambda _: {"X": "a"}, "its reference to 'gift' gives dict, and no Contribution", "return Contribution("),
        (gives(env=None), "its reference to 'gift' gives None in env", "env={'NAME': value}"),
        (gives(env={3: "a"}), "gives int as the name of a variable in env", "by their names"),
        (gives(env={"A=B": "a"}), "gives the variable 'A=B' in env", "by their names"),
        (gives(mounts=("/data",)), "gives str in mounts", "VolumeMount(name, target)"),
        (gives(mounts=VolumeMount("v", "/v")), "gives VolumeMount in mounts", "mounts=(VolumeMount"),
        (gives(extra_hosts=["h"]), "gives list in extra_hosts", "extra_hosts={'host':"),
        (gives(extra_hosts={"h": 1}), "gives int as the address of h in extra_hosts", "'10.0.0.1'"),
        (gives(files=("/etc/x",)), "gives str in files", "ContainerFile(path, contents)"),
        (lambda _: Contribution(files=(ContainerFile("/x"),)), "gives the file /x without contents in files", "files="),
        (lambda _: 1 / 0, "what 'gift' gives it raised ZeroDivisionError: division", "Correct contribute() of Gift."),
    ],
)
@pytest.mark.parametrize("optional", [False, True])
def test_contributions_that_can_not_be_given(
    contributes: Any, message: str, remedy: str, mode: Mode, optional: bool
) -> None:
    """What a kind gives that no program can be given must be one mistake, said of the reference, in both modes."""

    def define(app: AppBuilder) -> None:
        gift = app.add(Gift("gift", contributes))
        app.add_executable("tool", "x").with_reference(gift, optional=optional)

    with pytest.raises(DefinitionError) as caught:
        build(define, mode)

    (error,) = caught.value.errors
    assert error.resource == "tool" and error.file == __file__ and error.line
    assert message in error.message and remedy in str(error.remedy)


def test_good_contributions() -> None:
    """Everything that a contribution may have must be taken, as a list as well."""
    given = Contribution(
        env={"A": "x", "B": 1, "C": True, "D": ref("{x}", x=2)},
        mounts=(VolumeMount("v", "/v"), BindMount("a", "/a")),
        extra_hosts={"h": "10.0.0.1"},
        files=[ContainerFile("/etc/x", "text"), ContainerFile("/etc/y", source="y")],  # type: ignore[arg-type]
    )

    def define(app: AppBuilder) -> None:
        app.add_container("web", "nginx").with_reference(app.add(Gift("gift", lambda _: given)))

    (found,) = composition(build(define), "web").contributions
    assert found.contribution == given


def test_all_mistakes_of_contributions_are_told_at_once() -> None:
    """Each mistake of a contribution must be told, together with the others of the definition."""

    def define(app: AppBuilder) -> None:
        gift = app.add(Gift("gift", gives(env={"A": None, "B": [], "C": "good"}, mounts=(1,))))
        app.add_executable("tool", "x").with_reference(gift)
        app.add_container("web", "  ")

    assert [f"{error.resource}: {error.message.partition(' is ')[0]}" for error in mistakes(define)] == [
        "web: Container() needs text as image, not a blank",
        "tool: its reference to 'gift' gives int in mounts",
        "tool: the variable A from 'gift'",
        "tool: the variable B from 'gift'",
    ]


def test_wrong_values_of_a_kind_itself() -> None:
    """A kind that fills in variables or arguments which can't be any must be told so, like a definition."""

    class Hasty(Workload):
        driver = "elsewhere:HastyDriver"

        def _finish(self) -> None:
            super()._finish()
            self.environment.append(Variable("X", None, self.where))  # type: ignore[arg-type]
            self.arguments.append(ArgumentEntry(["a"], self.where))  # type: ignore[arg-type]

    found = mistakes(lambda app: app.add(Hasty("hasty")))

    assert [error.message for error in found] == ["the variable X is None", "argument 1 is list"]
    assert the_mistake(lambda app: app.add_container("web", None)).resource == "web"  # type: ignore[arg-type]


def test_a_contribution_is_asked_for_where_the_consumer_runs() -> None:
    """A container must be on the containers' network and a process on the host's; all are in pods when published."""
    asked: list[Consumer] = []

    def contributes(consumer: Consumer) -> Contribution:
        asked.append(consumer)
        return Contribution(env={"PATH_OF_IT": "x"})

    def define(app: AppBuilder) -> None:
        gift = app.add(Gift("gift", contributes))
        app.add_executable("process", "x").with_reference(gift)
        app.add_container("container", "nginx").with_reference(gift)
        app.add_container("perhaps", "nginx").with_reference(gift, "other", optional=True)

    plan_run(Apphost(define, name="shop").build(Mode.RUN), (), ["gift"])

    networks: dict[str, set[tuple[Network, Mode]]] = {}
    for consumer in asked:
        networks.setdefault(consumer.resource.name, set()).add((consumer.network, consumer.mode))
    assert networks == {
        "process": {(Network.HOST, Mode.RUN)},
        "container": {(Network.CONTAINER, Mode.RUN)},
        "perhaps": {(Network.CONTAINER, Mode.RUN)},
    }
    assert {consumer.connection_name for consumer in asked if consumer.resource.name == "perhaps"} == {"other"}

    asked.clear()
    build(define, Mode.PUBLISH)
    assert {(consumer.network, consumer.mode) for consumer in asked} == {(Network.POD, Mode.PUBLISH)}


def test_consumers() -> None:
    """A consumer must be where its resource is."""
    app = build(lambda app: (app.add_container("a", "nginx"), app.add_executable("b", "x")))

    assert [consumer_of(app[name], Mode.RUN).network for name in "ab"] == [Network.CONTAINER, Network.HOST]
    assert [consumer_of(app[name], Mode.PUBLISH).network for name in "ab"] == [Network.POD, Network.POD]


def test_each_variable_tells_where_it_comes_from() -> None:
    """The origin must name the reference, parameter, output, address, file, endpoint or function that gave it."""

    def region() -> str:
        return "eu"

    def define(app: AppBuilder) -> None:
        password = app.add_parameter("pg-password", secret=True)
        pg = app.add_postgres("pg", password=password)
        other = app.add_container("other", "nginx:1.22").with_http_endpoint(target_port=80)
        api = app.add_executable("api", "sleep", ".", "1").with_http_endpoint(env="PORT").with_reference(pg)
        api.with_environment("LITERAL", "x").with_environment("PLAIN", 1).with_environment("KEY", password)
        api.with_environment("AT", other.endpoint("http")).with_environment("HOST", other.endpoint("http").host)
        api.with_environment("DSN", ref("{a}:{b}", a=password, b=other.endpoint("http").port))
        api.with_environment("ONE", ref("x{a}", a=password)).with_environment("MADE", other.output("made"))
        api.with_environment("TEXT", ref("a{b}", b="c"))
        api.with_environment("REGION", region).with_env_file("api.env")

    workload = build(define)["api"]
    assert isinstance(workload, Workload)
    composed = compose(workload, Mode.RUN, files=[(workload.env_files[0], {"LOG": "debug"})])
    origins = {name: tuple(variable.origin) for name, variable in composed.variables.items()}
    assert origins["ConnectionStrings__pg"] == ("reference to pg", "pg")
    assert origins["PG_PASSWORD"] == ("parameter pg-password, by the reference to pg", "pg-password")
    assert origins["PORT"] == ("port of its endpoint http", None)
    assert origins["LITERAL"] == origins["PLAIN"] == origins["TEXT"] == ("literal", None)
    assert origins["KEY"] == ("parameter pg-password", "pg-password")
    assert origins["AT"] == origins["HOST"] == ("address of other", "other")
    assert origins["DSN"] == ("made of values of pg-password, other", None)
    assert origins["ONE"] == ("made of a value of pg-password", "pg-password")
    assert origins["MADE"] == ("output made of other", "other")
    assert origins["REGION"] == ("function region", None)
    assert origins["LOG"] == ("file api.env", None)
