"""Charts as their users install them: inside another chart, again and again, with the values of the last time."""

from __future__ import annotations

import re
import uuid
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.charts import built
from tests.support.cluster import COMING_UP, Cluster
from tests.support.waiting import until_seen

from fairlead import AppBuilder
from fairlead.publish.publisher import publish

pytestmark = [pytest.mark.k3s, pytest.mark.timeout(900)]


@pytest.fixture(params=["helm", "newer_helm"])
def installer(request: pytest.FixtureRequest) -> Path:
    """The helm that installs: the default, and Helm 4."""
    program: Path = request.getfixturevalue(request.param)
    return program


@pytest.fixture
def namespace(cluster: Cluster) -> Iterator[str]:
    name = f"install-{uuid.uuid4().hex[:8]}"
    yield name
    cluster.drop(name)


class Release:
    """A release of a chart, installed by one helm."""

    def __init__(self, cluster: Cluster, program: Path, chart: Path, namespace: str) -> None:
        self._cluster = cluster
        self._program = program
        self._chart = chart
        self._namespace = namespace

    def helm(self, verb: str, *arguments: str, values: dict[str, Any] | None = None) -> str:
        """Run helm in the release's namespace."""
        try:
            return self._cluster.helm(
                *verb.split(), *arguments, "--namespace", self._namespace, values=values, program=self._program
            )
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self._cluster.evidence(self._namespace)}") from None

    def install(self, *options: str, values: dict[str, Any] | None = None) -> str:
        """Install or upgrade it, and wait until it is ready; what helm says."""
        options = ("--create-namespace", "--wait", "--timeout", "200s", *options)
        return self.helm("upgrade --install shop", str(self._chart), *options, values=values)

    def objects(self, kind: str, *options: str) -> dict[str, dict[str, Any]]:
        """The objects of a kind by their names."""
        found = self._cluster.objects(kind, *options, namespace=self._namespace)
        return {one["metadata"]["name"]: one for one in found}


async def bring(cluster: Cluster, image: Callable[[str], str], *names: str) -> None:
    """Bring images in as soon as the cluster is up."""
    await until_seen(cluster.is_up, "the cluster is up", within=COMING_UP)
    cluster.bring([image(name) for name in names])


def web(app: AppBuilder) -> None:
    token = app.add_parameter("token", secret=True)
    app.add_container("web", "busybox:1.35", env={"TOKEN": token}).with_args("sleep", "100000").with_stop_timeout(1)


async def test_a_chart_is_a_conditional_part_of_another(
    cluster: Cluster, installer: Path, namespace: str, tmp_path: Path, image: Callable[[str], str]
) -> None:
    """Another chart must be able to have it by any name, switch it by condition and tag, and give it globals."""
    await bring(cluster, image, "busybox:1.35")
    publish(built(web), tmp_path / "shop")
    umbrella = tmp_path / "umbrella"
    umbrella.mkdir()
    part = {"name": "shop", "version": "0.1.0", "repository": "file://../shop"}
    (umbrella / "Chart.yaml").write_text(
        yaml.safe_dump(
            {
                "apiVersion": "v2",
                "name": "umbrella",
                "version": "1.0.0",
                "dependencies": [
                    {**part, "alias": "store", "condition": "store.enabled"},
                    {**part, "alias": "tagged", "tags": ["extras"]},
                ],
            }
        )
    )
    values: dict[str, Any] = {
        "global": {"region": "eu"},
        "tags": {"extras": False},
        "store": {"enabled": True, "secrets": {"token": "t"}, "replicas": {"web": 2}},
    }
    release = Release(cluster, installer, umbrella, namespace)
    release.helm("dependency update", str(umbrella))

    notes = release.install(values=values)
    assert release.objects("deployments")["web"]["status"]["availableReplicas"] == 2
    assert "--reset-then-reuse-values" not in notes, "the other chart is what has to be upgraded"

    release.install(values={**values, "store": {**values["store"], "enabled": False}})
    assert release.objects("deployments") == {}


#: With values of which the password is none, helm does not take those of the last time over.
OTHER = {"replicas": {"api": 1}}
PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "change-a-database-password.md"


