"""An app with kinds that play a cluster, for tests of what is shared between processes; it notes what happens to it."""

from __future__ import annotations

from pathlib import Path

APPHOST = """\
import os
from pathlib import Path

from fairlead import AppBuilder, Driver, Health, Resource, apphost
from fairlead.errors import StartError

HERE = Path(__file__).parent
KUBECONFIG = '''\\
apiVersion: v1
kind: Config
clusters: [{name: k8s, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: k8s, user: {token: opensesame}}]
contexts: [{name: k8s, context: {cluster: k8s, user: k8s}}]
current-context: k8s
'''


def note(what):
    with (HERE / "events").open("a") as events:
        events.write(f"{what} {os.getpid()}\\n")


class FakeCluster(Resource):
    kind = "Fake cluster"
    driver = "apphost:FakeClusterDriver"


class FakeClusterDriver(Driver):
    async def start(self, context):
        note("start")
        if (HERE / "broken").exists():
            context.log("it looks for a disk")
            raise StartError("it has no disk")
        path = context.state_folder / "clusters" / context.resource.name / "kubeconfig"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(KUBECONFIG)
        context.report(kubeconfig=str(path))

    async def stop(self, reason):
        note("stop")

    async def health(self):
        return Health.healthy()


@apphost
def shop(app: AppBuilder) -> None:
    app.add_parameter("key", "none")
    app.add(FakeCluster("k8s"))
    app.add_executable("api", "sleep", ".", "600")
"""


def events(folder: Path) -> list[str]:
    """What happened to the cluster of the app in a folder."""
    return [line.partition(" ")[0] for line in _lines(folder)]


def hosts(folder: Path) -> set[int]:
    """The processes that have run it."""
    return {int(line.partition(" ")[2]) for line in _lines(folder)}


def _lines(folder: Path) -> list[str]:
    file = folder / "events"
    return file.read_text().splitlines() if file.exists() else []
