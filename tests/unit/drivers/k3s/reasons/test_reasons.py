"""Why pods and nodes are not ready, read from statuses, conditions and events as Kubernetes 1.36 writes them."""

from __future__ import annotations

from typing import Any

import pytest

from fairlead.drivers.k3s.reasons import reason_of_node, reason_of_pod

Object = dict[str, Any]

CONTAINER: Object = {"name": "web", "image": "api:dev"}


def pod(*, spec: Object | None = None, status: Object | None = None, **metadata: Any) -> Object:
    """A pod on a node, with one container, that is Pending unless the status says otherwise."""
    return {
        "kind": "Pod",
        "metadata": {"name": "web-1", "namespace": "shop", "uid": "u1", **metadata},
        "spec": {"nodeName": "k8s", "containers": [CONTAINER], **(spec or {})},
        "status": {"phase": "Pending", **(status or {})},
    }


def with_state(state: Object, *, container: Object | None = None, spec: Object | None = None, **status: Any) -> Object:
    """A pod whose container is in a state."""
    entry = {"name": "web", "state": state, "lastState": {}, "ready": False, "restartCount": 0, **status}
    own_spec = {"containers": [{**CONTAINER, **(container or {})}], **(spec or {})}
    return pod(spec=own_spec, status={"phase": "Running", "containerStatuses": [entry]})


def waiting(reason: str, message: str = "", **given: Any) -> Object:
    """A pod whose container waits."""
    return with_state({"waiting": {"reason": reason, "message": message}}, **given)


def unscheduled(message: str, reason: str = "Unschedulable", **spec: Any) -> Object:
    """A pod without a node."""
    condition = {"type": "PodScheduled", "status": "False", "reason": reason, "message": message}
    return pod(spec={"nodeName": None, **spec}, status={"conditions": [condition]})


def event(reason: str, message: str, *, container: str = "web", kind: str = "Pod", name: str = "web-1") -> Object:
    """An event of the pod, of one of its containers, or of another object in its namespace."""
    return {
        "metadata": {"name": "e", "creationTimestamp": "2026-11-26T09:50:43Z"},
        "reason": reason,
        "message": message,
        "involvedObject": {
            "kind": kind,
            "namespace": "shop",
            "name": name,
            "fieldPath": f"spec.containers{{{container}}}",
        },
    }


READY = {"conditions": [{"type": "Ready", "status": "True"}]}


@pytest.mark.parametrize(
    "healthy",
    [
        pod(status={"phase": "Running", **READY}),
        pod(status={"phase": "Succeeded"}),
        pod(
            status={
                "phase": "Running",
                **READY,
                "containerStatuses": [{"name": "web", "ready": True, "restartCount": 7, "state": {"running": {}}}],
            }
        ),
    ],
)
def test_a_pod_that_is_well_has_no_reason(healthy: Object) -> None:
    """Ready and completed pods must be silent, also when they have crashed earlier."""
    assert reason_of_pod(healthy, [event("Unhealthy", "Readiness probe failed: HTTP probe failed")]) == ""


UNSCHEDULED = {
    "0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory. no new claims to deallocate, preemption: "
    "0/1 nodes are available: 1 Preemption is not helpful for scheduling.": (
        "no node can take it: not enough cpu for its request of 64, and not enough memory. Lower "
        "resources.requests.cpu and resources.requests.memory"
    ),
    "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had untolerated taint "
    "{dedicated: db}. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.": (
        "no node can take it: no node matches its node selector disk=ssd, or it does not tolerate the node's taint "
        "dedicated=db"
    ),
    "0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }.": (
        "no node can take it: the node is not ready"
    ),
    "0/1 nodes are available: 1 node(s) were unschedulable. preemption: 0/1 nodes are available.": (
        "no node can take it: the node is cordoned and takes no new pods (kubectl uncordon lets it)"
    ),
    '0/1 nodes are available: persistentvolumeclaim "data" not found. not found': (
        "no node can take it: its PersistentVolumeClaim data does not exist. Create it in the pod's namespace"
    ),
    "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found": (
        'no node can take it: its PersistentVolumeClaim data is not bound: storageclass "fast" not found'
    ),
    "0/1 nodes are available: 1 node(s) had a reason of the future.": (
        "no node can take it: had a reason of the future"
    ),
    "no nodes available to schedule pods": "the cluster has no node that takes pods yet",
}


