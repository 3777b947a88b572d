"""What a resource is made from, in a few words."""

from __future__ import annotations

import pytest

from fairlead.model.programs.image import Build
from fairlead.model.resource import Resource
from fairlead.resources.container import Container
from fairlead.resources.executable import Executable
from fairlead.resources.external import ExternalService
from fairlead.resources.node import NodeApp
from fairlead.resources.postgres import Postgres, PostgresDatabase
from fairlead.resources.python import PythonApp, UvicornApp


@pytest.mark.parametrize(
    ("resource", "words"),
    [
        (UvicornApp("a", ".", "shop.api:app"), "shop.api:app"),
        (PythonApp("a", ".", script="main.py"), "main.py"),
        (PythonApp("a", ".", module="shop.worker"), "shop.worker"),
        (NodeApp("a", ".", run="dev"), "run dev"),
        (Executable("a", "./seed.sh"), "./seed.sh"),
        (Container("a", "nginx:1.22"), "nginx:1.22"),
        (Container("a", build=Build("web")), "Dockerfile in web"),
        (PostgresDatabase("orders", Postgres("pg")), "orders on pg"),
        (ExternalService("a", "https://payments.example.com/"), "payments.example.com"),
        (Resource("a"), ""),
    ],
)
def test_each_kind_tells_what_tells_most(resource: Resource, words: str) -> None:
    """The words must be those that the definition uses."""
    assert resource.made_from == words
