"""Whether the data of a cluster goes with what the definition says."""

from __future__ import annotations

from typing import Any

import pytest

from fairlead import K3sCluster
from fairlead.drivers.k3s.kept_data import address_outside, check_kept_data, what_is_lost
from fairlead.errors import StartError
from fairlead.testing import FakeKubernetesApi


def service(address: str) -> dict[str, Any]:
    metadata = {"name": "kubernetes", "namespace": "default"}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"clusterIP": address}}


@pytest.mark.parametrize(
    ("found", "subnet", "outside"),
    [
        (service("10.43.0.1"), "10.43.0.0/16", None),
        (service("10.43.0.1"), "10.53.0.0/16", "10.43.0.1"),
        (service("fd43::1"), "10.43.0.0/16,fd43::/112", None),
        (service("fd43::1"), "10.43.0.0/16", "fd43::1"),
        (service("None"), "10.43.0.0/16", None),
        ({"metadata": {}}, "10.43.0.0/16", None),
        (None, "10.43.0.0/16", None),
    ],
)
def test_addresses_of_an_earlier_range(found: Any, subnet: str, outside: str | None) -> None:
    """An address that no range of the definition has must be noticed, in both families."""
    assert address_outside(found, subnet) == outside


async def test_another_range_of_services() -> None:
    """A cluster that was kept with other addresses must fail, and say how it comes up again."""
    api = FakeKubernetesApi()
    await api.apply(service("10.43.0.1"))
    await check_kept_data(api, K3sCluster("k8s").with_data_volume())
    await check_kept_data(api, K3sCluster("k8s").with_service_subnet("10.53.0.0/16"))  # it keeps nothing
    with pytest.raises(StartError, match=r"services have addresses like 10\.43\.0\.1, outside of 10\.53\.0\.0/16") as e:
        await check_kept_data(api, K3sCluster("k8s").with_service_subnet("10.53.0.0/16").with_data_volume())
    assert e.value.remedy == "Change with_service_subnet() back, or start afresh: fairlead down --volumes."


def test_what_a_new_container_means() -> None:
    """When a kept cluster is created anew, its user must be told whether anything is lost."""
    assert what_is_lost(K3sCluster("k8s").with_data_volume()) == "what is in it stays, in its volume"
    assert "it is empty now" in what_is_lost(K3sCluster("k8s"))
