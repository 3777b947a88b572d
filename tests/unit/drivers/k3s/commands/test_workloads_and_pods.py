"""Commands on parts of a cluster: which workload is meant, how it is restarted, and how one gets into a pod."""

from __future__ import annotations

import pytest

from fairlead.drivers.k3s.commands.inside import CommandInNode, command_inside
from fairlead.drivers.k3s.commands.restart_workload import restart_workload
from fairlead.drivers.k3s.commands.workload_choice import choose_workload, path_of
from fairlead.engines.kube import ObjectKind, ObjectRef
from fairlead.errors import UsageError
from fairlead.testing import FakeKubernetesApi

WORKLOADS = [
    ObjectRef(ObjectKind("apps/v1", kind), name, namespace)
    for kind, namespace, name in (
        ("Deployment", "shop", "web"),
        ("Deployment", "test", "web"),
        ("StatefulSet", "shop", "db"),
        ("DaemonSet", "shop", "shop"),
    )
]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("db", "statefulset/shop/db"),
        ("StatefulSet/db", "statefulset/shop/db"),
        ("test/web", "deployment/test/web"),
        ("Deployment/shop/web", "deployment/shop/web"),
        ("k8s/deployment/shop/web", "deployment/shop/web"),
        ("shop", "daemonset/shop/shop"),
    ],
)
def test_a_workload_is_named_by_as_much_as_tells_it_apart(text: str, path: str) -> None:
    """From its name alone to its id in the tree."""
    assert path_of(choose_workload(text, WORKLOADS)) == path


@pytest.mark.parametrize(
    ("text", "message", "remedy"),
    [
        ("web", "may be 'deployment/shop/web', 'deployment/test/web'", "such as deployment/shop/web"),
        ("wep", "there is no workload 'wep'", "Did you mean 'web'?"),
        ("other/k8s/deployment/shop/web", "there is no workload", ""),
        ("", "there is no workload ''", "There are"),
    ],
)
def test_what_is_not_clear_is_an_error_with_the_choices(text: str, message: str, remedy: str) -> None:
    """The user must learn what to write instead."""
    with pytest.raises(UsageError) as raised:
        choose_workload(text, WORKLOADS)

    assert message in raised.value.message
    assert remedy in (raised.value.remedy or "")


async def test_a_restart_changes_the_pod_template_and_nothing_else() -> None:
    """The controller replaces the pods then; what a manifest has applied must stay its own."""
    api = FakeKubernetesApi()
    template = {"metadata": {"labels": {"a": "web"}}, "spec": {"containers": []}}
    await api.apply(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "web", "namespace": "default"},
            "spec": {"replicas": 2, "template": template},
        }
    )

    workload = await restart_workload(api, "web")

    deployment = await api.get(workload)
    assert deployment is not None
    assert deployment["spec"]["replicas"] == 2
    assert deployment["spec"]["template"]["spec"] == template["spec"]
    metadata = deployment["spec"]["template"]["metadata"]
    assert metadata["labels"] == {"a": "web"}
    assert "kubectl.kubernetes.io/restartedAt" in metadata["annotations"]
    assert deployment["metadata"]["generation"] == 2


@pytest.mark.parametrize(
    ("child", "terminal", "expected"),
    [
        ("k8s/node/-/agent-0", True, CommandInNode("agent-0", ("sh",))),
        (
            "k8s/pod/shop/web-1",
            False,
            CommandInNode(None, ("kubectl", "exec", "-q", "-i", "-n", "shop", "web-1", "--", "sh")),
        ),
        (
            "k8s/deployment/shop/web",
            True,
            CommandInNode(None, ("kubectl", "exec", "-q", "-i", "-t", "-n", "shop", "deployment/web", "--", "sh")),
        ),
        ("k8s/namespace/-/kube-system", True, None),
        ("k8s/cronjob/shop/nightly", True, None),
    ],
)
def test_a_command_gets_into_what_runs_something(child: str, terminal: bool, expected: CommandInNode | None) -> None:
    """A node by the engine, a pod through the server's kubectl, a workload into a pod of it; others have no place."""
    assert command_inside(child, ("sh",), terminal=terminal) == expected