@pytest.mark.parametrize("message", UNSCHEDULED)
def test_the_schedulers_message_becomes_plain_words(message: str) -> None:
    """What is lacking must be named, with the amount, taint, selector or claim concerned; the rest is passed on."""
    reason = reason_of_pod(
        unscheduled(
            message,
            containers=[{**CONTAINER, "resources": {"requests": {"cpu": "64"}}}],
            nodeSelector={"disk": "ssd"},
            volumes=[{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}],
        ),
        [event("ProvisioningFailed", 'storageclass "fast" not found', kind="PersistentVolumeClaim", name="data")],
    )

    assert reason == UNSCHEDULED[message]


def test_a_scheduling_gate_is_named() -> None:
    """A gated pod must say which gate holds it."""
    gated = unscheduled("Scheduling is blocked", "SchedulingGated", schedulingGates=[{"name": "example.com/hold"}])

    assert "its scheduling gate example.com/hold holds it back" in reason_of_pod(gated)


NO_HOST = (
    'Back-off pulling image "api:dev": ErrImagePull: failed to pull and unpack image "docker.io/library/api:dev": '
    'failed to resolve image: failed to do request: Head "https://registry-1.docker.io/v2/library/api/manifests/dev": '
    "dial tcp: lookup registry-1.docker.io on 127.0.0.11:53: no such host"
)


def test_an_image_that_cannot_be_pulled_is_named_with_the_cause_and_the_remedy() -> None:
    """The image, why its registry does not give it, and how to load it must be in one sentence."""
    assert reason_of_pod(waiting("ImagePullBackOff", NO_HOST)) == (
        "the image api:dev of its container can't be pulled: its registry can't be reached. "
        'If this machine has it, add cluster.load_image("api:dev")'
    )


def test_the_event_tells_the_cause_where_the_kubelet_only_says_that_it_waits() -> None:
    """Kubelets before 1.31 leave the error out of the status."""
    told = event("Failed", 'Failed to pull image "api:dev": docker.io/library/api:dev: not found')

    reason = reason_of_pod(waiting("ImagePullBackOff", 'Back-off pulling image "api:dev"'), [told])

    assert "can't be pulled: its registry has no such image" in reason


@pytest.mark.parametrize(("image", "policy"), [("api", None), ("api:latest", None), ("api:dev", "Always")])
def test_an_image_that_is_always_pulled_gets_the_policy_as_a_remedy_too(image: str, policy: str | None) -> None:
    """Loading it alone would change nothing."""
    container = {"image": image, **({"imagePullPolicy": policy} if policy else {})}

    reason = reason_of_pod(waiting("ErrImagePull", "x509: certificate is not valid", container=container))

    assert "the certificate of its registry is not trusted" in reason
    assert reason.endswith(f'add cluster.load_image("{image}") and set imagePullPolicy: IfNotPresent')


def test_an_image_that_is_never_pulled_has_to_be_loaded() -> None:
    """With the policy Never, the cluster must be given the image."""
    message = 'Container image "api:dev" is not present with pull policy of Never'

    assert reason_of_pod(waiting("ErrImageNeverPull", message)).endswith('Add cluster.load_image("api:dev")')


ENDED_3 = {"terminated": {"exitCode": 3, "reason": "Error"}}


def test_a_crash_tells_its_exit_code_and_the_last_line_of_its_log() -> None:
    """What the program said last must be quoted."""
    crashed = waiting("CrashLoopBackOff", "back-off 10s", lastState=ENDED_3, restartCount=2)

    assert reason_of_pod(crashed, last_log="starting\nno database\n\n") == (
        "its container keeps ending, last with exit code 3, after 2 restarts; the last line of its log: no database"
    )


def test_the_termination_message_stands_in_for_a_log() -> None:
    """With FallbackToLogsOnError, or a written message, the status knows what was said."""
    ended = with_state({"terminated": {"exitCode": 139, "reason": "Error", "message": "stack\nbad pointer\n"}})

    assert reason_of_pod(ended) == (
        "its container has ended with exit code 139 (it crashed with a segmentation fault); "
        "the last line of its log: bad pointer"
    )


def test_a_container_out_of_memory_tells_its_limit() -> None:
    """The limit and what to raise must be named; without a limit, it was the node's memory."""
    end = {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}
    limited = waiting("CrashLoopBackOff", lastState=end, container={"resources": {"limits": {"memory": "16Mi"}}})

    assert reason_of_pod(limited) == (
        "its container ran out of memory; its limit is 16Mi. Raise resources.limits.memory"
    )
    assert reason_of_pod(with_state(end)) == "its container was killed as its node ran out of memory"


