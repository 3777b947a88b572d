"""What the user has told Helm and container engines of repositories and registries, for a Helm in a container.

The files are read at each start and kept nowhere else; they are copied into the container, never put on a command line.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

import yaml

from fairlead.engines.docker.credentials import Login, find_login
from fairlead.errors import StartError

REPOSITORIES: Final = "config/repositories.yaml"
REGISTRIES: Final = "config/registry/config.json"
_CERTIFICATES: Final = ("caFile", "certFile", "keyFile")


@dataclass(frozen=True, slots=True, kw_only=True)
class HelmNeeds:
    """What a Helm is opened for.

    Args:
        image: The image, for one in a container.
        on_host: Whether it is that of this machine.
        chart: The chart that it fetches: its name in a repository, or ``oci://…``; None where it fetches none.
        repository: The repository's address, if it is given.
        dependencies: Where the charts come from that a chart of this machine depends on.
    """

    image: str
    on_host: bool = False
    chart: str | None = None
    repository: str | None = None
    dependencies: tuple[str, ...] = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses that it may fetch from."""
        return tuple(filter(None, (self.repository or self.chart, *self.dependencies)))


@dataclass(frozen=True, slots=True)
class HelmFiles:
    """What the user has told Helm.

    Args:
        repositories: The repositories that were added, each with ``name``, ``url`` and maybe ``username`` and so on.
        logins: What ``helm registry login`` has stored.
    """

    repositories: Sequence[Mapping[str, Any]] = ()
    logins: Mapping[str, Any] = field(default_factory=dict)

    def repository_at(self, url: str) -> str | None:
        """The name of the repository with an address; None if the user has not added it."""
        for repository in self.repositories:
            if str(repository.get("url", "")).rstrip("/") == url.rstrip("/"):
                return str(repository["name"])
        return None

    def require(self, reference: str) -> None:
        """See to it that the repository is known that a chart is in, such as ``bitnami/nginx``.

        Raises:
            StartError: It is not.
        """
        name = reference.partition("/")[0]
        known = [str(repository["name"]) for repository in self.repositories]
        if "://" not in reference and name not in known:
            raise StartError(
                f"its chart {reference!r} is in the repository {name!r}, which Helm does not know"
                + (f"; it knows {', '.join(known)}" if known else ""),
                remedy=f"Give repo= with the repository's address, or add it: helm repo add {name} URL.",
            )


def read_helm_files(environment: Mapping[str, str] = os.environ) -> HelmFiles:
    """What the user has told Helm; empty where there is nothing."""
    home = _config_home(environment)
    repositories = Path(environment.get("HELM_REPOSITORY_CONFIG") or home / "repositories.yaml")
    logins = Path(environment.get("HELM_REGISTRY_CONFIG") or home / "registry" / "config.json")
    content = _mapping(repositories)
    known = [one for one in content.get("repositories") or () if isinstance(one, dict) and one.get("name")]
    return HelmFiles(tuple(known), _mapping(logins))


async def files_for_container(
    files: HelmFiles, needs: HelmNeeds, home: str, environment: Mapping[str, str] = os.environ
) -> dict[str, bytes]:
    """The files that a Helm in a container gets, by their paths below its home.

    Args:
        files: What the user has told Helm.
        needs: What it is opened for.
        home: Where the files are in the container.
        environment: The user's environment, which says where container engines keep their credentials.
    """
    registries = [address for address in needs.addresses if address.startswith("oci://")]
    found: dict[str, bytes] = {}
    # Only what is needed: Helm refuses to look for an address among repositories whose index it does not have.
    entries = [
        _with_certificates(number, entry, home, found)
        for number, entry in enumerate(files.repositories)
        if _is_needed(entry, needs)
    ]
    if entries := entries + unnamed_repositories(files, needs):
        found[REPOSITORIES] = repositories_file(entries)
    return found | await _registry_file(files, registries, environment)


def unnamed_repositories(files: HelmFiles, needs: HelmNeeds) -> list[dict[str, Any]]:
    """The repositories of dependencies that the user has not added: ``helm dependency build`` wants a name for each."""
    addresses = dict.fromkeys(filter(_is_repository, needs.dependencies))
    unknown = [address for address in addresses if files.repository_at(address) is None]
    return [{"name": f"fairlead-{number}", "url": address} for number, address in enumerate(unknown)]


def repositories_file(entries: Sequence[Mapping[str, Any]]) -> bytes:
    """The file that Helm knows repositories by."""
    return json.dumps({"apiVersion": "v1", "repositories": [dict(entry) for entry in entries]}).encode()


def _is_needed(entry: Mapping[str, Any], needs: HelmNeeds) -> bool:
    name, url = str(entry["name"]), str(entry.get("url", "")).rstrip("/")
    by_address = url in {address.rstrip("/") for address in needs.addresses}
    by_name = any(address in (f"@{name}", f"alias:{name}") for address in needs.dependencies)
    return by_address or by_name or (needs.chart or "").startswith(f"{name}/")


def _with_certificates(
    number: int, repository: Mapping[str, Any], home: str, files: dict[str, bytes]
) -> dict[str, Any]:
    """A repository whose certificates are among the files of the container."""
    entry = dict(repository)
    for key in _CERTIFICATES:
        if entry.get(key):
            path = f"certificates/{number}-{key}"
            files[path] = _certificate(str(entry[key]), str(entry["name"]))
            entry[key] = str(PurePosixPath(home, path))
    return entry


def _is_repository(address: str) -> bool:
    return address.startswith(("http://", "https://"))


async def _registry_file(
    files: HelmFiles, addresses: Sequence[str], environment: Mapping[str, str]
) -> dict[str, bytes]:
    auths: dict[str, Any] = {}
    for address in addresses:
        reference = address.removeprefix("oci://")
        login = await find_login(reference, environment, first=(files.logins,))
        if login is not None:
            auths[reference.partition("/")[0]] = _auth(login)
    return {REGISTRIES: json.dumps({"auths": auths}).encode()} if auths else {}


def _auth(login: Login) -> dict[str, str]:
    if "identitytoken" in login:
        return {"identitytoken": login["identitytoken"]}
    return {"auth": base64.b64encode(f"{login['username']}:{login['password']}".encode()).decode()}


def _certificate(path: str, repository: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise StartError(
            f"the repository {repository} that Helm knows has the certificate {path}, which can't be read: "
            f"{error.strerror or error}",
            remedy="Add the repository again: helm repo add --force-update.",
        ) from error


def _config_home(environment: Mapping[str, str]) -> Path:
    if home := environment.get("HELM_CONFIG_HOME"):
        return Path(home)
    if base := environment.get("XDG_CONFIG_HOME"):
        return Path(base, "helm")
    user = Path(environment.get("HOME") or "/")
    return user / "Library/Preferences/helm" if sys.platform == "darwin" else user / ".config" / "helm"


def _mapping(path: Path) -> Mapping[str, Any]:
    try:
        content = yaml.safe_load(path.read_bytes())  # JSON is YAML
    except (OSError, yaml.YAMLError):
        return {}
    return content if isinstance(content, dict) else {}
