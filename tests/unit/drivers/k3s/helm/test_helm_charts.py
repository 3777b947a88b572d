"""The chart of a release as a folder or archive of this machine, and the cache of what was fetched or built."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.helm import render_chart, write_chart

from fairlead.drivers.k3s.helm.charts import ChartCache, local_digest
from fairlead.engines.helm import Chart, HelmError
from fairlead.testing import FakeHelm


class BuildingHelm(FakeHelm):
    """Notes what it is asked to build, and what was there."""

    def __init__(self) -> None:
        super().__init__()
        self.built: list[tuple[str, list[str]]] = []

    async def build_dependencies(self, root: Path, chart: Path, on_output: object) -> None:
        (chart / "charts").mkdir(exist_ok=True)
        seen = sorted(path.relative_to(root).as_posix() for path in root.rglob("Chart.yaml"))
        self.built.append((chart.relative_to(root).as_posix(), seen))
        (chart / "charts" / "done").write_text("")


def ignore(lines: list[bytes]) -> None:
    """Take output that no test looks at."""


def depending(folder: Path, name: str, *names: str) -> Path:
    dependencies = [{"name": other, "version": ">=0", "repository": f"file://../{other}"} for other in names]
    return write_chart(folder, name, dependencies=dependencies)


async def test_a_chart_is_built_in_a_copy_and_once(tmp_path: Path) -> None:
    """What a chart lacks must be built in a copy, inner ones first, and be kept until something changes."""
    folder, log = tmp_path / "k8s", list[str]()
    chart, helm = depending(folder, "web", "common", "base"), BuildingHelm()
    common, base = depending(folder, "common", "base"), write_chart(folder, "base")
    cache = ChartCache(tmp_path / "cache", log.append)
    built = await cache.built(helm, chart, ignore)
    everything = ["base/Chart.yaml", "common/Chart.yaml", "web/Chart.yaml"]
    assert helm.built == [("common", everything), ("web", everything)]
    assert built.name == "web"
    assert (built / "charts" / "done").exists()
    assert not (chart / "charts").exists(), "the user's folder is left as it is"
    assert log == ["Fetching what the chart depends on: common, base"]
    assert await cache.built(helm, chart, ignore) == built
    assert len(helm.built) == 2
    (base / "values.yaml").write_text("changed: true\n")
    assert await cache.built(helm, chart, ignore) != built
    (common / "charts").mkdir()
    write_chart(common / "charts", "base")
    helm.built.clear()
    await cache.built(helm, chart, ignore)
    assert helm.built == [
        ("web", ["base/Chart.yaml", "common/Chart.yaml", "common/charts/base/Chart.yaml", "web/Chart.yaml"])
    ]


async def test_a_complete_chart_is_taken_as_it_is(tmp_path: Path) -> None:
    """A chart that has all it depends on must neither be copied nor built."""
    chart, helm = write_chart(tmp_path), BuildingHelm()
    assert await ChartCache(tmp_path / "cache", print).built(helm, chart, ignore) == chart
    assert helm.built == []


async def test_what_fails_is_not_kept(tmp_path: Path) -> None:
    """A chart that could not be built or fetched must be tried again at the next start."""

    class FailingHelm(BuildingHelm):
        async def build_dependencies(self, root: Path, chart: Path, on_output: object) -> None:
            raise HelmError("no network")

    chart = write_chart(tmp_path, dependencies=[{"name": "x", "version": "1", "repository": "https://charts.invalid"}])
    cache, helm = ChartCache(tmp_path / "cache", print), BuildingHelm()
    with pytest.raises(HelmError, match="no network"):
        await cache.built(FailingHelm(), chart, ignore)
    with pytest.raises(HelmError, match="not found"):
        await cache.fetched(helm, Chart("nginx", "https://charts.invalid"), ignore)
    await cache.built(helm, chart, ignore)
    assert helm.built == [(".", ["Chart.yaml"])]
    helm.add_chart("nginx", "1.0.0", render_chart)
    assert (await cache.fetched(helm, Chart("nginx", "https://charts.invalid"), ignore)).name == "nginx-1.0.0.tgz"


async def test_an_exact_version_is_fetched_once(tmp_path: Path) -> None:
    """An exact version must be fetched once, a range each time, and everything when the cache is not trusted."""
    helm = FakeHelm()
    for version in ("1.2.3", "^1.0"):
        helm.add_chart("nginx", version, render_chart)
    for is_refresh, version, times in ((False, "1.2.3", 1), (False, "^1.0", 2), (True, "1.2.3", 2)):
        cache = ChartCache(tmp_path / f"{is_refresh}{version}", print, is_refresh=is_refresh)
        helm.called.clear()
        for _ in range(2):
            await cache.fetched(helm, Chart("nginx", "https://charts.invalid", version), ignore)
        assert helm.called == ["pull"] * times


def test_folders_that_can_t_be_built(tmp_path: Path) -> None:
    """A dependency whose folder is no chart, and charts that depend on each other, must be errors in words."""
    with pytest.raises(HelmError, match=r"depends on gone at file://\.\./gone, and /.*/gone has no Chart\.yaml"):
        local_digest(depending(tmp_path, "web", "gone"))
    one = depending(tmp_path, "one", "two")
    depending(tmp_path, "two", "one")
    with pytest.raises(HelmError, match="depends on itself"):
        local_digest(one)
