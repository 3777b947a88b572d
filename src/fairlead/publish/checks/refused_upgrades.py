"""Changes of objects that an API server refuses: some fields can only be set when an object is created.

An upgrade with such a change fails half-way. What brings it in all the same is nearly always to remove the object
first, and what that costs depends on the kind. Each rule is tried on a real API server, its procedure with a real Helm.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

Body = Mapping[str, Any]


class RefusedChange(NamedTuple):
    """A change that an upgrade can't make.

    Args:
        kind: The kind of the object.
        name: Its name.
        fields: The paths of what differs.
        procedure: What brings the change into the cluster.
    """

    kind: str
    name: str
    fields: tuple[str, ...]
    procedure: str


class _Rule(NamedTuple):
    """Fields that can't be changed.

    Args:
        fields: Their paths.
        options: Further options of ``kubectl delete``.
        before: What to know before the object is removed.
        after: What to know or do afterwards.
    """

    fields: tuple[str, ...]
    options: str = ""
    before: str = "Remove it before the upgrade, which creates it again: "
    after: str = ""


_ORPHAN = "Remove it before the upgrade, but not its pods, which the upgrade takes over: "
_COPY = "take a volume of another name and copy the data. If the data is of no use, stop the pods that mount it, and"
_KEEP_VOLUME = f"Keep it as it was, or {_COPY} remove it before the upgrade: "
_GROW_VOLUME = (
    "Keep it, unless it grows and its storage class allows that (allowVolumeExpansion). "
    f"Else {_COPY} remove it before the upgrade: "
)
_SELECTOR = _Rule(("spec.selector",), after=" Its pods are gone until then.")
#: The rules of each kind, by the group of its API. Of several that apply the first says what to do.
_RULES: Mapping[tuple[str, str], tuple[_Rule, ...]] = {
    ("apps", "Deployment"): (_SELECTOR,),
    ("apps", "DaemonSet"): (_SELECTOR,),
    ("apps", "ReplicaSet"): (_SELECTOR,),
    ("apps", "StatefulSet"): (
        _Rule(_SELECTOR.fields, after=" Its pods are gone until then; their claims stay."),
        _Rule(
            ("spec.serviceName",),
            "--cascade=orphan",
            _ORPHAN,
            " Afterwards give its pods their new names: kubectl rollout restart statefulset {name}{namespace}",
        ),
        _Rule(
            ("spec.volumeClaimTemplates", "spec.podManagementPolicy"),
            "--cascade=orphan",
            _ORPHAN,
            " Claims that exist stay as they were.",
        ),
    ),
    ("batch", "Job"): (
        _Rule(
            (
                "spec.template",
                "spec.selector",
                "spec.completions",
                "spec.completionMode",
                "spec.podFailurePolicy",
                "spec.backoffLimitPerIndex",
                "spec.successPolicy",
                "spec.managedBy",
            ),
            before="Give it another name, or remove it before the upgrade, which creates it and so runs it again: ",
        ),
    ),
    ("", "Service"): (_Rule(("spec.clusterIP",), after=" It has another address then."),),
    ("", "PersistentVolumeClaim"): (
        _Rule(
            (
                "spec.storageClassName",
                "spec.accessModes",
                "spec.volumeMode",
                "spec.volumeName",
                "spec.selector",
                "spec.dataSource",
                "spec.dataSourceRef",
            ),
            before=_KEEP_VOLUME,
        ),
        _Rule(
            ("spec.resources.requests.storage",),
            before=_GROW_VOLUME,
        ),
    ),
    ("", "Secret"): (_Rule(("type",)),),
    ("rbac.authorization.k8s.io", "RoleBinding"): (_Rule(("roleRef",)),),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): (_Rule(("roleRef",)),),
    ("scheduling.k8s.io", "PriorityClass"): (_Rule(("value", "preemptionPolicy")),),
    ("storage.k8s.io", "StorageClass"): (_Rule(("provisioner", "parameters", "reclaimPolicy", "volumeBindingMode")),),
}
#: Of an immutable ConfigMap or Secret.
_IMMUTABLE = _Rule(
    ("data", "binaryData", "stringData", "immutable"), before="Give it another name, or remove it first: "
)
_VOLUME = _Rule(
    (),
    before="Before the upgrade, which creates both again, stop the pods that use it, remove its claim, and then: ",
    after=" What it stands for keeps its data, unless its reclaim policy says Delete.",
)
#: The fields of a PersistentVolume that can be changed; all others say what it stands for, or how it is used.
_OF_VOLUME = {
    "accessModes",
    "capacity",
    "claimRef",
    "mountOptions",
    "persistentVolumeReclaimPolicy",
    "storageClassName",
}
#: The kinds of which something can be refused; others need not be read.
KINDS = frozenset({*(kind for _, kind in _RULES), "ConfigMap", "PersistentVolume"})


def refused_changes(before: Iterable[Body], after: Iterable[Body], namespace: str | None) -> Iterator[RefusedChange]:
    """The changes between two states of a release that an API server would refuse.

    Args:
        before: The objects as they were, of which others may be missing that have not changed.
        after: Those they are to become.
        namespace: The namespace of the release; None for the one that commands are used with.
    """
    known = {_identity(body): body for body in before}
    for body in after:
        old = known.get(_identity(body))
        if old is not None and (change := _refused(old, body, namespace)) is not None:
            yield change


def _identity(body: Body) -> tuple[str, str, str, str]:
    metadata = _mapping(body.get("metadata"))
    return _group(body), str(body.get("kind")), str(metadata.get("namespace", "")), str(metadata.get("name"))


def _group(body: Body) -> str:
    return str(body.get("apiVersion")).rpartition("/")[0]


def _refused(old: Body, new: Body, namespace: str | None) -> RefusedChange | None:
    applying = [(rule, fields) for rule in _rules(old, new) if (fields := _differing(rule, old, new))]
    if not applying:
        return None
    rule = applying[0][0]
    kind, name = str(new["kind"]), str(new["metadata"]["name"])
    where = _mapping(new["metadata"]).get("namespace") or namespace
    option = f" --namespace {where}" if where and kind not in _CLUSTER_WIDE else ""
    words = ("kubectl delete", kind.lower(), name, rule.options)
    command = " ".join(filter(None, words)) + option
    after = rule.after.format(name=name, namespace=option)
    procedure = f"{rule.before}{command}{'.' if after else ''}{after}"
    return RefusedChange(kind, name, tuple(field for _, fields in applying for field in fields), procedure)


_CLUSTER_WIDE = {"ClusterRoleBinding", "PersistentVolume", "PriorityClass", "StorageClass"}


def _rules(old: Body, new: Body) -> Iterator[_Rule]:
    key = _group(new), str(new.get("kind"))
    yield from _RULES.get(key, ())
    if key in (("", "ConfigMap"), ("", "Secret")) and old.get("immutable") is True:
        yield _IMMUTABLE
    if key == ("", "PersistentVolume"):
        keys = dict.fromkeys([*_mapping(old.get("spec")), *_mapping(new.get("spec"))])
        yield _VOLUME._replace(fields=tuple(f"spec.{field}" for field in keys if field not in _OF_VOLUME))


def _differing(rule: _Rule, old: Body, new: Body) -> list[str]:
    return [field for field in rule.fields if _differs(field, _at(old, field), _at(new, field))]


def _differs(field: str, old: Any, new: Any) -> bool:
    """Whether a field changes in a way that is refused."""
    if field == "spec.clusterIP":  # an address that is no longer asked for is kept
        return new is not None and old != new
    return bool(old != new)


def _at(content: Any, path: str) -> Any:
    for key in path.split("."):
        content = _mapping(content).get(key)
    return content


def _mapping(content: Any) -> Mapping[str, Any]:
    return content if isinstance(content, Mapping) else {}
