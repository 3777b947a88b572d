"""Clusters that can't come up, on a real engine: each says why, and the rest of the app goes on."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.cluster import COMING_UP, K3S_IMAGE, run
from tests.support.waiting import until

from fairlead import AppBuilder, Apphost, State
from fairlead.model.endpoints.consumer import Network
from fairlead.testing import Running, testing

pytestmark = [pytest.mark.k3s, pytest.mark.timeout(900)]
BUSYBOX = "busybox:1.35"
ENGINE_RANGES = (172, 192)
"""In which of these an engine puts the app's network, its settings say, and how many networks it has had."""


async def reason_of(app: Running, name: str, state: State) -> str:
    """Why a resource is in a state, once it is."""
    await until(lambda: app.snapshot(name).state is state, f"{name} is {state}", within=COMING_UP)
    return app.snapshot(name).reason


async def overlap_of(app: Running) -> str:
    """Why the cluster whose pods' range has the app's network in it does not start; the others are not tried."""
    address = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
    container = str(app.host.run.outputs.get("other", "container", Network.HOST))
    first = run("docker", "inspect", "--format", address, container).partition(".")[0]
    await app.command(f"range-{first}", "start")
    reason = await reason_of(app, f"range-{first}", State.FAILED_TO_START)
    assert f"the range {first}.0.0.0/8 of its pods overlaps" in reason
    return reason


async def test_each_bad_cluster_says_why(image: Callable[[str], str], tmp_path: Path) -> None:
    """A flag, an image, a range, a port and rights that a cluster can't have must each be its own failure alone."""
    for reference in (K3S_IMAGE, BUSYBOX):
        image(reference)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        def define(app: AppBuilder) -> None:
            app.add_k3s_cluster("flag").with_extra_arg("--no-such-flag=1")
            app.add_k3s_cluster("tag").with_image("127.0.0.1:1/k3s").with_k3s_version("v9.9.9-k3s9")
            for first in ENGINE_RANGES:
                app.add_k3s_cluster(f"range-{first}").with_pod_subnet(f"{first}.0.0.0/8").with_explicit_start()
            app.add_k3s_cluster("port", api_server_port=port)
            app.add_k3s_cluster("rights").with_container_runtime_args("--privileged=false")
            app.add_container("other", BUSYBOX, args=["sleep", "1000"], stop_timeout=0.1)

        async with testing(Apphost(define, "boat", tmp_path / "apphost.py")) as app:
            await app.wait_for("other", "running", timeout=COMING_UP)
            flag = await reason_of(app, "flag", State.EXITED)
            assert flag.startswith(
                "this version of k3s does not know the flag --no-such-flag. Correct with_extra_arg()"
            )
            tag = await reason_of(app, "tag", State.FAILED_TO_START)
            assert "the image '127.0.0.1:1/k3s:v9.9.9-k3s9' can't be pulled" in tag
            overlap = await overlap_of(app)
            assert 'Choose another range: with_pod_subnet("10.52.0.0/16").' in overlap
            in_use = await reason_of(app, "port", State.FAILED_TO_START)
            assert f"port {port} of this machine is taken by" in in_use
            rights = await reason_of(app, "rights", State.EXITED)
            assert rights.startswith("its container lacks the rights of a privileged one. Use an engine that allows")
            assert app.snapshot("other").state is State.RUNNING
