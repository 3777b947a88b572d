"""The schemas of Kubernetes' own kinds, which every rendered object has to fit."""

from __future__ import annotations

import functools
import json
from importlib.resources import files
from typing import Any

import jsonschema
from referencing import Registry, Resource

#: An old one that is still stable in all we use, and a new one.
VERSIONS = ("1.25", "1.36")
#: What the schemas don't know; the cluster test has the API server judge it.
FOREIGN = ("gateway.networking.k8s.io/", "cert-manager.io/", "example.com/", "argoproj.io/")


def check_object(content: dict[str, Any]) -> None:
    """Hold an object to the schema of its kind in each version; one of a foreign kind passes.

    Raises:
        jsonschema.ValidationError: A field is unknown, missing or of a wrong type.
        FileNotFoundError: A version does not have the kind.
    """
    if content["apiVersion"].startswith(FOREIGN):
        return
    for version in VERSIONS:
        _validator(version, content["kind"], content["apiVersion"]).validate(content)


@functools.cache
def _validator(version: str, kind: str, api_version: str) -> Any:
    group, _, number = api_version.rpartition("/")
    name = "-".join([kind.lower(), *filter(None, [group.partition(".")[0]]), number])
    schema = _schema(version, name)
    registry: Registry[Any] = Resource.from_contents(schema) @ (_definitions(version) @ Registry())
    return jsonschema.Draft202012Validator(schema, registry=registry)


@functools.cache
def _definitions(version: str) -> Resource[Any]:
    return Resource.from_contents(_schema(version, "_definitions"))


def _schema(version: str, name: str) -> Any:
    """A strict schema of the package `kubernetes-validate`, whose own function reads all anew for each object."""
    folder = files("kubernetes_validate") / "kubernetes-json-schema" / f"v{version}.0-local-strict"
    return json.loads((folder / f"{name}.json").read_text())
