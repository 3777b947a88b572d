"""A front end and its API find each other by the addresses that people type: in a run, and through an Ingress."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.support.charts import built
from tests.support.cluster import COMING_UP, Cluster
from tests.support.waiting import until_seen

from fairlead import AppBuilder, Apphost, ref
from fairlead.publish.publisher import publish
from fairlead.testing import testing

BUSYBOX = "busybox:1.35"
NAMESPACE = "addresses"
LONG = 120.0
"""Seconds for what the cluster does in a few."""

pytestmark = [pytest.mark.k3s, pytest.mark.timeout(900)]


def shop(app: AppBuilder) -> None:
    """A page that names its API, which names the page; each knows the other by the address that people type."""
    k8s = app.add_kubernetes_environment("k8s").with_properties(namespace=NAMESPACE)
    serve = ["httpd", "-f", "-p", "8000", "-h", "/srv"]
    web, api = (
        app.add_container(name, BUSYBOX, args=serve, stop_timeout=1)
        .with_http_endpoint(target_port=8000)
        .with_external_http_endpoints()
        for name in ("web", "api")
    )
    web.with_container_files("/srv", {"index.html": ref("api={url}", url=api.endpoint().public_url)})
    answer = ref("page={url} host={host}", url=web.endpoint().public_url, host=web.endpoint().public_host)
    api.with_container_files("/srv", {"orders": answer, "v1/orders": answer})
    domain = app.add_parameter("domain", "shop.test")
    edge = k8s.add_ingress("edge").with_ingress_class("traefik").with_hostname(domain)
    edge.with_path("/v1", api).with_path("/", web)


def fetch(url: str, port: int) -> str:
    """What a browser gets that types an address, which a name server would send to a port of this machine."""
    parts = urlsplit(url)
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", parts.path or "/", headers={"Host": parts.netloc})
        answer = connection.getresponse()
        text = answer.read().decode().strip()
        return text if answer.status == 200 else ""
    except (OSError, HTTPException):
        return ""
    finally:
        connection.close()


async def test_they_find_each_other_in_a_run(image: Callable[[str], str], tmp_path: Path) -> None:
    """In a run the addresses must be those of this machine, and work as they are."""
    image(BUSYBOX)
    async with testing(Apphost(shop, "shop", tmp_path / "apphost.py")) as app:
        await app.wait_for("web", "healthy")
        await app.wait_for("api", "healthy")
        page = app.endpoint("web")
        port = urlsplit(page).port
        assert page == f"http://localhost:{port}"
        said = await until_seen(lambda: fetch(page, port or 80), "the page is there", within=LONG)
        api = said.removeprefix("api=")
        assert api == app.endpoint("api")
        assert fetch(f"{api}/orders", urlsplit(api).port or 80) == f"page={page} host=localhost:{port}"


async def test_they_find_each_other_through_an_ingress(
    cluster: Cluster, image: Callable[[str], str], tmp_path: Path
) -> None:
    """Through a real Ingress the page must name its API by an address that leads there, and the API the page."""
    image(BUSYBOX)
    await until_seen(cluster.is_up, "the cluster is up", within=COMING_UP)
    await asyncio.to_thread(cluster.bring, [BUSYBOX])
    publish(built(shop), tmp_path / "chart")
    command = ("upgrade", "--install", "addresses", tmp_path / "chart", "--namespace", NAMESPACE, "--create-namespace")
    port = cluster.port(80)
    try:
        cluster.helm(*command, "--wait", "--timeout", "200s")
        await _find_each_other("shop.test", port)
        cluster.helm(*command, "--wait", "--timeout", "200s", values={"parameters": {"domain": "other.test"}})
        await _find_each_other("other.test", port)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{cluster.evidence(NAMESPACE)}") from None
    finally:
        cluster.kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait=false")


async def _find_each_other(domain: str, port: int) -> None:
    """Follow the addresses from the page to its API and back."""
    expected = f"api=http://{domain}/v1"
    await until_seen(lambda: fetch(f"http://{domain}", port) == expected, f"the page of {domain} is there", within=LONG)
    back = f"page=http://{domain} host={domain}"
    await until_seen(lambda: fetch(f"http://{domain}/v1/orders", port) == back, "its API is there", within=LONG)
