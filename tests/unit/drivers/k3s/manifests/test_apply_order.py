"""In which order objects are applied, and what is tried again. Pure."""

from __future__ import annotations

import math

import pytest

from fairlead.drivers.k3s.manifests.objects import manifest_object
from fairlead.drivers.k3s.manifests.order import Wave, is_built_in, plan_deletion, plan_waves, wave_of
from fairlead.drivers.k3s.manifests.retry import needs_new_object, retry_of, takeover_text
from fairlead.engines.kube import ApiRefusal, Conflict, NotFound, ObjectKind
from fairlead.errors import EngineError, EngineUnavailable

WIDGET = ObjectKind("example.com/v1", "Widget")
DEPLOYMENT = ObjectKind("apps/v1", "Deployment")


@pytest.mark.parametrize(
    ("api_version", "kind", "wave"),
    [
        ("v1", "Namespace", Wave.NAMESPACES),
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition", Wave.DEFINITIONS),
        ("v1", "ServiceAccount", Wave.FOUNDATIONS),
        ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", Wave.FOUNDATIONS),
        ("v1", "Secret", Wave.FOUNDATIONS),
        ("v1", "Service", Wave.FOUNDATIONS),
        ("apps/v1", "Deployment", Wave.WORKLOADS),
        ("batch/v1", "Job", Wave.WORKLOADS),
        ("networking.k8s.io/v1", "Ingress", Wave.WORKLOADS),
        ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", Wave.WEBHOOKS),
        ("apiregistration.k8s.io/v1", "APIService", Wave.WEBHOOKS),
        ("gateway.networking.k8s.io/v1", "Gateway", Wave.CUSTOM_RESOURCES),
        ("helm.cattle.io/v1", "HelmChart", Wave.CUSTOM_RESOURCES),
        ("serving.knative.dev/v1", "Service", Wave.CUSTOM_RESOURCES),
    ],
)
def test_each_kind_has_its_wave(api_version: str, kind: str, wave: Wave) -> None:
    """What others need must be there before them; a kind that a definition brings comes after all definitions."""
    assert wave_of(ObjectKind(api_version, kind)) is wave


def test_waves_follow_each_other_and_keep_the_order_inside() -> None:
    """Objects must be applied by waves, within one as they were written."""
    kinds = [
        WIDGET,
        DEPLOYMENT,
        ObjectKind("v1", "ConfigMap"),
        ObjectKind("v1", "Secret"),
        ObjectKind("v1", "Namespace"),
    ]
    objects = [
        manifest_object({"apiVersion": kind.api_version, "kind": kind.kind, "metadata": {"name": "x"}}, "")
        for kind in kinds
    ]

    waves = [[str(each.ref.kind) for each in members] for _, members in plan_waves(objects)]

    assert waves == [["Namespace"], ["ConfigMap", "Secret"], ["Deployment"], ["Widget"]]
    assert [sorted(map(str, group)) for group in plan_deletion(kinds)] == [*reversed(waves)]


@pytest.mark.parametrize(
    ("error", "kind", "seconds"),
    [
        (NotFound("no matches for kind 'Widget' in version 'example.com/v1'"), WIDGET, 60),
        (NotFound("the server could not find the requested resource"), WIDGET, 60),
        (NotFound("no matches for kind 'Deploymnet' in version 'apps/v1'"), ObjectKind("apps/v1", "Deploymnet"), None),
        (NotFound("namespaces 'shop' not found"), WIDGET, None),
        (ApiRefusal('Internal error occurred: failed calling webhook "a": dial tcp: refused'), WIDGET, math.inf),
        (ApiRefusal('admission webhook "a" denied the request: no', reason="Forbidden"), WIDGET, None),
        (ApiRefusal('configmaps "a" is forbidden: because it is being terminated'), DEPLOYMENT, math.inf),
        (Conflict('object is being deleted: pods "a" already exists'), DEPLOYMENT, math.inf),
        (Conflict("the object has been modified"), DEPLOYMENT, 30),
        (ApiRefusal("too many requests", reason="TooManyRequests"), DEPLOYMENT, 30),
        (
            ApiRefusal('error looking up service account a/default: serviceaccount "default" not found'),
            ObjectKind("v1", "Pod"),
            30,
        ),
        (EngineUnavailable("the Kubernetes API does not answer"), DEPLOYMENT, 30),
        (ApiRefusal("spec.replicas: Invalid value", reason="Invalid"), DEPLOYMENT, None),
        (EngineError("its certificate is not valid"), DEPLOYMENT, None),
    ],
)
def test_only_what_can_pass_is_tried_again(error: EngineError, kind: ObjectKind, seconds: float | None) -> None:
    """What comes by itself must be waited for, and a mistake be told at once."""
    retry = retry_of(error, kind)

    assert (retry.seconds if retry else None) == seconds


def test_a_kind_of_a_group_that_every_cluster_has_is_built_in() -> None:
    """A group that looks like Kubernetes' own need not be one."""
    assert is_built_in(ObjectKind("v1", "Pod"))
    assert is_built_in(ObjectKind("policy/v1", "PodDisruptionBudget"))
    assert not is_built_in(ObjectKind("gateway.networking.k8s.io/v1", "Gateway"))


def test_only_a_job_is_created_again_by_itself() -> None:
    """What can't be changed must be deleted for a change only where that loses nothing: a Job is to run again."""
    immutable = ApiRefusal("spec.template: Invalid value: ...: field is immutable")

    assert needs_new_object(immutable, ObjectKind("batch/v1", "Job"))
    assert not needs_new_object(immutable, DEPLOYMENT)
    assert not needs_new_object(ApiRefusal("no"), ObjectKind("batch/v1", "Job"))


def test_it_is_said_whose_field_is_taken_over() -> None:
    """A conflict must be told in the API's words, which name the other manager and the field."""
    words = 'conflict with "kubectl-edit" using apps/v1: .spec.replicas'

    assert takeover_text(Conflict(f"Apply failed with 1 conflict: {words}")) == words
    assert takeover_text(Conflict(words)) == words
