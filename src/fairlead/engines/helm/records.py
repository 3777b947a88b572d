"""What Helm keeps in a cluster of its releases: a Secret for each revision (Helm documentation, "Storage backends").

Reading them takes milliseconds, where asking Helm starts a program. The release is in there as JSON, compressed; what
can't be read of it is left out, as nothing depends on it but words.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from fairlead.engines.helm import ReleaseStatus
from fairlead.engines.helm.answers import parse_status
from fairlead.engines.kube import KubernetesApi, Object, ObjectKind, ObjectRef

SECRET: Final = ObjectKind("v1", "Secret")
OWNER: Final = {"owner": "helm"}
_PREFIX: Final = "sh.helm.release.v1."


@dataclass(frozen=True)
class ReleaseRecord:
    """One revision of a release, as Helm keeps it.

    Args:
        name: The release's name.
        namespace: Its namespace.
        revision: The revision.
        status: What became of it.
        labels: The labels that the release was given, and Helm's own.
        annotations: The annotations of the record, which Helm does not hand on to the next revision.
        created_at: When the operation began that made it, in seconds since the epoch.
        resource_version: The version of the record.
        data: The release, compressed.
    """

    name: str
    namespace: str
    revision: int
    status: ReleaseStatus
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    created_at: float = 0.0
    resource_version: str = ""
    data: str = field(default="", repr=False)

    @property
    def is_pending(self) -> bool:
        """Whether an operation is under way, or was when Helm was killed."""
        return self.status.startswith("pending-") or self.status == "uninstalling"

    @property
    def ref(self) -> ObjectRef:
        """The record's Secret."""
        return ObjectRef(SECRET, f"{_PREFIX}{self.name}.v{self.revision}", self.namespace)

    @cached_property
    def content(self) -> Mapping[str, Any]:
        """The release as Helm's JSON has it; empty where it can't be read."""
        try:
            content = json.loads(gzip.decompress(base64.b64decode(base64.b64decode(self.data))))
        except (ValueError, OSError, EOFError, binascii.Error):
            return {}
        return content if isinstance(content, dict) else {}

    @property
    def manifests(self) -> str:
        """The objects of the release as YAML, without those of its hooks."""
        return str(self.content.get("manifest") or "")

    @property
    def hooks(self) -> str:
        """The objects of its hooks as YAML."""
        hooks = self.content.get("hooks") or []
        return "\n---\n".join(str(hook.get("manifest") or "") for hook in hooks if isinstance(hook, dict))

    @property
    def chart(self) -> str:
        """The chart's name and version, such as ``argo-cd-7.8.0``."""
        chart = self.content.get("chart")
        metadata = chart.get("metadata") if isinstance(chart, dict) else None
        return f"{metadata.get('name')}-{metadata.get('version')}" if isinstance(metadata, dict) else ""

    @property
    def description(self) -> str:
        """What Helm says of the revision, such as why it failed."""
        info = self.content.get("info")
        return str(info.get("description") or "") if isinstance(info, dict) else ""


async def read_records(
    api: KubernetesApi,
    *,
    namespace: str | None = None,
    name: str | None = None,
    labels: Mapping[str, str] | None = None,
) -> list[ReleaseRecord]:
    """The records in a cluster, those of one release in the order of their revisions.

    Args:
        api: The cluster.
        namespace: Their namespace; None for all.
        name: The release; None for all.
        labels: Labels that they carry.

    Raises:
        EngineError: The API refuses or does not answer.
    """
    wanted = {**(labels or {}), **OWNER, **({"name": name} if name else {})}
    secrets = await api.list(SECRET, namespace=namespace, labels=wanted)
    return sort_records(record for secret in secrets.items if (record := parse_record(secret)) is not None)


def sort_records(records: Iterable[ReleaseRecord]) -> list[ReleaseRecord]:
    """Records by release, those of one in the order of their revisions."""
    return sorted(records, key=lambda record: (record.namespace, record.name, record.revision))


def parse_record(secret: Object) -> ReleaseRecord | None:
    """The record in a Secret; None where it is none of Helm's."""
    metadata = secret["metadata"]
    labels: Mapping[str, str] = metadata.get("labels") or {}
    if not str(metadata["name"]).startswith(_PREFIX) or not str(labels.get("version", "")).isdigit():
        return None
    return ReleaseRecord(
        name=str(labels.get("name", "")),
        namespace=str(metadata["namespace"]),
        revision=int(labels["version"]),
        status=parse_status(labels.get("status")),
        labels=labels,
        annotations=metadata.get("annotations") or {},
        created_at=_seconds(str(metadata.get("creationTimestamp") or "")),
        resource_version=str(metadata.get("resourceVersion") or ""),
        data=str((secret.get("data") or {}).get("release") or ""),
    )


async def annotate_record(api: KubernetesApi, record: ReleaseRecord, annotations: Mapping[str, str]) -> None:
    """Add annotations to a record, unless it has changed since it was read.

    Raises:
        Conflict: It has.
        EngineError: The API refuses or does not answer.
    """
    metadata = {
        "name": record.ref.name,
        "namespace": record.namespace,
        "resourceVersion": record.resource_version,
        "annotations": dict(annotations),
    }
    await api.apply({"apiVersion": "v1", "kind": "Secret", "metadata": metadata})


def _seconds(timestamp: str) -> float:
    try:
        return datetime.fromisoformat(timestamp.replace("Z", "+00:00")).timestamp()
    except ValueError:
        return 0.0
