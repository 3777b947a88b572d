"""The user's own kubeconfig, and how a cluster gets into it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
import yaml

from fairlead.cli.user_kubeconfig import merge_into, user_kubeconfig
from fairlead.engines.kube.kubeconfig import parse, point_at, with_token
from fairlead.errors import EngineError, StateError

NEW = with_token(
    point_at(
        {
            "clusters": [{"name": "a", "cluster": {}}],
            "users": [{"name": "a", "user": {}}],
            "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
            "current-context": "a",
        },
        "https://127.0.0.1:1",
        name="shop-k8s",
    ),
    "secret",
)
WORK = """\
# of the user
apiVersion: v1
kind: Config
current-context: work
preferences: {colors: true}
clusters: [{name: work, cluster: {server: "https://work"}}]
users: [{name: work, user: {exec: {command: login}}}]
contexts: [{name: work, context: {cluster: work, user: work}}]
"""


def test_the_file_is_the_one_that_kubectl_changes(tmp_path: Path) -> None:
    """KUBECONFIG must be heeded, also where it names several files, of which some are not there."""
    first, second = tmp_path / "first", tmp_path / "second"
    several = {"KUBECONFIG": f"{first}{os.pathsep}{os.pathsep}{second}"}
    assert user_kubeconfig({}) == Path.home() / ".kube" / "config"
    assert user_kubeconfig({"KUBECONFIG": ""}) == Path.home() / ".kube" / "config"
    assert user_kubeconfig({"KUBECONFIG": str(first)}) == first
    assert user_kubeconfig(several) == second, "none is there, so the last is created"
    first.touch()
    assert user_kubeconfig(several) == first


def test_what_is_there_is_kept(tmp_path: Path) -> None:
    """The user's clusters, settings and current context must be as before, and the file be the user's alone."""
    file = tmp_path / "config"
    file.write_text(WORK)
    merge_into(file, NEW)
    merged = parse(file.read_text())
    before = yaml.safe_load(WORK)
    assert merged["current-context"] == "work"
    assert merged["preferences"] == before["preferences"]
    for key in ("clusters", "users", "contexts"):
        assert merged[key] == [*before[key], *NEW[key]]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [*tmp_path.iterdir()] == [file], "no lock is left: kubectl would wait for it"


def test_a_folder_that_is_missing_is_created(tmp_path: Path) -> None:
    """Who never used kubectl must get a file that it can use; the user's folders must keep their modes."""
    tmp_path.chmod(0o755)
    file = tmp_path / ".kube" / "config"
    merge_into(file, NEW, use=True)
    assert parse(file.read_text())["current-context"] == "shop-k8s"
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    file.parent.chmod(0o755)
    merge_into(file, NEW)
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in (tmp_path, file.parent)] == [0o755, 0o755]


def test_a_link_stays_one(tmp_path: Path) -> None:
    """A file that is kept elsewhere must be changed there."""
    (tmp_path / "dotfiles").write_text(WORK)
    (tmp_path / "config").symlink_to("dotfiles")
    merge_into(tmp_path / "config", NEW)
    assert (tmp_path / "config").is_symlink()
    assert "shop-k8s" in (tmp_path / "dotfiles").read_text()


def test_a_file_that_makes_no_sense_is_left_alone(tmp_path: Path) -> None:
    """It must be an error that names it, and nothing must be written."""
    file = tmp_path / "config"
    file.write_text("a: [\n")
    with pytest.raises(EngineError, match=rf"{file} is not valid YAML, line 2"):
        merge_into(file, NEW)
    assert file.read_text() == "a: [\n"
    assert [*tmp_path.iterdir()] == [file]


def test_a_file_that_another_process_changes(tmp_path: Path) -> None:
    """Where kubectl's lock stays, the error must say how to get rid of it."""
    file = tmp_path / "config"
    (tmp_path / "config.lock").touch()
    with pytest.raises(StateError) as caught:
        merge_into(file, NEW, lock_seconds=0)
    assert f"rm {tmp_path}/config.lock" in str(caught.value)
    assert not file.exists()


def test_a_file_that_can_not_be_written(tmp_path: Path) -> None:
    """The error must name it, and the way out."""
    (tmp_path / "config").mkdir()
    with pytest.raises(StateError, match="not a regular file") as caught:
        merge_into(tmp_path / "config", NEW)
    assert "KUBECONFIG" in str(caught.value)