NOT_CREATED = {
    'secret "db" not found': (
        "its container needs the Secret db, which does not exist. Create it in the pod's namespace"
    ),
    'configmap "settings" not found': (
        "its container needs the ConfigMap settings, which does not exist. Create it in the pod's namespace"
    ),
    "couldn't find key password in Secret shop/db": (
        "its container needs the key password of the Secret db, which does not have it. Add it in namespace shop"
    ),
    'container has runAsNonRoot and image will run as root (pod: "web_shop(4176)", container: web)': (
        "its container must not run as root, but its image does. Set runAsUser, or take an image with a user of its own"
    ),
    "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: "
    'unable to start container process: exec: "nonesuch": executable file not found in $PATH': (
        "its container can't be started: there is no program nonesuch in its image"
    ),
    "a message of the future.": "its container can't be started: a message of the future",
}


@pytest.mark.parametrize("message", NOT_CREATED)
def test_a_container_that_cannot_be_created_says_what_it_lacks(message: str) -> None:
    """A missing object or key, root, or a missing program must be named."""
    assert reason_of_pod(waiting("CreateContainerConfigError", message)) == NOT_CREATED[message]


def test_a_start_error_is_no_crash() -> None:
    """A program that does not exist must not be reported by an exit code that nobody chose."""
    message = 'unable to start container process: exec: "nonesuch": executable file not found in $PATH'
    end = {"terminated": {"exitCode": 128, "reason": "StartError", "message": message}}

    reason = reason_of_pod(waiting("CrashLoopBackOff", lastState=end, restartCount=4))

    assert reason == "its container can't be started: there is no program nonesuch in its image"


def test_a_volume_that_cannot_be_mounted_is_named() -> None:
    """A pod whose containers are being created must say which volume holds them up."""
    told = event("FailedMount", 'MountVolume.SetUp failed for volume "conf" : configmap "settings" not found')

    assert reason_of_pod(waiting("ContainerCreating"), [told]) == (
        "its volume conf can't be mounted: configmap \"settings\" not found. Create it in the pod's namespace"
    )


def test_an_image_that_is_being_pulled_says_so() -> None:
    """A slow pull is no fault, and must be told from one."""
    pulling = event("Pulling", 'Pulling image "api:dev"')
    pulled = event("Pulled", 'Successfully pulled image "api:dev"')

    assert "the image api:dev of its container is being pulled" in reason_of_pod(
        waiting("ContainerCreating"), [pulling]
    )
    assert reason_of_pod(waiting("ContainerCreating"), [pulling, pulled]) == "its container is being created"


@pytest.mark.parametrize(
    ("probe", "started", "told", "expected"),
    [
        (
            {"readinessProbe": {"httpGet": {"path": "/healthz", "port": 80}}},
            True,
            "Readiness probe failed: HTTP probe failed with statuscode: 503",
            "the readiness probe of its container (GET /healthz on port 80) fails: status 503",
        ),
        (
            {"startupProbe": {"exec": {"command": ["pg_isready"]}}, "readinessProbe": {"tcpSocket": {"port": 1}}},
            False,
            "Startup probe failed: warming up\n",
            "the startup probe of its container (pg_isready) fails: warming up",
        ),
        (
            {"readinessProbe": {"tcpSocket": {"port": "http"}}},
            True,
            "Liveness probe failed: another probe",
            "the readiness probe of its container (connection to port http) has not succeeded yet",
        ),
        (
            {"readinessProbe": {"exec": {"command": ["false"]}}},
            True,
            "Readiness probe failed: ",
            "the readiness probe of its container (false) fails, and says nothing",
        ),
        ({}, True, "", "its container has just started"),
    ],
)
def test_a_failing_probe_is_quoted(probe: Object, started: bool, told: str, expected: str) -> None:
    """Which probe, what it asks and what it was answered must be told."""
    unready = with_state({"running": {}}, container=probe, started=started)

    assert reason_of_pod(unready, [event("Unhealthy", told)]) == expected


def test_a_liveness_probe_that_restarts_a_container_is_the_reason() -> None:
    """Not the exit code of the kill, nor the log."""
    events = [
        event("Unhealthy", "Liveness probe failed: dial tcp 10.42.0.14:81: connect: connection refused"),
        event("Killing", "Container web failed liveness probe, will be restarted"),
    ]
    end = {"terminated": {"exitCode": 137, "reason": "Error"}}

    assert reason_of_pod(waiting("CrashLoopBackOff", lastState=end, restartCount=3), events, "serving") == (
        "its container is restarted again and again, as its liveness probe fails: "
        "dial tcp 10.42.0.14:81: connect: connection refused"
    )


def with_init(init: Object, state: Object) -> Object:
    """A pod with an init container, whose own container waits for it."""
    return pod(
        spec={"initContainers": [init]},
        status={
            "initContainerStatuses": [{"name": init["name"], "ready": False, "restartCount": 0, **state}],
            "containerStatuses": [{"name": "web", "state": {"waiting": {"reason": "PodInitializing"}}}],
        },
    )


