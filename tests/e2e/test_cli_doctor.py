"""`fairlead doctor`: what a start would complain about, before there is one."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from tests.support.cli import Workplace

NO_ENGINE = {"DOCKER_HOST": "unix:///nobody/engine.sock"}


def checks(place: Workplace, code: int, **environment: str) -> dict[str, list[dict[str, Any]]]:
    """What it finds, by what it looks at."""
    document = json.loads(place.fairlead("doctor", "--json", code=code, **environment))
    assert document["ok"] == (code == 0)
    found: dict[str, list[dict[str, Any]]] = {}
    for check in document["checks"]:
        found.setdefault(check["check"], []).append(check)
    return found


def test_all_is_there(place: Workplace) -> None:
    """For an app that can run, there must be no problem, and nothing may be started."""
    place.write(f"app.add_executable('api', {sys.executable!r}, '.', '-V')")
    shown = place.fairlead("doctor", DOCKER_HOST=NO_ENGINE["DOCKER_HOST"])
    assert "✓ App" in shown and f"✓ Programs  {sys.executable}" in shown
    assert shown.endswith("No problem found.\n")
    found = checks(place, 0, **NO_ENGINE)
    assert found["Engine"][0]["result"] == "note", "nothing of the app needs one"
    assert place.processes() == []


def test_each_problem_is_one_of_its_own(place: Workplace) -> None:
    """Every program, engine and value that is missing must be named, with the resource and what to do."""
    place.write(
        """
        app.add_container("box", "busybox:1.35")
        app.add_executable("one", "no-such-program", ".")
        app.add_executable("two", "./not-there", ".")
        app.add_python_app("three", ".", script="main.py")
        app.add_parameter("key", secret=True)
        """
    )
    (place.folder / "uv.lock").touch()
    found = checks(place, 1, PATH="/nowhere", **NO_ENGINE)
    assert found["Engine"][0]["result"] == "problem"
    assert "'box' can't run" in found["Engine"][0]["text"]
    assert "Start Docker or Podman" in found["Engine"][0]["remedy"]
    one, two, three = (problem["text"] for problem in found["Programs"])
    assert one.startswith("one: the command 'no-such-program' was not found in PATH")
    assert two.startswith("two: the command './not-there' was not found")
    assert three.startswith("three: ") and "asks for uv, which is not installed" in three
    assert found["Parameters"][0]["result"] == "note"
    assert "FAIRLEAD_PARAMETER_KEY" in found["Parameters"][0]["remedy"]
    assert found["Folders"][0]["result"] == "fine"


def test_a_value_that_is_there_is_not_asked_for(place: Workplace) -> None:
    """A parameter that something gives a value must not be reported; none may be made up or stored."""
    place.write("app.add_parameter('key', secret=True)\napp.add_postgres('pg')")
    found = checks(place, 0, FAIRLEAD_PARAMETER_KEY="s3cret-value")["Parameters"]
    assert [check["result"] for check in found] == ["fine"]
    assert not list((place.folder / ".config/fairlead/secrets").glob("*.json"))


def test_environment_files_are_looked_at(place: Workplace) -> None:
    """A missing file must be a problem of its resource; a foreign line in the app's own, a note with its line."""
    place.write(f"app.add_executable('api', {sys.executable!r}, '.', '-V').with_env_file('api.env')")
    (place.folder / ".env").write_text("foo bar\n")

    missing = checks(place, 1, **NO_ENGINE)["Files"]
    (place.folder / "api.env").touch()
    there = checks(place, 0, **NO_ENGINE)["Files"]

    assert [check["text"] for check in missing if check["result"] == "problem"] == [
        "api: its environment file api.env is not there"
    ]
    (note,) = there
    assert note["result"] == "note" and "/.env:1 is not understood" in note["text"]


def test_a_definition_with_mistakes(place: Workplace) -> None:
    """Mistakes in the definition must be counted, and the machine be looked at all the same."""
    place.write("app.add_executable('a', 'true', '.').with_replicas(-1)\napp.add_executable('A', 'true', '.')")
    found = checks(place, 1)
    assert "the definition has 2 mistakes" in found["App"][0]["text"]
    assert found["Python"][0]["result"] == "fine"


def test_a_folder_that_cannot_be_used(place: Workplace) -> None:
    """Where what Fairlead keeps can't be kept, it must say where and why."""
    (place.folder / "taken").write_text("a file")
    found = checks(place, 1, XDG_STATE_HOME=str(place.folder / "taken"))["Folders"]
    assert found[0]["result"] == "problem"
    assert str(place.folder / "taken") in found[0]["text"]


def test_without_an_app(place: Workplace) -> None:
    """In a folder without an app file it must look at the machine; a file that is given has to be there."""
    found = checks(place, 0)
    assert found["App"][0]["result"] == "note"
    assert "fairlead new" in found["App"][0]["remedy"]
    assert "no-such-file.py" in place.call("doctor", "--apphost", "no-such-file.py").stderr


@pytest.mark.docker
def test_the_engine_is_named(place: Workplace) -> None:
    """An engine that answers must be named with its version and address."""
    place.write("app.add_container('box', 'busybox:1.35')")
    (engine,) = checks(place, 0)["Engine"]
    assert engine["text"].startswith("Docker ") and "unix://" in engine["text"]


@pytest.mark.docker
def test_clusters_are_looked_at(place: Workplace) -> None:
    """What speaks against a cluster must be found beforehand, by the functions that its start uses."""
    place.write("app.add_k3s_cluster('k8s').with_k3s_version('v9.9.9-k3s9')")
    found = checks(place, 0)
    assert found["Clusters"][0]["result"] == "fine"
    assert found["Images"][0]["text"] == (
        "k8s: the engine does not have the image rancher/k3s:v9.9.9-k3s9, and pulls it at the start"
    )
    assert place.processes() == []


def test_a_cluster_without_an_engine(place: Workplace) -> None:
    """That there is no engine must be said once."""
    place.write("app.add_k3s_cluster('k8s')")
    found = checks(place, 1, **NO_ENGINE)
    assert "'k8s' can't run" in found["Engine"][0]["text"]
    assert "Clusters" not in found