def of_the_page(language: str) -> str:
    """The block of the how-to page that is in a language."""
    (block,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return str(block)


def database(app: AppBuilder) -> None:
    pg = app.add_postgres("pg").with_data_volume()
    orders = pg.add_database("orders")
    api = app.add_container("api", "busybox:1.35").with_args("sleep", "100000").with_stop_timeout(1)
    api.with_reference(orders).wait_for_completion(orders)


class Database(Release):
    """A release with a Postgres whose password the chart makes up."""

    def password(self) -> str:
        """The password that the chart's user gets to see."""
        return b64decode(self.objects("secrets")["shop.generated"]["data"]["pg-password"]).decode()

    def log_in(self) -> str:
        """What the database says, by the network, to a program with the password that the chart gives."""
        login = 'PGPASSWORD="$POSTGRES_PASSWORD" psql -h pg -U postgres -d orders -tAc "SELECT current_user"'
        try:
            return self.in_pg("sh", "-c", login)
        except AssertionError as error:
            return str(error)

    def can_log_in(self) -> bool:
        """Whether that password opens the database."""
        return self.log_in() == "postgres"

    def in_pg(self, *command: str, given: str = "") -> str:
        return self._cluster.kubectl(
            "exec", "--stdin", "--namespace", self._namespace, "statefulset/pg", "--", *command, given=given
        )

    def pods(self) -> set[str]:
        return {pod["metadata"]["uid"] for pod in self.objects("pods", "--selector", "app.kubernetes.io/name").values()}


async def test_a_password_that_was_made_up_is_kept(
    cluster: Cluster, installer: Path, namespace: str, tmp_path: Path, image: Callable[[str], str]
) -> None:
    """It must be the same for all who use it, after upgrades without values, and over data of an earlier release."""
    await bring(cluster, image, "postgres:15-bookworm", "busybox:1.35", "alpine/kubectl:1.36.0")
    publish(built(database), tmp_path / "shop")
    release = Database(cluster, installer, tmp_path / "shop", namespace)

    release.install()
    password, pods = release.password(), release.pods()
    secrets = release.objects("secrets")
    assert len(password) == 22
    assert b64decode(secrets["pg"]["data"]["POSTGRES_PASSWORD"]).decode() == password
    assert f":{password}@" in b64decode(secrets["api"]["data"]["ORDERS_URI"]).decode()
    await until_seen(release.can_log_in, "the database takes the password")

    assert "CHANGED" not in release.install(values=OTHER)
    assert release.password() == password and release.pods() == pods, "an upgrade without it changes nothing"

    release.helm("uninstall shop", "--wait")
    release.install()
    assert release.password() == password
    await until_seen(release.can_log_in, "the volume stayed, and the password with it")


async def test_a_password_is_changed_in_the_database_too(
    cluster: Cluster, namespace: str, tmp_path: Path, image: Callable[[str], str], helm: Path
) -> None:
    """An upgrade that changes it must say what is to be done; what the how-to page says must let programs in again."""
    await bring(cluster, image, "postgres:15-bookworm", "busybox:1.35", "alpine/kubectl:1.36.0")
    publish(built(database), tmp_path / "shop")
    release = Database(cluster, helm, tmp_path / "shop", namespace)
    release.install()
    sql, changed = of_the_page("sql"), yaml.safe_load(of_the_page("yaml"))

    notes = release.helm("upgrade shop", str(tmp_path / "shop"), values=changed)
    assert "Before you change secrets.pg-password, change it there:\n  ALTER ROLE" in notes
    assert notes.count("CHANGED in this upgrade") == 1
    await until_seen(
        lambda: "password authentication failed" in release.log_in(),
        "the volume does not know the password that programs have now",
        within=120,
    )

    release.in_pg("psql", "-U", "postgres", given=sql)
    await until_seen(release.can_log_in, "what the page says lets programs in again")
    assert "CHANGED" not in release.install(values=OTHER), "what is left out stays as it was given last"
    assert release.password() == changed["secrets"]["pg-password"]
    await until_seen(release.can_log_in, "programs have the password of the database")
