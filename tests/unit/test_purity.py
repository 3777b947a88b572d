"""Defining an app touches nothing, and loads nothing that could."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

IMPURE = {"aiohttp", "asyncio", "lightkube", "psutil", "rich", "yaml", "socket", "subprocess", "click"}
APP = """
from fairlead import AppBuilder, Generate, Lifetime, apphost, ref

@apphost
def shop(app: AppBuilder) -> None:
    app.add_kubernetes_environment("k8s").with_properties(namespace="shop").add_ingress("edge")
    pg = app.add_postgres("pg").with_data_volume().with_lifetime(Lifetime.PERSISTENT)
    orders = pg.add_database("orders")
    cache = app.add_redis("cache")
    key = app.add_parameter("key", Generate(), secret=True)
    migrate = app.add_python_app("migrate", "./api", module="api.migrate").with_reference(orders).wait_for(orders)
    api = app.add_uvicorn_app("api", "./api", "api.main:app").with_reference(orders).with_environment("KEY", key)
    api.with_environment("URL", ref("redis://{h}", h=cache.endpoint().host)).with_http_health_check("/healthz")
    api.wait_for(cache).wait_for_completion(migrate).with_replicas(2).with_external_http_endpoints()
    app.add_container("web", "nginx").with_http_endpoint(target_port=80).with_bind_mount("./web", "/srv")
    app.add_dockerfile("built", "./built").with_container_files("/etc/app", {"key": key})
    app.add_node_app("node", "./web", "server.js")
    app.add_vite_app("front", "./web").with_reference(api)
    app.add_executable("tool", "./tool.sh")
    app.add_external_service("mail", "https://mail.example.com").with_http_health_check("/")
    app.add_connection_string("warehouse")
    k3s = app.add_k3s_cluster("k3s", agent_count=1).with_data_volume().with_registry().load_image("api:dev")
    crds = k3s.add_k8s_manifest("crds", "./k8s")
    board = k3s.add_helm_release("board", "./chart", values_files=["v.yaml"], values={"cache": cache.endpoint().host})
    k3s.add_service_endpoint("door", "board", 80).wait_for_completion(board)
    app.add_python_app("operator", "./operator", module="operator").with_reference(k3s).wait_for_completion(crds)
"""


def run(program: str) -> Any:
    """What a program prints as JSON that has the app as ``shop``."""
    text = APP + textwrap.dedent(program)
    ended = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_building_loads_no_client_library() -> None:
    """Importing fairlead and building an app in either mode must load no event loop, socket or client library."""
    loaded = run("""
        import json, sys
        shop.build(), shop.build("publish")
        print(json.dumps(sorted(sys.modules)))
    """)

    assert IMPURE & set(loaded) == set()


@pytest.mark.skipif(find_spec("fairlead.publish.publisher") is None, reason="there is no publisher yet")
def test_publishing_loads_no_client_library(tmp_path: Path) -> None:
    """Publishing an app must load no event loop, socket or client library."""
    loaded = run(f"""
        import json, sys
        from fairlead.errors import FairleadError
        try:
            shop.publish({str(tmp_path / "out")!r})
        except FairleadError:
            pass  # what can't be published yet has still been looked at
        assert "fairlead.publish.publisher" in sys.modules
        print(json.dumps(sorted(sys.modules)))
    """)

    assert {"aiohttp", "asyncio", "lightkube", "psutil", "rich", "socket"} & set(loaded) == set()


def test_building_touches_nothing() -> None:
    """Building an app must open no file, list no folder, make no socket and start no process."""
    events = run("""
        import json, sys
        seen = []
        def watch(event, args):
            if watching and event.startswith(("open", "os.", "socket.", "subprocess.", "shutil.", "import", "ctypes.")):
                seen.append([event, repr(args)])
        watching = False
        sys.addaudithook(watch)
        watching = True
        shop.build(), shop.build("publish")
        watching = False
        print(json.dumps(seen))
    """)

    assert events == []


SMALL = """
import json, sys
from fairlead import apphost

seen = []

def note():
    seen.append([name for name in ("external", "k3s", "node", "python") if f"fairlead.resources.{name}" in sys.modules])

def elsewhere(app):
    app.add_node_app("node", ".", "server.js")

@apphost
def small(app):
    note()
    def inside():
        app.add_external_service("mail", "https://mail.example.com")
    inside()
    elsewhere(app)
    note()

small.build()
print(json.dumps(seen))
"""


def test_kinds_are_loaded_by_the_apps_that_have_them() -> None:
    """An app must load the kinds that its code names before it is built, those of a function elsewhere when it adds
    one, and no other."""
    ended = subprocess.run([sys.executable, "-c", SMALL], capture_output=True, text=True, check=True)

    assert json.loads(ended.stdout) == [["external"], ["external", "node"]]


def test_the_audit_would_notice() -> None:
    """The audit must see a definition that does open a file, or its silence would mean nothing."""
    events = run("""
        import json, sys
        seen = []
        sys.addaudithook(lambda event, args: seen.append(event))
        @apphost
        def leaky(app):
            open("/dev/null").close()
        leaky.build()
        print(json.dumps(seen))
    """)

    assert "open" in events


def test_a_folder_that_is_not_there_is_no_matter() -> None:
    """A definition must not care whether the folders and files it names exist."""
    assert run("""
        print(len(shop.build().resources))
    """)
