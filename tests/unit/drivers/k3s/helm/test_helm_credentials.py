"""What the user has told Helm of repositories and registries, for a Helm in a container."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from fairlead.drivers.k3s.helm.access import host_repositories
from fairlead.drivers.k3s.helm.credentials import HelmFiles, HelmNeeds, files_for_container, read_helm_files
from fairlead.errors import StartError

HOME = "/there"


@pytest.fixture(name="environment")
def _environment(tmp_path: Path) -> dict[str, str]:
    """A user who has added two repositories, one of them private, and has logged in to a registry."""
    config = tmp_path / "config" / "helm"
    (config / "registry").mkdir(parents=True)
    (tmp_path / "ca.crt").write_text("certificate")
    repositories = [
        {"name": "open", "url": "https://open.example.com/"},
        {"name": "private", "url": "https://private.example.com", "username": "me", "password": "s3cret"}
        | {"caFile": str(tmp_path / "ca.crt")},
    ]
    (config / "repositories.yaml").write_text(yaml.safe_dump({"repositories": repositories}))
    auth = base64.b64encode(b"me:word").decode()
    (config / "registry" / "config.json").write_text(json.dumps({"auths": {"registry.example.com": {"auth": auth}}}))
    return {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config"), "DOCKER_CONFIG": str(tmp_path / "none")}


async def files(environment: dict[str, str], **needs: Any) -> dict[str, bytes]:
    needed = HelmNeeds(image="alpine/helm:1", **needs)
    return await files_for_container(read_helm_files(environment), needed, HOME, environment)


def repositories(found: dict[str, bytes]) -> list[dict[str, Any]]:
    known: list[dict[str, Any]] = json.loads(found["config/repositories.yaml"])["repositories"]
    return known


async def test_only_what_is_needed_gets_into_the_container(environment: dict[str, str]) -> None:
    """A container must get the credentials of the repository that the chart is in, and of no other."""
    assert await files(environment) == {}
    assert await files(environment, chart="nginx", repository="https://other.example.com") == {}
    found = await files(environment, chart="nginx", repository="https://private.example.com/")
    (private,) = repositories(found)
    assert (private["name"], private["password"]) == ("private", "s3cret")
    assert found[private["caFile"].removeprefix(f"{HOME}/")] == b"certificate"
    assert [entry["name"] for entry in repositories(await files(environment, chart="open/nginx"))] == ["open"]


async def test_repositories_of_dependencies_have_names(environment: dict[str, str]) -> None:
    """Repositories of dependencies that the user has not added must get a name; those by name must be there."""
    needs = ("https://new.example.com", "@private", "https://open.example.com", "https://new.example.com")
    entries = repositories(await files(environment, dependencies=needs))
    assert [(entry["name"], entry["url"]) for entry in entries] == [
        ("open", "https://open.example.com/"),
        ("private", "https://private.example.com"),
        ("fairlead-0", "https://new.example.com"),
    ]


async def test_the_login_of_a_registry(environment: dict[str, str], tmp_path: Path) -> None:
    """The login must be Helm's own, else that of the container engines; other registries' must stay here."""
    docker = tmp_path / "none"
    docker.mkdir()
    auth = base64.b64encode(b"docker:word").decode()
    (docker / "config.json").write_text(json.dumps({"auths": {"ghcr.io": {"auth": auth}}}))
    for chart, registry, user in (
        ("oci://registry.example.com/charts/web", "registry.example.com", "me"),
        ("oci://ghcr.io/charts/web", "ghcr.io", "docker"),
    ):
        found = await files(environment, chart=chart)
        assert list(found) == ["config/registry/config.json"]
        assert json.loads(found["config/registry/config.json"]) == {
            "auths": {registry: {"auth": base64.b64encode(f"{user}:word".encode()).decode()}}
        }
    assert await files(environment, chart="oci://quay.io/charts/web") == {}


def test_the_repositories_of_this_machines_helm(environment: dict[str, str]) -> None:
    """Helm of this machine must be left its own repositories, unless a dependency is in one that it does not know."""
    known = read_helm_files(environment)
    assert host_repositories(known, HelmNeeds(image="", dependencies=("https://open.example.com",))) is None
    content = host_repositories(known, HelmNeeds(image="", dependencies=("https://new.example.com",)))
    assert content is not None
    assert [entry["name"] for entry in json.loads(content)["repositories"]] == ["open", "private", "fairlead-0"]


def test_where_helm_keeps_its_files(environment: dict[str, str], tmp_path: Path) -> None:
    """Helm's own variables must win, and files that are not there or are no YAML must count as empty."""
    (tmp_path / "own.yaml").write_text("repositories: [{name: own, url: 'https://own.example.com'}]")
    known = read_helm_files({**environment, "HELM_REPOSITORY_CONFIG": str(tmp_path / "own.yaml")})
    assert known.repository_at("https://own.example.com/") == "own"
    (tmp_path / "own.yaml").write_text("{")
    for home in ({"HELM_CONFIG_HOME": str(tmp_path)}, {"HELM_REPOSITORY_CONFIG": str(tmp_path / "own.yaml")}):
        assert read_helm_files({**environment, **home}).repositories == ()


def test_a_repository_that_is_not_known() -> None:
    """The error must name those that are."""
    known = HelmFiles(({"name": "open", "url": "x"},))
    known.require("open/nginx")
    known.require("https://charts.example.com/nginx-1.0.0.tgz")
    with pytest.raises(
        StartError, match="in the repository 'bitnami', which Helm does not know; it knows open"
    ) as caught:
        known.require("bitnami/nginx")
    assert "helm repo add bitnami URL" in str(caught.value)


async def test_a_certificate_that_is_gone(environment: dict[str, str], tmp_path: Path) -> None:
    """The error must name the repository and the file."""
    (tmp_path / "ca.crt").unlink()
    with pytest.raises(StartError, match=r"the repository private that Helm knows has the certificate .*/ca\.crt"):
        await files(environment, chart="private/nginx")
