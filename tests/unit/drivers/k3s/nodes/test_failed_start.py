"""Why a node failed, from the last lines of its log."""

from __future__ import annotations

import pytest

from fairlead.drivers.finding import Finding
from fairlead.drivers.k3s.nodes.failed_start import Explanation, complaint, explain_failed_start, last_error

FATAL = 'time="2026-11-26T10:00:00Z" level=fatal msg="{}"'
DOWN = "remove the volumes of the cluster"


@pytest.mark.parametrize(
    ("lines", "text", "remedy"),
    [
        (
            ["Incorrect Usage: flag provided but not defined: -bogus", "", "NAME:", "   k3s server - Run server"],
            "this version of k3s does not know the flag --bogus",
            "Correct with_extra_arg() or with_agent_arg().",
        ),
        (
            [FATAL.format("Error: flag provided but not defined: -no-deploy")],
            "this version of k3s does not know the flag --no-deploy",
            "with_extra_arg()",
        ),
        (
            ['level=fatal msg="unknown flag: --bogus"'],
            "this version of k3s does not know the flag --bogus",
            "with_extra_arg()",
        ),
        (
            [
                'E1126 09:57:13.617135 78 run.go:72] "command failed" err="failed to parse kubelet flag: unknown flag: '
                '--bogus"',
                'level=fatal msg="kubelet exited: exit status 1"',
            ],
            "kubelet does not know the flag --bogus",
            "Correct the argument --kubelet-arg=bogus… of the cluster.",
        ),
        (
            ["Error: unknown flag: --bogus", 'level=fatal msg="kube-apiserver exited: exit status 1"'],
            "kube-apiserver does not know the flag --bogus",
            "Correct the argument --kube-apiserver-arg=bogus… of the cluster.",
        ),
        (
            [
                'E1126 09:57:30.750089 79 run.go:72] "command failed" err="failed to validate kubelet configuration, '
                "error: kubelet is configured to not run on a host using cgroup v1. cgroup v1 support is unsupported "
                'and will be removed in a future release, path: &TypeMeta{}"'
            ],
            "its kubelet refuses control groups of version 1",
            "fail-cgroupv1",
        ),
        (
            [
                'E1126 10:51:53.691700 30 run.go:72] "command failed" err="failed to mark cidr[10.42.0.0/24] at idx '
                '[0] as occupied for node: k8s: cidr 10.42.0.0/24 is out the range of cluster cidr 10.52.0.0/16"',
                'level=fatal msg="kube-controller-manager exited: exit status 1"',
            ],
            "its volume holds a cluster whose pods have addresses of 10.42.0.0/24, outside of 10.52.0.0/16",
            "Change with_pod_subnet() back",
        ),
        (
            [
                "Node password rejected, duplicate hostname or contents of '/etc/rancher/node/password' may not match "
                "server node-passwd entry, try enabling a unique node name with the --with-node-id flag"
            ],
            "the server knows a node of this name with another password: one that was removed without its volume",
            "fairlead down --volumes",
        ),
        (
            [
                FATAL.format(
                    "starting kubernetes: preparing server: bootstrap data already found and encrypted with "
                    "different token"
                )
            ],
            "its volume holds a cluster that was made with another token",
            "fairlead down --volumes",
        ),
        (
            [FATAL.format("starting kubernetes: preparing server: https://k8s:6443: not authorized: invalid token")],
            "the server does not accept its token: it belongs to another cluster, or to an earlier one",
            "fairlead down --volumes",
        ),
        (
            [FATAL.format("token CA hash does not match the Cluster CA certificate hash: a != b")],
            "the server does not accept its token: it belongs to another cluster, or to an earlier one",
            "fairlead down --volumes",
        ),
        (
            ['E1126 10:00:00.0 1 kubelet.go:1] "Failed" err="inotify_init: too many open files"'],
            "the kernel's limits for inotify or open files are used up on the engine's machine",
            "sudo sysctl -w fs.inotify.max_user_instances=1024",
        ),
        (
            [FATAL.format("failed to watch: inotify_add_watch /sys/fs/cgroup: no space left on device")],
            "the kernel's limits for inotify or open files are used up on the engine's machine",
            "sudo sysctl",
        ),
        (
            [FATAL.format("write /var/lib/rancher/k3s/server/tls/x: no space left on device")],
            "the disk of the engine is full",
            "docker system prune",
        ),
        (
            [FATAL.format("listen tcp 0.0.0.0:6443: bind: address already in use")],
            "something in its container already listens on port 6443",
            "Choose another port",
        ),
        (
            ['level=fatal msg="invalid CIDR address: 10.43.0.0/33"'],
            "10.43.0.0/33 is no range of addresses",
            "with_service_subnet()",
        ),
        (
            [
                'E1126 09:57:18.9 30 run.go:72] "command failed" err="invalid CIDR[0]: <nil> (invalid CIDR address: '
                '10.42.0.0/99)"',
                'level=fatal msg="kube-controller-manager exited: exit status 1"',
            ],
            "10.42.0.0/99 is no range of addresses",
            "with_pod_subnet()",
        ),
        (
            [
                FATAL.format(
                    r"\"overlayfs\" snapshotter cannot be enabled for \"/var/lib/rancher/k3s/agent/containerd\", "
                    r"try using \"fuse-overlayfs\" or \"native\": failed to mount overlay: invalid argument"
                )
            ],
            "the filesystem of the engine can't carry overlayfs, by which images are unpacked",
            "--snapshotter=native",
        ),
        (
            [FATAL.format("pids cgroup controller not found")],
            "the engine does not give its container the control groups that a kubelet needs",
            "rootlesscontaine.rs",
        ),
        (
            [FATAL.format("failed to evacuate root cgroup: mkdir /sys/fs/cgroup/init: read-only file system")],
            "k3s can't divide its control groups, as it is not the first process of a privileged container",
            "--init",
        ),
        (
            [
                'E1126 09:57:51.431389 78 run.go:72] "command failed" err="failed to run Kubelet: failed to create '
                'kubelet: open /dev/kmsg: no such file or directory"'
            ],
            "its container lacks the rights of a privileged one",
            "Use an engine that allows privileged containers",
        ),
        (
            [FATAL.format("iptables v1.8.8 (legacy): can't initialize iptables table `nat': Table does not exist")],
            "the kernel of the engine's machine lacks modules for iptables",
            "modprobe",
        ),
        (
            [FATAL.format("x509: certificate has expired or is not yet valid: current time is before")],
            "its certificates are not valid at the time that the engine's clock shows",
            "Set the clock",
        ),
    ],
)
def test_what_is_known(lines: list[str], text: str, remedy: str) -> None:
    """Words of k3s that are known must become a sentence and something to do."""
    found = explain_failed_start([], ['level=info msg="Starting k3s"', *lines])
    assert found is not None
    assert found.text == text
    assert remedy in found.remedy
    assert str(found) == f"{found.text}. {found.remedy}"


