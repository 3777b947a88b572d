"""The properties of an environment: what ``with_properties`` sets, what each may be, and what it is by default."""

# Annotations are no texts here: a TypedDict compiles each text by itself.

import re
from collections.abc import Callable, Collection
from typing import Literal, TypeAlias, TypedDict, get_args

from fairlead.model.kubernetes.persistent_volumes import ACCESS_MODES, AccessMode
from fairlead.model.kubernetes.quantity import is_storage_size
from fairlead.model.names import is_label, is_subdomain, listing
from fairlead.model.parameter import Parameter
from fairlead.records import record, record_fields

ImagePullPolicy: TypeAlias = Literal["Always", "IfNotPresent", "Never"]
ServiceType: TypeAlias = Literal["ClusterIP", "NodePort", "LoadBalancer"]
PodSecurityProfile: TypeAlias = Literal["default", "restricted", "openshift"]
StorageType: TypeAlias = Literal["pvc", "emptyDir", "hostPath"]

#: The longest name that Helm takes for a release.
MAX_RELEASE = 53
_VERSION = r"v?(0|[1-9]\d*)(\.(0|[1-9]\d*)){0,2}(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?"
_CHART_NAME = r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,249}"
_UNWRITABLE = "[\0\ud800-\udfff]"
#: What most environments have, and nobody need judge.
DEFAULT_VERSION = "0.1.0"
DEFAULT_SIZE = "1Gi"


class KubernetesPropertyOptions(TypedDict, total=False):
    """The keywords of ``with_properties``; see :class:`KubernetesProperties`."""

    helm_chart_name: str | Parameter
    helm_chart_version: str | Parameter
    helm_chart_description: str | Parameter
    namespace: str | Parameter
    release_name: str | Parameter
    default_storage_type: StorageType | Parameter
    default_storage_class_name: str | Parameter
    default_storage_size: str | Parameter
    default_storage_read_write_policy: AccessMode | Parameter
    default_image_pull_policy: ImagePullPolicy | Parameter
    default_service_type: ServiceType | Parameter
    pod_security: PodSecurityProfile | Parameter


@record
class KubernetesProperties:
    """The properties of a Kubernetes environment, which ``with_properties`` sets.

    ``default_storage_size`` is a Kubernetes quantity; ``default_storage_type`` is one of ``pvc``, ``emptyDir``,
    ``hostPath``; ``pod_security`` is one of ``default``, ``restricted``, ``openshift``. A parameter is a value of the
    chart, except where the chart can't be written without it (its name, version, description, namespace, release and
    type of storage): there its default counts.
    """

    helm_chart_name: str | Parameter | None = None
    helm_chart_version: str | Parameter = DEFAULT_VERSION
    helm_chart_description: str | Parameter | None = None
    namespace: str | Parameter | None = None
    release_name: str | Parameter | None = None
    default_storage_type: StorageType | Parameter = "pvc"
    default_storage_class_name: str | Parameter | None = None
    default_storage_size: str | Parameter = DEFAULT_SIZE
    default_storage_read_write_policy: AccessMode | Parameter = "ReadWriteOnce"
    default_image_pull_policy: ImagePullPolicy | Parameter = "IfNotPresent"
    default_service_type: ServiceType | Parameter = "ClusterIP"
    pod_security: PodSecurityProfile | Parameter = "default"


PROPERTIES = record_fields(KubernetesProperties)


def property_remedy(name: str, text: str) -> str | None:
    """What to write instead of a property that Helm or Kubernetes refuses; None for one that both take.

    Args:
        name: The property.
        text: Its text.
    """
    rule = _RULES.get(name)
    return None if rule is None or rule.is_kept(text) else rule.remedy


@record
class _Rule:
    is_kept: Callable[[str], bool]
    remedy: str


def _one_of(words: Collection[str]) -> _Rule:
    return _Rule(lambda text: text in words, f"Use one of {listing(words)}.")


_RULES = {
    "helm_chart_name": _Rule(lambda text: re.fullmatch(_CHART_NAME, text) is not None, "Use letters, digits, . _ -"),
    "helm_chart_version": _Rule(
        lambda text: text == DEFAULT_VERSION or re.fullmatch(_VERSION, text) is not None, "Write it like 1.2.3."
    ),
    "helm_chart_description": _Rule(
        lambda text: len(text) <= 1024 and (text.isprintable() or not re.search(_UNWRITABLE, text)),
        "Keep it to 1024 characters of text.",
    ),
    "release_name": _Rule(
        lambda text: is_label(text) and len(text) <= MAX_RELEASE,
        f"Use at most {MAX_RELEASE} lower-case letters, digits and hyphens.",
    ),
    "namespace": _Rule(is_label, "Use at most 63 lower-case letters, digits and hyphens."),
    "default_storage_class_name": _Rule(is_subdomain, "Use lower-case letters, digits, '-' and '.'."),
    "default_storage_size": _Rule(lambda text: text == DEFAULT_SIZE or is_storage_size(text), "Write it like 1Gi."),
    "default_image_pull_policy": _one_of(get_args(ImagePullPolicy)),
    "default_service_type": _one_of(get_args(ServiceType)),
    "pod_security": _one_of(get_args(PodSecurityProfile)),
    "default_storage_type": _one_of(get_args(StorageType)),
    "default_storage_read_write_policy": _one_of(ACCESS_MODES),
}
