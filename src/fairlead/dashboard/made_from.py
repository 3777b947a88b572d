"""What a resource is made from, in a few words, as a column of the page shows it."""

from __future__ import annotations

from fairlead.model.resource import Resource
from fairlead.model.value import Value
from fairlead.resources.container import Container
from fairlead.resources.executable import Executable
from fairlead.resources.external import ExternalService
from fairlead.resources.k3s import HelmRelease, KubernetesManifest, ServiceEndpoint
from fairlead.resources.node import NodeApp
from fairlead.resources.postgres import PostgresDatabase
from fairlead.resources.python import PythonApp, UvicornApp


def made_from(resource: Resource) -> str:
    """Return the image, program, chart or address of a resource; empty where its kind has none of them."""
    return _program(resource) or _value(resource) or _cluster_objects(resource)


def _program(resource: Resource) -> str:
    match resource:
        case UvicornApp():
            return resource.app
        case PythonApp():
            return resource.script or resource.module or resource.command_name or ""
        case NodeApp():
            return resource.script or f"run {resource.run_script}"
        case Executable():
            return resource.command
        case Container():
            return _image(resource)
        case _:
            return ""


def _value(resource: Resource) -> str:
    match resource:
        case PostgresDatabase():
            return f"{resource.database_name} on {resource.server.name}"
        case ExternalService():
            return "" if isinstance(resource.url, Value) else resource.url.partition("://")[2].rstrip("/")
        case _:
            return ""


def _cluster_objects(resource: Resource) -> str:
    match resource:
        case HelmRelease():
            return " ".join(filter(None, (resource.chart.rpartition("/")[2], resource.version)))
        case KubernetesManifest():
            return resource.path or f"{len(resource.objects)} objects"
        case ServiceEndpoint():
            return f"svc/{resource.service}:{resource.service_port}"
        case _:
            return ""


def _image(container: Container) -> str:
    if container.build is not None:
        return f"{container.build.dockerfile} in {container.build.context}"
    return container.image_reference or ""