def test_what_ended_it_counts_more_than_what_is_above() -> None:
    """A complaint that k3s went on after must not be taken for the reason."""
    lines = [
        "modprobe: can't load: operation not permitted",
        FATAL.format("listen tcp :10250: bind: address already in use"),
    ]
    found = explain_failed_start([], lines)
    assert found is not None
    assert found.text == "something in its container already listens on port 10250"


def test_what_is_not_known_is_passed_on() -> None:
    """Words that are not known must be shown as they are; without any, nothing may be made up."""
    assert explain_failed_start([], [FATAL.format("the moon is full")]) == Explanation("the moon is full")
    assert explain_failed_start([], ["all is well"]) is None
    assert explain_failed_start([], []) is None


def test_what_was_seen_before_is_a_suspicion() -> None:
    """Where the log does not tell, what was seen before the start must be named as what may be the reason."""
    little = Finding("Memory", "note", "the engine has 512 MiB of memory", "Give it more.")
    fine = Finding("Clusters", "fine", "k8s")
    assert explain_failed_start([fine], []) is None
    assert explain_failed_start([fine, little], []) == Explanation(
        "perhaps because the engine has 512 MiB of memory", "Give it more."
    )
    said = explain_failed_start([little, little], [FATAL.format("odd")])
    assert said == Explanation(
        "odd; perhaps because the engine has 512 MiB of memory; the engine has 512 MiB of memory", "Give it more."
    )


@pytest.mark.parametrize(
    ("log", "text"),
    [
        ('level=fatal msg="one"\nlevel=fatal msg="two."', "two"),
        (
            'E1126 09:57:18.9    30 run.go:72] "command failed" err="x"\nlevel=fatal msg="kubelet exited: 1"',
            '"command failed" err="x"',
        ),
        ('level=fatal msg="kubelet exited: 1"', "kubelet exited: 1"),
        (r'level=fatal msg="a \"b\" c"', 'a "b" c'),
        (f'level=fatal msg="{"x" * 500}"', "x" * 300),
        ('level=error msg="no luck"\nlevel=info msg="more"', "no luck"),
        ("nothing", ""),
    ],
)
def test_the_last_error(log: str, text: str) -> None:
    """What is passed on must be the end of k3s, or the error of the component that it ended with."""
    assert last_error(log) == text


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (
            [
                'level=info msg="Waiting to retrieve agent configuration; server is not ready: Node password rejected, '
                'duplicate hostname"',
                'level=info msg="later"',
            ],
            "the server knows a node of this name with another password",
        ),
        (
            [r'level=info msg="server is not ready: \"overlayfs\" snapshotter cannot be enabled for \"/var/lib\""'],
            "the filesystem of the engine can't carry overlayfs",
        ),
        (['E1126 09:57:18.9 30 run.go:72] "Unhandled" err="odd"', 'level=info msg="x"'], '"Unhandled" err="odd"'),
        (['level=error msg="write /x: no space left on device"'], "the disk of the engine is full. Make room"),
        (['level=warning msg="modprobe: operation not permitted"'], ""),
        ([], ""),
    ],
)
def test_what_a_node_complains_of(lines: list[str], words: str) -> None:
    """A node that does not come up must say what keeps it, and not what it does without."""
    assert complaint(lines).startswith(words)
    assert bool(complaint(lines)) == bool(words)
