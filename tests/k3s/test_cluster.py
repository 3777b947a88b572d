"""Clusters of an app: each keeps to itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.cluster import COMING_UP, K3S_IMAGE, authority_of
from tests.support.waiting import until

from fairlead import AppBuilder, Apphost, State
from fairlead.testing import testing

pytestmark = [pytest.mark.k3s, pytest.mark.timeout(900)]


def app_with(name: str, *clusters: str) -> Apphost:
    """An app with clusters that run as little as they can."""

    def define(app: AppBuilder) -> None:
        for each in clusters:
            cluster = app.add_k3s_cluster(each)
            for component in ("traefik", "metrics-server", "local-storage", "servicelb"):
                cluster.with_disabled_component(component)
            app.add_executable(f"user-of-{each}", "sleep", ".", "1000").with_reference(cluster)

    return Apphost(define, name=name, file=__file__)


async def test_clusters_of_one_name_and_of_one_app_keep_to_themselves(image: Callable[[str], str]) -> None:
    """Two clusters of an app, and clusters of two apps that have one name, must come up side by side."""
    image(K3S_IMAGE)
    async with testing(app_with("one", "k8s", "other")) as one, testing(app_with("two", "k8s")) as two:
        users = [(one, "k8s"), (one, "other"), (two, "k8s")]
        await asyncio.gather(*(app.wait_healthy(name, COMING_UP) for app, name in users))
        authorities = {authority_of(Path(app.environment(f"user-of-{name}")["KUBECONFIG"])) for app, name in users}
        assert len(authorities) == 3
        assert all(app.snapshot(f"user-of-{name}").state is State.RUNNING for app, name in users)

        kubeconfig = Path(one.environment("user-of-other")["KUBECONFIG"])
        await one.command("other", "stop")
        await until(lambda: not kubeconfig.exists(), "what nobody can use any more is gone")
        assert one.snapshot("k8s").ready
