"""Which objects a path has, and what is said of one that has none."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from fairlead import FairleadError
from fairlead.drivers.k3s.manifests.files import parse_objects, read_manifest
from fairlead.drivers.k3s.manifests.objects import without_repetitions


def config_map(name: str) -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n"


def write(folder: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def names(path: Path) -> list[str]:
    return [str(each.body["metadata"]["name"]) for each in read_manifest(path, "k8s")]


def test_a_folder_is_read_with_all_below_it_in_order(tmp_path: Path) -> None:
    """All YAML and JSON of a folder must be read, sorted; hidden files, other files and loops of links must not."""
    write(
        tmp_path,
        {
            "b.yaml": config_map("b"),
            "a/z.yml": config_map("az") + "---\n" + config_map("az2"),
            "a/y.json": '{"apiVersion": "v1",\t"kind": "ConfigMap", "metadata": {"name": "ay"}}',
            ".git/c.yaml": "no: [yaml",
            ".d.yaml": "no: [yaml",
            "README.md": "# no yaml",
            "empty.yaml": "# nothing yet\n",
        },
    )
    (tmp_path / "a/loop").symlink_to(tmp_path)
    (tmp_path / "linked.yaml").symlink_to("b.yaml")

    assert names(tmp_path) == ["ay", "az", "az2", "b", "b"]


def test_line_ends_of_windows_are_read(tmp_path: Path) -> None:
    """A checkout with CRLF, or a file with a byte order mark, must be read like any other."""
    (tmp_path / "a.yaml").write_bytes(
        b"\xef\xbb\xbf" + (config_map("a") + "---\n" + config_map("b")).replace("\n", "\r\n").encode()
    )

    assert names(tmp_path) == ["a", "b"]


@pytest.mark.parametrize("kind", ["List", "ConfigMapList"])
def test_lists_are_flattened(kind: str) -> None:
    """The items of a list must be objects of their own; those of a typed list need not repeat their kind."""
    item = (
        "{metadata: {name: a}}" if kind == "ConfigMapList" else "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}"
    )
    [found] = parse_objects(f"apiVersion: v1\nkind: {kind}\nitems: [{item}]\n", "x.yaml")

    assert (found.body["kind"], found.body["apiVersion"]) == ("ConfigMap", "v1")
    assert found.origin == "x.yaml, line 1, item 1"


def test_an_exported_object_can_be_applied() -> None:
    """What only an API server says of an object must be left out, as it would refuse that."""
    metadata = "{name: a, uid: u, resourceVersion: '7', managedFields: [], creationTimestamp: null, labels: {x: 'y'}}"
    [found] = parse_objects(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {metadata}\n", "x.yaml")

    assert found.body["metadata"] == {"name": "a", "labels": {"x": "y"}}


def test_texts_of_a_secret_become_data() -> None:
    """An entry of stringData that is removed must go from the cluster, which it does not unless it is data."""
    [found] = parse_objects("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {k: v}\n", "x.yaml")

    assert found.body["data"] == {"k": base64.b64encode(b"v").decode()}
    assert "stringData" not in found.body


@pytest.mark.parametrize(
    ("files", "path", "message"),
    [
        ({}, "nothing", r"there is no file or folder k8s \(.*/nothing\)"),
        ({"a.txt": ""}, ".", r"the folder k8s holds no object in a \*.yaml"),
        ({"a.yaml": "# empty"}, "a.yaml", "the file k8s holds no object"),
        ({"a.yaml": "x: 1\ny: [1\n"}, ".", "k8s/a.yaml is not valid YAML: line 3, column 1: "),
        ({"a.json": '{"x": 1,\n}'}, ".", "k8s/a.json is not valid JSON: line 2, column 1"),
        ({"a.yaml": config_map("a") + "---\n- 1\n"}, ".", "k8s/a.yaml, line 5: this is not a Kubernetes object"),
        ({"a.yaml": "kind: X\n"}, ".", "k8s/a.yaml, line 1: this object has no apiVersion"),
        ({"a.yaml": "apiVersion: v1\n"}, ".", "this object has no kind"),
        ({"a.yaml": "apiVersion: v1\nkind: Pod\n"}, ".", "this Pod has no metadata"),
        (
            {"a.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {generateName: a}\n"},
            ".",
            "no metadata.name, and .*generate",
        ),
        ({"a.yaml": config_map("a"), "b/kustomization.yml": ""}, ".", "k8s/b/kustomization.yml is a Kustomization in"),
        ({"a.yaml": config_map("a"), "b/Chart.yaml": ""}, ".", "k8s/b is a Helm chart in a folder of plain manifests"),
    ],
)
def test_what_can_not_be_read_is_said_with_its_place(
    tmp_path: Path, files: dict[str, str], path: str, message: str
) -> None:
    """A mistake must be told with the file, the line of the document, and what is wrong with it."""
    with pytest.raises(FairleadError, match=message):
        read_manifest(write(tmp_path, files) / path, "k8s")


def test_an_address_is_no_path(tmp_path: Path) -> None:
    """Files are read from this machine, and an address must be told apart from a mistyped path."""
    address = "https://example.com/crds.yaml"

    with pytest.raises(FairleadError, match=f"{address} is no path. Download it beside the app file"):
        read_manifest(tmp_path / address, address)


def test_bytes_that_are_no_text_are_an_error(tmp_path: Path) -> None:
    """A file in another encoding must be named, and not end in a traceback."""
    (tmp_path / "a.yaml").write_bytes(b"a: \xff\xfe")

    with pytest.raises(FairleadError, match=r"k8s/a.yaml is not text in UTF-8. Save it as UTF-8"):
        read_manifest(tmp_path, "k8s")


def unique(*files: str) -> list[str]:
    """The names of objects in some files, each of them once."""
    objects = [each for number, text in enumerate(files) for each in parse_objects(text, f"{number}.yaml")]
    return [each.ref.name for each in without_repetitions(objects, [each.ref for each in objects])]


def test_an_object_may_be_repeated_and_not_be_given_twice() -> None:
    """Files may repeat what they need; of two that differ, which one holds must not be a matter of luck."""
    changed = config_map("a") + "data: {x: 'y'}\n"
    assert unique(config_map("a"), config_map("b"), config_map("a")) == ["a", "b"]

    with pytest.raises(FairleadError, match=r"ConfigMap a is given twice, and .*: in 0\.yaml, .* in 1\.yaml"):
        unique(config_map("a"), changed)
