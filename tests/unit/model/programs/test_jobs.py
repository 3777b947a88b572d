"""One-off jobs: what a definition says of them, and what they take over from another program."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.definitions import Define, build, mistakes

from fairlead import AppBuilder, Container, Executable, Workload
from fairlead.model.kubernetes.workload_options import Account
from fairlead.resources.node import NodeApp
from fairlead.resources.python import PythonApp
from fairlead.runtime.plan import plan_run


def program(define: Define, name: str) -> Any:
    found = build(define)[name]
    assert isinstance(found, Workload)
    return found


def messages(define: Define) -> list[str]:
    return [f"{error.resource}: {error.message}" for error in mistakes(define)]


def shop(app: AppBuilder) -> None:
    pg = app.add_postgres("pg")
    api = app.add_uvicorn_app("api", "./api", "main:app")
    app.add_job("migrate", api, command="alembic", args=["upgrade", "head"])
    app.add_job("clean", "busybox:1.36", args=["rm", "-rf", "/cache"], volumes={"cache": "/cache"})
    api.with_environment("MODE", "live").with_reference(pg).wait_for(pg).with_replicas(3).with_args("--workers", "4")
    api.with_container_files("/etc/api", {"a.conf": "x"}).with_http_health_check("/healthz")


def test_a_job_runs_only_when_asked_for() -> None:
    """A job must be offered, never started by a run, and start with what it needs where it is named."""
    app = build(shop)

    assert str(plan_run(app)).splitlines()[2:5] == [
        "start api x3 after pg ready, parameter 'pg-password' is known",
        "offer migrate after pg ready, parameter 'pg-password' is known",
        "offer clean",
    ]
    assert [start.name for start in plan_run(app, ["migrate"]).starts if start.automatic] == [
        "pg",
        "pg-password",
        "migrate",
    ]


def test_a_job_takes_over_what_its_program_was_given() -> None:
    """A job must have the variables, references, files and waits of its program, also of calls that follow it."""
    migrate, api = program(shop, "migrate"), program(shop, "api")

    assert type(migrate) is PythonApp
    assert (migrate.cwd, migrate.command_name, migrate.is_job) == ("./api", "alembic", True)
    assert [argument.value for argument in migrate.arguments] == ["upgrade", "head"]
    assert [variable.name for variable in migrate.environment] == ["MODE"]
    assert [reference.target.name for reference in migrate.references] == ["pg"]
    assert [wait.target.name for wait in migrate.waits] == ["pg"]
    assert [file.path for file in migrate.container_files] == ["/etc/api/a.conf"]
    assert migrate.replicas == 1
    assert not migrate.endpoints
    assert not migrate.health_checks
    assert api.health_checks


def test_a_job_of_a_container_has_its_image_and_settings() -> None:
    """A job of a container must be a container of the same image, with volumes, options and what it says itself."""

    def define(app: AppBuilder) -> None:
        pg = app.add_postgres("pg").with_data_volume()
        web = app.add_dockerfile("web", "./web", target="prod").with_platform("linux/amd64")
        web.with_bind_mount("./conf", "/conf", read_only=True).with_container_runtime_args("--memory=256m")
        web.with_volume("media", "/media").with_environment("A", "web").with_environment("B", "web")
        web.with_service_account(annotations={"a/b": "c"}).with_resources(memory="64Mi")
        job = app.add_job("manage", web, args=["manage.py"], env={"B": "job"}, command="python")
        job.with_volume("other", "/media")
        app.add_job("psql", pg, args=["psql"])
        web.with_image_tag("2")

    manage, psql = program(define, "manage"), program(define, "psql")

    assert type(manage) is type(psql) is Container
    assert manage.build is not None
    assert (manage.build.target, manage.platform, manage.image_tag) == ("prod", "linux/amd64", "2")
    assert (manage.entrypoint, manage.runtime_args) == (["python"], ["--memory=256m"])
    assert [(mount.name, mount.target) for mount in manage.volumes] == [("other", "/media")]
    assert [mount.target for mount in manage.bind_mounts] == ["/conf"]
    assert [(variable.name, variable.value) for variable in manage.environment] == [
        ("A", "web"),
        ("B", "web"),
        ("B", "job"),
    ]
    assert manage.account == Account("web", create=False)
    assert manage.resource_needs == {"requests": {"memory": "64Mi"}}
    assert psql.image == program(define, "pg").image
    assert [mount.name for mount in psql.volumes] == ["pg-data"]


def test_what_a_job_of_each_kind_runs() -> None:
    """A job must run its program's own command, or the one that it names, in the same folder."""

    def define(app: AppBuilder) -> None:
        tool = app.add_executable("tool", "make", "./tool", "all")
        django = app.add_python_app("django", "./site", script="manage.py", args=["runserver"])
        node = app.add_node_app("node", "./front", "server.js")
        app.add_job("same", tool, args=["clean"])
        app.add_job("other", tool, command="sh")
        app.add_job("manage", django, args=["migrate"])
        app.add_job("module", django, module="django")
        app.add_job("script", node, script="seed.js")
        app.add_job("seed", node, command="seed")

    jobs = {job.name: job for job in build(define) if isinstance(job, Executable) and job.is_job}

    assert [(jobs[name].command, jobs[name].cwd) for name in ("same", "other")] == [
        ("make", "./tool"),
        ("sh", "./tool"),
    ]
    assert [argument.value for argument in jobs["same"].arguments] == ["clean"]
    manage, module, script, seed = (jobs[name] for name in ("manage", "module", "script", "seed"))
    assert isinstance(manage, PythonApp) and manage.script == "manage.py"
    assert isinstance(module, PythonApp) and (module.script, module.module) == (None, "django")
    assert isinstance(script, NodeApp) and script.script == "seed.js"
    assert isinstance(seed, NodeApp) and seed.run_script == "seed"


