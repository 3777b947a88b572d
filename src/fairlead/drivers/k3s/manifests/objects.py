"""One object of a manifest, and where it was written."""

from __future__ import annotations

import base64
import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fairlead.engines.kube import Object, ObjectKind, ObjectRef
from fairlead.errors import StartError

SECRET = ObjectKind("v1", "Secret")

_OF_THE_SERVER = ("creationTimestamp", "deletionTimestamp", "generation", "managedFields", "resourceVersion", "uid")
"""Fields of metadata that an exported object has, and that nobody can apply."""


@dataclass(frozen=True, slots=True)
class ManifestObject:
    """An object as it is to be applied.

    Args:
        body: The object; its namespace is missing where the manifest's own is meant.
        origin: Where it was written, such as ``crds/widget.yaml, line 12``.
    """

    body: Object = field(repr=False)  # may be a Secret
    origin: str

    @property
    def ref(self) -> ObjectRef:
        """What refers to it."""
        return ObjectRef.of(self.body)

    def in_namespace(self, namespace: str) -> ManifestObject:
        """The same object in a namespace, unless it names one itself."""
        if self.body["metadata"].get("namespace"):
            return self
        metadata = {**self.body["metadata"], "namespace": namespace}
        return ManifestObject({**self.body, "metadata": metadata}, self.origin)

    def without_namespace(self) -> ManifestObject:
        """The same object as one of the cluster as a whole."""
        metadata = {name: value for name, value in self.body["metadata"].items() if name != "namespace"}
        return ManifestObject({**self.body, "metadata": metadata}, self.origin)

    def with_labels(self, labels: Mapping[str, str]) -> ManifestObject:
        """The same object with more labels."""
        metadata = self.body["metadata"]
        metadata = {**metadata, "labels": {**(metadata.get("labels") or {}), **labels}}
        return ManifestObject({**self.body, "metadata": metadata}, self.origin)


def manifest_object(body: Mapping[str, Any], origin: str) -> ManifestObject:
    """An object that was read, without what only an API server can say of it.

    Raises:
        StartError: It is no object: its kind or its name is missing.
    """
    if problem := _problem(body):
        raise StartError(f"{origin}: {problem}", remedy="Correct it.")
    cleaned = copy.deepcopy(dict(body))
    metadata = cleaned["metadata"]
    for name in _OF_THE_SERVER:
        metadata.pop(name, None)
    if ObjectKind.of(cleaned) == SECRET:
        _encode_texts(cleaned)
    return ManifestObject(cleaned, origin)


def flattened(body: Any, origin: str) -> Iterable[tuple[Any, str]]:
    """An object, or those of a list of objects, each with where it was written."""
    if not isinstance(body, Mapping) or not str(body.get("kind")).endswith("List"):
        return [(body, origin)]
    items = body.get("items")
    if not isinstance(items, Sequence) or isinstance(items, str):
        return [(body, origin)]
    given = {}
    if body["kind"] != "List":  # the items of a ConfigMapList need not repeat what they are
        given = {"apiVersion": body.get("apiVersion"), "kind": str(body["kind"]).removesuffix("List")}
    return [
        ({**given, **item} if isinstance(item, Mapping) else item, f"{origin}, item {number}")
        for number, item in enumerate(items, 1)
    ]


def without_repetitions(objects: Iterable[ManifestObject], refs: Iterable[ObjectRef]) -> list[ManifestObject]:
    """The objects, each of them once: several files may repeat the namespace that they need.

    Args:
        objects: The objects.
        refs: What refers to each of them in the cluster.

    Raises:
        StartError: Two of them differ: which one holds would be a matter of luck.
    """
    known: dict[ObjectRef, ManifestObject] = {}
    for each, ref in zip(objects, refs, strict=True):
        former = known.setdefault(ref, each)
        if former.body != each.body:
            raise StartError(
                f"{ref} is given twice, and differently: in {former.origin}, and in {each.origin}",
                remedy="Remove one of them.",
            )
    return list(known.values())


def _problem(body: Any) -> str | None:
    """What an object lacks."""
    if not isinstance(body, Mapping):
        return "this is not a Kubernetes object, which is a mapping"
    for key in ("apiVersion", "kind"):
        if not isinstance(body.get(key), str) or not body[key]:
            return f"this object has no {key}"
    metadata = body.get("metadata")
    if not isinstance(metadata, Mapping):
        return f"this {body['kind']} has no metadata"
    if not isinstance(metadata.get("name"), str) or not metadata["name"]:
        generated = ", and metadata.generateName would create another object at each start"
        return f"this {body['kind']} has no metadata.name{generated if 'generateName' in metadata else ''}"
    return None


def _encode_texts(secret: Object) -> None:
    """Turn ``stringData`` into ``data``, so that an entry that is given no longer goes from the cluster too."""
    texts = secret.get("stringData")
    if isinstance(texts, Mapping) and all(isinstance(text, str) for text in texts.values()):
        del secret["stringData"]
        encoded = {name: base64.b64encode(text.encode()).decode() for name, text in texts.items()}
        secret["data"] = {**(secret.get("data") or {}), **encoded}
