"""Names in a cluster."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.model.names import is_host, is_image, is_label, name_problem
from fairlead.publish.chart.names import is_variable, object_name, port_name
from fairlead.publish.images.image_names import ImageName

NAMES = st.from_regex(re.compile(r"[A-Za-z][A-Za-z0-9]*([-_][A-Za-z0-9]+)*", re.ASCII), fullmatch=True).filter(
    lambda name: name_problem(name) is None
)


@given(NAMES)
def test_every_name_of_a_resource_gives_names_of_objects(name: str) -> None:
    """Whatever a resource is called, its objects and ports must have names that Kubernetes takes."""
    assert is_label(object_name(name))
    assert len(port_name(name)) <= 15
    assert is_label(port_name(name))
    assert re.search("[a-z]", port_name(name))
    assert "--" not in port_name(name)


def test_names_that_differ_in_what_is_cut_stay_different() -> None:
    """Two long names must not become one."""
    first, second = "a" * 63 + "b", "a" * 63 + "c"

    assert object_name(first) != object_name(second)
    assert object_name(first) == object_name(first)
    assert object_name("My_Api") == "my-api"


@pytest.mark.parametrize(
    ("reference", "parts"),
    [
        ("nginx", ("nginx", "latest", "")),
        ("host:5000/a/b", ("host:5000/a/b", "latest", "")),
        ("host:5000/a/b:1", ("host:5000/a/b", "1", "")),
        ("a@sha256:x", ("a", "", "sha256:x")),
        ("a:1@sha256:x", ("a", "1", "sha256:x")),
    ],
)
def test_images_are_taken_apart(reference: str, parts: tuple[str, str, str]) -> None:
    """Registry ports must not be taken for tags."""
    assert ImageName.parse(reference) == ImageName(*parts)


def test_what_can_be_checked_is_recognised() -> None:
    """Good images, hosts and variables must pass, bad ones not."""
    assert all(map(is_image, ["a", "r.io:5/a/b_c:1", f"a@sha256:{'0' * 64}", "LOCALHOST/a"]))
    assert not any(map(is_image, ["", "A b", "MyApi:1", "a:", "a@sha256:1", "http://a/b"]))
    assert all(map(is_host, ["a", "*.example.com", "a-b.c"]))
    assert not any(map(is_host, ["", "A.com", "http://a", "a..b", "a:80", "-a"]))
    assert all(map(is_variable, ["A", "a.b-c", "_x"]))
    assert not any(map(is_variable, ["1A", "A:B", "ä", "..", ".", "A B"]))
