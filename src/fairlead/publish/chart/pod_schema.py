"""What the chart's user may set of a pod beyond what the definition says: ``pods.<workload>`` in values.yaml.

The keys are fields of Kubernetes' pods and containers, except that those of the pod's own security context, labels and
annotations have names that tell them from the container's and the workload's. A key that is not here is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.common_metadata import METADATA_SCHEMA
from fairlead.publish.chart.leaves import ChartValue
from fairlead.publish.chart.sections import Section

#: The keys that are fields of the pod, and those that are fields of its container.
POD_FIELDS = (
    "affinity",
    "dnsConfig",
    "dnsPolicy",
    "hostAliases",
    "nodeSelector",
    "priorityClassName",
    "runtimeClassName",
    "schedulerName",
    "terminationGracePeriodSeconds",
    "tolerations",
    "topologySpreadConstraints",
    "volumes",
)
PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
CONTAINER_FIELDS = ("env", "envFrom", "lifecycle", *PROBES, "volumeMounts")
#: The sequences to which those of the chart's user are added; any other takes the place of the chart's.
ADDED = ("env", "envFrom", "volumeMounts", "volumes")
#: What a probe asks; it asks in one way.
HANDLERS = ("exec", "grpc", "httpGet", "tcpSocket")

_TEXT: dict[str, Any] = {"type": "string"}
_NUMBER: dict[str, Any] = {"type": "integer"}
_FLAG: dict[str, Any] = {"type": "boolean"}
_ANY: dict[str, Any] = {"type": "object"}


def _mapping(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


_PROBE = _mapping(
    exec=_ANY,
    failureThreshold=_NUMBER,
    grpc=_ANY,
    httpGet=_ANY,
    initialDelaySeconds=_NUMBER,
    periodSeconds=_NUMBER,
    successThreshold=_NUMBER,
    tcpSocket=_ANY,
    terminationGracePeriodSeconds=_NUMBER,
    timeoutSeconds=_NUMBER,
)
_SECURITY = {
    "appArmorProfile": _ANY,
    "runAsGroup": _NUMBER,
    "runAsNonRoot": _FLAG,
    "runAsUser": _NUMBER,
    "seLinuxOptions": _ANY,
    "seccompProfile": _ANY,
    "windowsOptions": _ANY,
}
POD_SCHEMA = _mapping(
    affinity=_mapping(nodeAffinity=_ANY, podAffinity=_ANY, podAntiAffinity=_ANY),
    annotations=METADATA_SCHEMA,
    dnsConfig=_mapping(nameservers=_list(_TEXT), options=_list(_ANY), searches=_list(_TEXT)),
    dnsPolicy={"type": "string", "enum": ["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"]},
    env=_list({**_mapping(name=_TEXT, value=_TEXT, valueFrom=_ANY), "required": ["name"]}),
    envFrom=_list(_mapping(configMapRef=_ANY, prefix=_TEXT, secretRef=_ANY)),
    hostAliases=_list(_mapping(hostnames=_list(_TEXT), ip=_TEXT)),
    labels=METADATA_SCHEMA,
    lifecycle=_mapping(postStart=_ANY, preStop=_ANY, stopSignal=_TEXT),
    livenessProbe=_PROBE,
    nodeSelector={"type": "object", "additionalProperties": _TEXT},
    podSecurityContext=_mapping(
        **_SECURITY,
        fsGroup=_NUMBER,
        fsGroupChangePolicy=_TEXT,
        supplementalGroups=_list(_NUMBER),
        supplementalGroupsPolicy=_TEXT,
        sysctls=_list(_mapping(name=_TEXT, value=_TEXT)),
    ),
    priorityClassName=_TEXT,
    readinessProbe=_PROBE,
    runtimeClassName=_TEXT,
    schedulerName=_TEXT,
    securityContext=_mapping(
        **_SECURITY,
        allowPrivilegeEscalation=_FLAG,
        capabilities=_mapping(add=_list(_TEXT), drop=_list(_TEXT)),
        privileged=_FLAG,
        procMount=_TEXT,
        readOnlyRootFilesystem=_FLAG,
    ),
    serviceAccount=_mapping(annotations=METADATA_SCHEMA, automount=_FLAG, create=_FLAG, name=_TEXT),
    startupProbe=_PROBE,
    terminationGracePeriodSeconds={"type": "integer", "minimum": 0},
    tolerations=_list(
        _mapping(effect=_TEXT, key=_TEXT, operator=_TEXT, tolerationSeconds=_NUMBER, value=_TEXT),
    ),
    topologySpreadConstraints=_list(
        _mapping(
            labelSelector=_ANY,
            matchLabelKeys=_list(_TEXT),
            maxSkew=_NUMBER,
            minDomains=_NUMBER,
            nodeAffinityPolicy=_TEXT,
            nodeTaintsPolicy=_TEXT,
            topologyKey=_TEXT,
            whenUnsatisfiable=_TEXT,
        )
    ),
    volumeMounts=_list(_ANY),
    volumes=_list(_ANY),
)


def pod_value(chart: Chart, resource: str, default: Mapping[str, Any] = MappingProxyType({})) -> ChartValue:
    """The value with what a user sets of the pods of a resource.

    Args:
        chart: The chart.
        resource: The resource's own name.
        default: What the definition sets.
    """
    return chart.values.declare(Section.PODS.value(resource), _plain(default), kind="object", schema=POD_SCHEMA)


def _plain(content: Any) -> Any:
    """What a definition says as plain data; there it is frozen."""
    if isinstance(content, Mapping):
        return {key: _plain(entry) for key, entry in content.items()}
    return [_plain(entry) for entry in content] if isinstance(content, (list, tuple)) else content
