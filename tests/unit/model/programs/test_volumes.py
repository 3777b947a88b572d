"""Volumes of programs and persistent volumes: what the definition may say of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.support.definitions import build, the_mistake

from fairlead import AppBuilder, Mode
from fairlead.model.composition.composition import compose
from fairlead.model.programs.workload import Workload
from fairlead.model.volume import VolumeFolder


def keeps_data(app: AppBuilder) -> None:
    app.add_container("api", "api:1").with_volume("data", "/data", env="DATA_PATH")
    app.add_executable("worker", "work").with_volume("my_jobs", "/jobs", env="JOBS").with_environment("A", "1")


def test_a_variable_tells_where_a_volume_is() -> None:
    """It must be the target for a container and in a cluster, and the folder for a process in a run."""
    for mode in Mode:
        app = build(keeps_data, mode)
        api, worker = app["api"], app["worker"]
        assert isinstance(api, Workload) and isinstance(worker, Workload)
        assert compose(api, mode).variables["DATA_PATH"].value == "/data"
        jobs = compose(worker, mode).variables["JOBS"]
        assert isinstance(jobs.value, VolumeFolder) if mode is Mode.RUN else jobs.value == "/jobs"
        assert (jobs.origin.text, jobs.where.line) == ("path of its volume my_jobs", worker.volumes[0].where.line)


def test_the_definition_wins_over_the_path_of_a_volume() -> None:
    """A variable that the definition sets itself must win, wherever the calls stand."""

    def define(app: AppBuilder) -> None:
        api = app.add_container("api", "api:1").with_environment("DATA_PATH", "/elsewhere")
        api.with_volume("data", "/data", env="DATA_PATH")

    api = build(define)["api"]
    assert isinstance(api, Workload)
    assert compose(api, Mode.RUN).variables["DATA_PATH"].value == "/elsewhere"


@pytest.mark.parametrize(
    ("define", "message"),
    [
        (
            lambda app: app.add_executable("x", "y").with_volume("data", "/data"),
            "with_volume() got no env, and an Executable finds its volume in a folder of this machine",
        ),
        (
            lambda app: app.add_executable("x", "y").with_volume(None, "/data", env="DATA"),
            "with_volume() got no name, and an Executable finds its volume in a folder of this machine",
        ),
        (lambda app: app.add_executable("x", "y").with_volume("../up", "/data", env="DATA"), "with_volume(): "),
        (lambda app: app.add_container("x", "y").with_volume("d", "/d", env="A=B"), "with_volume(): "),
        (
            lambda app: app.add_executable("x", "y").with_volume("a", "/d", env="A").with_volume("b", "/d/", env="B"),
            "two things are mounted at /d/",
        ),
        (
            lambda app: app.add_container("x", "y").with_persistent_volume(
                app.add_kubernetes_environment("k8s").add_persistent_volume("v"), env="V"
            ),
            "with_persistent_volume() got env= without a target",
        ),
        (
            lambda app: (
                app.add_kubernetes_environment("k8s")
                .add_persistent_volume("v")
                .with_source({"nfs": {}})
                .with_existing_volume("w")
            ),
            "with_source() and with_existing_volume() name two volumes",
        ),
        (
            lambda app: app.add_kubernetes_environment("k8s").add_persistent_volume("v").with_reclaim_policy("Recycle"),
            "with_reclaim_policy() got 'Recycle' as policy",
        ),
    ],
)
def test_mistakes_with_volumes(define: Callable[[AppBuilder], object], message: str) -> None:
    """What no run or no cluster could do must be a mistake at its line, with what to do."""
    mistake = the_mistake(define)
    assert mistake.message.startswith(message)
    assert mistake.remedy and mistake.file == __file__


def test_a_process_and_a_container_share_no_volume() -> None:
    """A volume that a cluster would share and a run would not must be a mistake of the container that has it too."""

    def define(app: AppBuilder) -> None:
        app.add_container("api", "api:1").with_volume("my-jobs", "/data")
        app.add_executable("worker", "work").with_volume("my_jobs", "/jobs", env="JOBS")

    mistake = the_mistake(define)
    assert (mistake.resource, mistake.line) == ("api", define.__code__.co_firstlineno + 1)
    assert "'my-jobs' is one of the engine, and for 'worker', which is a process, a folder" in mistake.message


def test_two_processes_share_a_volume() -> None:
    """Processes with a volume of one name must have one folder."""

    def define(app: AppBuilder) -> None:
        app.add_executable("one", "work").with_volume("jobs", "/jobs", env="JOBS")
        app.add_executable("two", "work").with_volume("Jobs", "/jobs", env="JOBS")

    build(define)
