"""What publishing says of the images that have to be built."""

from __future__ import annotations

import pytest
from tests.support.definitions import build

from fairlead import AppBuilder, Mode
from fairlead.publish.publisher import render


@pytest.mark.parametrize(
    ("registry", "command"),
    [
        (None, "fairlead build --push --registry REGISTRY"),
        ("registry.example.com/team", "fairlead build --push"),
    ],
)
def test_the_note_has_the_command_that_makes_the_image_of_the_chart(registry: str | None, command: str) -> None:
    """The note on an image must name a registry option exactly where the definition has no registry."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        if registry is not None:
            k8s.with_image_registry(registry)
        app.add_python_app("api", "./api", script="main.py")

    (note,) = [
        note.remedy or "" for note in render(build(define, Mode.PUBLISH)).notes if "has to be built" in note.message
    ]

    assert note == f"Build it, and push it to your registry: {command}."