def test_an_init_container_that_fails_or_runs_is_the_reason() -> None:
    """The container behind it waits for it, which is no reason of its own."""
    migrate = {"name": "migrate", "image": "api:dev"}

    assert reason_of_pod(with_init(migrate, {"state": ENDED_3}), last_log="no such table") == (
        "its init container migrate has ended with exit code 3; the last line of its log: no such table"
    )
    assert reason_of_pod(with_init(migrate, {"state": {"running": {}}})) == (
        "its init container migrate is still running"
    )


def test_a_native_sidecar_is_judged_by_its_probe() -> None:
    """It goes on running beside the others, so that running is no reason; a crash or a failing probe is."""
    proxy = {"name": "proxy", "image": "proxy:1", "restartPolicy": "Always"}
    running = {"state": {"running": {}}, "ready": True, "started": True}

    assert "proxy" not in reason_of_pod(with_init(proxy, running))
    assert "its sidecar proxy has ended with exit code 3" in reason_of_pod(with_init(proxy, {"state": ENDED_3}))


def test_one_of_several_containers_is_named() -> None:
    """With several containers, the one concerned must be named."""
    two = waiting("ErrImagePull", "not found", spec={"containers": [CONTAINER, {"name": "log", "image": "l:1"}]})

    assert "the image api:dev of its container web can't be pulled" in reason_of_pod(two)


def test_a_pod_that_failed_as_a_whole_says_why() -> None:
    """An eviction must name the resource; a failed container its exit code."""
    evicted = pod(status={"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory. "})
    ended: Object = {"phase": "Failed", "containerStatuses": [{"name": "web", "state": ENDED_3, "restartCount": 0}]}

    assert reason_of_pod(evicted) == "it was evicted from its node: The node was low on resource: memory"
    assert reason_of_pod(pod(spec={"restartPolicy": "Never"}, status=ended)) == (
        "its container has ended with exit code 3"
    )


def test_a_pod_that_is_deleted_says_what_it_waits_for() -> None:
    """A finalizer may hold it for ever, and must be named."""
    terminating: Object = {"deletionTimestamp": "2026-11-26T09:50:43Z", "deletionGracePeriodSeconds": 5}

    assert reason_of_pod(pod(**terminating)) == "it is being terminated, which may take 5 s"
    assert "waits for its finalizer example.com/x" in reason_of_pod(pod(finalizers=["example.com/x"], **terminating))


def test_a_readiness_gate_is_named() -> None:
    """All containers are ready, and the pod is not: a gate must be the reason."""
    conditions = [
        {"type": "ContainersReady", "status": "True"},
        {"type": "Ready", "status": "False", "reason": "ReadinessGatesNotReady"},
    ]
    gated = pod(
        spec={"readinessGates": [{"conditionType": "example.com/ok"}]},
        status={
            "phase": "Running",
            "conditions": conditions,
            "containerStatuses": [{"name": "web", "ready": True, "started": True, "state": {"running": {}}}],
        },
    )

    assert "its readiness gate example.com/ok is not met" in reason_of_pod(gated)


def test_events_of_an_earlier_pod_of_that_name_are_left_out() -> None:
    """A StatefulSet's pods come back under their names, and must not be blamed for what was."""
    old = event("FailedMount", 'MountVolume.SetUp failed for volume "conf" : configmap "settings" not found')
    old["involvedObject"]["uid"] = "u0"

    assert reason_of_pod(waiting("ContainerCreating"), [old]) == "its container is being created"


def node(*conditions: tuple[str, str, str], **spec: Any) -> Object:
    """A node with conditions."""
    entries = [{"type": type, "status": status, "message": message} for type, status, message in conditions]
    return {"kind": "Node", "metadata": {"name": "k8s"}, "spec": spec, "status": {"conditions": entries}}


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (node(("Ready", "True", "kubelet is posting ready status"), ("DiskPressure", "False", "")), ""),
        (node(), "its kubelet has not reported yet"),
        (node(("Ready", "Unknown", "Kubelet stopped posting node status.")), "its kubelet does not report any more"),
        (node(("Ready", "False", "container runtime is down.")), "it is not ready: container runtime is down"),
        (node(("Ready", "True", ""), ("DiskPressure", "True", "")), "it is short of disk space"),
        (
            node(("Ready", "True", ""), unschedulable=True),
            "it takes no new pods: it is cordoned (kubectl uncordon k8s)",
        ),
    ],
)
def test_a_node_says_why_it_takes_no_pods(seen: Object, expected: str) -> None:
    """Silent nodes, kubelets with an error, pressure and cordons must be told apart."""
    reason = reason_of_node(seen)

    assert reason.startswith(expected) if expected else reason == ""
