"""The sections of values.yaml: which there are, in which order, and what their keys are for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

#: The keys of a value in values.yaml, outermost first.
Path = tuple[str, ...]


class Section:
    """A top-level key of values.yaml. The sections are attributes of this class: ``Section.IMAGES``.

    Args:
        key: The key.
        comment: What values.yaml says about it.
    """

    _by_key: ClassVar[dict[str, Section]] = {}

    GLOBAL: ClassVar[Section]
    COMMON_LABELS: ClassVar[Section]
    COMMON_ANNOTATIONS: ClassVar[Section]
    IMAGES: ClassVar[Section]
    REPLICAS: ClassVar[Section]
    AUTOSCALING: ClassVar[Section]
    DISRUPTION_BUDGETS: ClassVar[Section]
    SCHEDULES: ClassVar[Section]
    RESOURCES: ClassVar[Section]
    CONFIG: ClassVar[Section]
    PARAMETERS: ClassVar[Section]
    STORAGE: ClassVar[Section]
    POD_SECURITY: ClassVar[Section]
    PODS: ClassVar[Section]
    NODE_POOLS: ClassVar[Section]
    IMAGE_PULL_SECRETS: ClassVar[Section]
    WAITS: ClassVar[Section]
    JOBS: ClassVar[Section]
    SECRETS: ClassVar[Section]
    EXISTING_SECRETS: ClassVar[Section]
    SERVICES: ClassVar[Section]
    PUBLIC_URLS: ClassVar[Section]
    INGRESS: ClassVar[Section]
    CHARTS: ClassVar[Section]
    GATEWAY: ClassVar[Section]
    ISSUERS: ClassVar[Section]

    def __init__(self, key: str, comment: str) -> None:
        self.key = key
        self.comment = comment
        self._by_key[key] = self

    def __repr__(self) -> str:
        return f"<section {self.key}>"

    def value(self, *keys: str) -> Path:
        """The path of a value in this section; of the section itself without keys."""
        return self.key, *keys

    @property
    def is_given_by_user(self) -> bool:
        """Whether its values come from outside, such as parameters, as opposed to what the definition decides."""
        return self in (Section.PARAMETERS, Section.SECRETS, Section.PUBLIC_URLS)

    @staticmethod
    def of(path: Path) -> Section | None:
        """The section of a value; None for a value of another chart."""
        return Section._by_key.get(path[0])

    @staticmethod
    def all() -> Iterator[Section]:
        """All sections, in the order in which a reader looks for them."""
        return iter(Section._by_key.values())


Section.GLOBAL = Section("global", "For this chart and all that it is installed with.")
Section.COMMON_LABELS = Section("commonLabels", "Labels of all objects and pods.")
Section.COMMON_ANNOTATIONS = Section("commonAnnotations", "Annotations of all objects and pods.")
Section.IMAGES = Section("images", "The image of each workload.")
Section.REPLICAS = Section("replicas", "How many pods each workload has.")
Section.AUTOSCALING = Section(
    "autoscaling", "Minimum and maximum pods, and target utilisation in percent, of each autoscaled workload."
)
Section.DISRUPTION_BUDGETS = Section(
    "disruptionBudgets", "How many pods have to stay, or may go, while nodes are emptied: a number, or like 50%."
)
Section.SCHEDULES = Section("schedules", "When each CronJob runs.")
Section.RESOURCES = Section("resources", "CPU and memory requests and limits of each workload's container.")
Section.CONFIG = Section("config", "The environment of each workload, as the app's definition gives it.")
Section.PARAMETERS = Section(
    "parameters", "Parameters of the app. An empty one has to be given, unless its comment says otherwise."
)
Section.STORAGE = Section("storage", "What each volume claims.")
Section.POD_SECURITY = Section("podSecurity", "What the pods may do, and as whom.")
Section.PODS = Section(
    "pods",
    """\
More of each workload's pods, by the names that Kubernetes has for it: affinity, annotations, dnsConfig, dnsPolicy, env,
envFrom, hostAliases, labels, lifecycle, livenessProbe, nodeSelector, podSecurityContext, priorityClassName,
readinessProbe, runtimeClassName, schedulerName, securityContext, serviceAccount, startupProbe,
terminationGracePeriodSeconds, tolerations, topologySpreadConstraints, volumeMounts, volumes. For example:
  api:
    readinessProbe: {periodSeconds: 10}
    tolerations: [{key: dedicated, operator: Equal, value: web, effect: NoSchedule}]""",
)
Section.NODE_POOLS = Section("nodePools", "The labels of the nodes of each pool.")
Section.IMAGE_PULL_SECRETS = Section(
    "imagePullSecrets", "Secrets with the credentials of private registries: [{name: …}]."
)
Section.WAITS = Section("waits", "The containers that wait for what a workload needs before it starts.")
Section.JOBS = Section(
    "jobs", "Whether a Job that pods wait for runs: auto, unless its work was completed before; always; or never."
)
Section.SECRETS = Section(
    "secrets",
    "Secrets have to be given, unless a comment says otherwise: in a file that only you can read.\n"
    "An option of the command would show them to everybody on the machine, and helm changes some of its characters.",
)
Section.EXISTING_SECRETS = Section(
    "existingSecrets", "The name of a Secret of yours with the same keys, instead of the one that the chart makes."
)
Section.SERVICES = Section("services", "How each Service is exposed.")
Section.PUBLIC_URLS = Section(
    "publicUrls", "The addresses that people type: scheme, host and path, such as https://shop.example.com/api."
)
Section.INGRESS = Section("ingress", "How callers outside the cluster get in.")
Section.CHARTS = Section("charts", "Which charts of others are installed with the app.")
Section.GATEWAY = Section("gateway", "How callers outside the cluster get in by the Gateway API.")
Section.ISSUERS = Section("issuers", "Where cert-manager gets certificates from.")


def helm_path(path: tuple[str | int, ...]) -> str:
    """A path as ``--set`` takes it."""
    words = ""
    for key in path:
        escaped = re.sub(r"([.,=\[\]\\])", r"\\\1", key) if isinstance(key, str) else ""
        words += f"[{key}]" if isinstance(key, int) else f".{escaped}"
    return words.removeprefix(".")
