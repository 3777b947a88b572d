"""Charts of this machine: what belongs to one, what it lacks, and how a change is seen."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
from tests.support.helm import write_chart

from fairlead.engines.helm import HelmError
from fairlead.engines.helm.chart_folder import chart_digest, chart_files, missing_dependencies
from fairlead.engines.helm.files import file_archive, tree_archive, unpack
from fairlead.engines.helm.helmignore import HelmIgnore

# As Helm's documentation and its loader have it.
IGNORED = [
    ("*.bak", "a.bak", False, True),
    ("*.bak", "templates/deep/a.bak", False, True),
    ("/a.txt", "a.txt", False, True),
    ("/a.txt", "sub/a.txt", False, False),
    ("docs/", "docs", True, True),
    ("docs/", "docs", False, False),
    ("sub/*.txt", "sub/a.txt", False, True),
    ("sub/*.txt", "x/sub/a.txt", False, False),
    ("sub/*", "sub/a/b", False, False),
    ("a?c", "abc", False, True),
    ("a[bx]c", "axc", False, True),
    ("a[^b]c", "abc", False, False),
    (r"\*", "*", False, True),
    (r"\*", "a", False, False),
    ("# *.bak", "a.bak", False, False),
    ("!keep\n*.bak", "a.bak", False, False),
    ("**/a", "b/a", False, False),
    ("", "templates/.swp", False, True),
    ("", "templates/a.yaml", False, False),
]


@pytest.mark.parametrize(("rules", "path", "is_folder", "is_left_out"), IGNORED)
def test_what_a_helmignore_leaves_out(rules: str, path: str, is_folder: bool, is_left_out: bool) -> None:
    """The rules must mean what they mean to Helm; where that is something of its own, nothing is left out."""
    assert HelmIgnore.parse(rules).leaves_out(path, is_folder=is_folder) is is_left_out


def test_only_what_belongs_to_a_chart_is_read(tmp_path: Path) -> None:
    """What is ignored must be neither copied nor a change; links must be followed, also in a circle."""
    chart = write_chart(tmp_path)
    (chart / ".helmignore").write_text("*.bak\nbuild/\n")
    (chart / "build").mkdir()
    (tmp_path / "shared.txt").write_text("shared")
    (chart / "shared.txt").symlink_to(tmp_path / "shared.txt")
    (chart / "circle").symlink_to(chart)
    before = chart_digest(chart)
    (chart / "build" / "big").write_text("x")
    (chart / "a.bak").write_text("x")
    assert chart_digest(chart) == before
    names = [name for name, _ in chart_files(chart)]
    assert "shared.txt" in names
    assert not {"a.bak", "build", "circle"} & set(names)
    with tarfile.open(fileobj=io.BytesIO(tree_archive(chart, "/x/web"))) as tar:
        assert "x/web/templates/0.yaml" in tar.getnames()
        assert "x/web/a.bak" not in tar.getnames()
        shared = tar.extractfile("x/web/shared.txt")
        assert shared is not None
        assert shared.read() == b"shared"
    (tmp_path / "shared.txt").write_text("changed")
    assert chart_digest(chart) != before


def test_a_digest_tells_names_from_contents(tmp_path: Path) -> None:
    """Two charts that differ in where something ends must differ in their digests."""
    one, two = write_chart(tmp_path / "1"), write_chart(tmp_path / "2")
    assert chart_digest(one) == chart_digest(two)
    (one / "a").write_text("bc")
    (two / "ab").write_text("c")
    assert chart_digest(one) != chart_digest(two)


def test_dependencies_that_are_missing(tmp_path: Path) -> None:
    """A dependency must be there as a folder or an archive of its name, with or without a v before its version."""
    names = ("folder", "archive", "other", "gone", "empty")
    chart = write_chart(tmp_path, dependencies=[{"name": name, "repository": f"file://../{name}"} for name in names])
    charts = chart / "charts"
    for name in ("folder", "empty"):
        (charts / name).mkdir(parents=True)
    (charts / "folder" / "Chart.yaml").write_text("name: folder\n")
    (charts / "archive-1.0.0.tgz").touch()
    (charts / "other-v2.0.0.tgz").touch()
    (charts / "gone-too-1.0.0.tgz").touch()
    missing = missing_dependencies(chart)
    assert [dependency.name for dependency in missing] == ["gone", "empty"]
    assert missing[0].path == "../gone"


def test_a_chart_file_that_is_no_yaml(tmp_path: Path) -> None:
    """The error must have the file and the line."""
    chart = write_chart(tmp_path)
    (chart / "Chart.yaml").write_text("name: web\ndependencies: [\n")
    with pytest.raises(HelmError, match=r"Chart\.yaml, line 3 is no YAML"):
        missing_dependencies(chart)


def test_a_file_that_can_t_be_read(tmp_path: Path) -> None:
    """The error must name the file."""
    chart = write_chart(tmp_path)
    (chart / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(HelmError, match=r"/link can't be read: No such file"):
        chart_digest(chart)
    with pytest.raises(HelmError, match=r"/link can't be read: No such file"):
        tree_archive(chart, "web")


def test_an_archive_is_unpacked_without_its_own_folder(tmp_path: Path) -> None:
    """What an engine gives out of a folder must land in the folder that is named, and nowhere else."""
    chart = write_chart(tmp_path)
    (tmp_path / "to").mkdir()
    unpack(tree_archive(chart, "web"), tmp_path / "to")
    assert chart_digest(tmp_path / "to") == chart_digest(chart)
    with pytest.raises(HelmError, match="can't be unpacked"):
        unpack(file_archive("web/../../out", b""), tmp_path / "to")
    assert not (tmp_path / "out").exists()
