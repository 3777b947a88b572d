"""What an engine's refusals mean."""

from __future__ import annotations

import pytest

from fairlead.engines.docker.errors import explain
from fairlead.errors import EngineError

SHIM = "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: "
ALLOW = "Use an engine that allows privileged containers: Docker or Podman as root of its machine."


@pytest.mark.parametrize(
    ("words", "reason", "remedy"),
    [
        (
            "authorization denied by plugin opa-docker-authz: request rejected by administrative policy",
            "the engine's authorization plugin opa-docker-authz forbids it: request rejected by administrative policy",
            "Ask whoever runs the engine to allow it, or use another engine.",
        ),
        (
            "privileged mode is incompatible with user namespaces.  You must run the container in the host namespace "
            "when running privileged mode",
            "the engine gives containers users of their own, which a privileged container can't have",
            "Add the option --userns=host.",
        ),
        ("Privileged containers are not allowed", "the engine allows no privileged containers", ALLOW),
        ("privileged mode is disabled by policy", "the engine allows no privileged containers", ALLOW),
        (
            f"{SHIM}unable to apply caps: operation not permitted: unknown",
            "the engine lacks rights of root that it would have to give away",
            ALLOW,
        ),
        (
            "cgroup namespaces aren't enabled in the kernel",
            "the kernel of the engine's machine has no namespaces for control groups",
            "Use an engine on Linux 4.6 or newer.",
        ),
    ],
)
def test_no_privileged_containers(words: str, reason: str, remedy: str) -> None:
    """An engine that refuses what a privileged container needs must be quoted in plain words, with a way out."""
    found = explain(EngineError(words), "the container 'k8s' can't be created")
    assert found.message == f"the container 'k8s' can't be created: {reason}."
    assert found.remedy == remedy


def test_other_words_are_passed_on() -> None:
    """A refusal that is not known must be shown in the engine's words, without those of the layers above."""
    found = explain(EngineError(f"{SHIM}odd: unknown"), "it can't be started")
    assert found.message == "it can't be started: odd."