def test_what_no_job_can_be() -> None:
    """What contradicts a job, or can't be its program, must be a mistake with a remedy."""

    def define(app: AppBuilder) -> None:
        api = app.add_uvicorn_app("api", "./api", "main:app")
        migrate = app.add_job("migrate", api)
        api.wait_for_completion(migrate)
        app.add_job("page", app.add_vite_app("web", "./web"))
        app.add_job("script", "busybox", script="a.py")  # type: ignore[call-overload]
        app.add_job("kept", "busybox").with_workload("Job")
        app.add_job("always", "busybox", restart="always")

    assert sorted(messages(define)) == [
        'always: it is a job, which runs once each time, and with_restart("always") says otherwise',
        "api: waits for the job 'migrate', which only runs when it is asked for",
        "kept: it is a job, which runs when asked for, and with_workload('Job') says otherwise",
        "migrate: a job of an Uvicorn app needs a program of its own, because a server does not end",
        "page: a program of the kind 'Vite app' can't be run as a job",
        "script: script= can't be given to a job of a Container",
    ]
    assert all(error.remedy and error.line for error in mistakes(define))


@pytest.mark.parametrize("group", ["tools", ["tools", "debug"]])
def test_a_job_is_in_its_own_groups_only(group: Any) -> None:
    """The groups of a program must not be those of its job, which waits for nobody to ask for them."""

    def define(app: AppBuilder) -> None:
        app.add_job("dump", app.add_container("admin", "adminer", group="x"), group=group)

    assert program(define, "dump").groups == ([group] if isinstance(group, str) else group)


def test_jobs_share_an_image_of_the_app() -> None:
    """A job must have the image that its program shares, or be given one; one that only members need is not built."""

    def define(app: AppBuilder) -> None:
        image, tools = app.add_image("backend", "./backend"), app.add_image("tools", "./tools")
        web = app.add_container("web", image, args=["serve"])
        app.add_job("manage", web, args=["migrate"])
        app.add_job("seed", image, args=["seed"], group="tools")
        app.add_container("tool", tools, group="tools")
        app.add_job("late", app.add_executable("api", "api"), args=["late"])

    app = build(define)
    assert [program(define, name).built_image.name for name in ("manage", "seed")] == ["backend", "backend"]
    assert [start.name for start in plan_run(app).starts if start.automatic] == ["backend", "web", "api"]
    assert [start.name for start in plan_run(app, ["seed"]).starts if start.automatic] == ["backend", "seed"]
    assert [str(start) for start in plan_run(app).starts if start.name == "manage"] == [
        "offer manage after backend.reference is known"
    ]


def test_settings_of_a_job_win_one_by_one() -> None:
    """A job must have each setting of its program that it does not say itself; the host name is its own."""

    def define(app: AppBuilder) -> None:
        web = app.add_container("web", "nginx").with_user("1000:1000").with_read_only_root().with_host_name("web-1")
        web.with_watch("./src").with_command_health_check(["true"])
        app.add_job("manage", web, args=["migrate"]).with_user("0")  # type: ignore[attr-defined]
        app.add_job("other", web)

    manage, other, web = (program(define, name) for name in ("manage", "other", "web"))

    assert (manage.settings.user, manage.settings.read_only_root, manage.settings.host_name) == ("0", True, None)
    assert (other.settings.user, other.settings.host_name) == ("1000:1000", None)
    assert (web.settings.host_name, len(web.watches), len(web.health_checks)) == ("web-1", 1, 1)
    assert (manage.watches, manage.health_checks) == ([], [])
