"""What to do about a refusal of an object: try again, for how long, and what is said meanwhile. Pure."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from fairlead.drivers.k3s.manifests.order import is_built_in
from fairlead.engines.kube import ApiRefusal, Conflict, NotFound, ObjectKind
from fairlead.errors import EngineError, EngineUnavailable

KIND_SECONDS: Final = 60.0
"""Seconds that a kind may take to appear whose definition something else brings."""
PASSING_SECONDS: Final = 30.0
"""Seconds for which what passes by itself is tried again."""

_WEBHOOK: Final = ("failed calling webhook", "failed to call webhook", "conversion webhook for")
_BEING_DELETED: Final = ("being terminated", "being deleted")
_PASSING: Final = ("TooManyRequests", "ServerTimeout", "Timeout")


class Retry(NamedTuple):
    """Another try.

    Args:
        seconds: For how long it is tried again, from the first refusal on.
        reason: What it waits for, in words.
    """

    seconds: float
    reason: str


def retry_of(error: EngineError, kind: ObjectKind) -> Retry | None:
    """How long to try again after a refusal; None where no time will help.

    Args:
        error: The refusal.
        kind: The object's kind.
    """
    words = error.message
    if isinstance(error, EngineUnavailable):
        return Retry(PASSING_SECONDS, f"the API does not answer: {words}")
    if isinstance(error, NotFound):
        if is_missing_namespace(error) or is_built_in(kind):
            return None
        return Retry(KIND_SECONDS, f"there is no kind {kind} of {kind.api_version} in the cluster yet")
    if any(text in words for text in _WEBHOOK):
        return Retry(math.inf, f"a webhook does not answer yet: {words}")
    if any(text in words for text in _BEING_DELETED):
        return Retry(math.inf, f"what was there before is still being deleted: {words}")
    if isinstance(error, Conflict):
        return Retry(PASSING_SECONDS, f"others change it as well: {words}")
    if isinstance(error, ApiRefusal) and (error.reason in _PASSING or _lacks_account(words)):
        return Retry(PASSING_SECONDS, words)
    return None


def is_missing_namespace(error: ApiRefusal) -> bool:
    """Whether what is not there is an object's namespace."""
    return isinstance(error, NotFound) and error.message.startswith("namespaces ")


def needs_new_object(error: ApiRefusal, kind: ObjectKind) -> bool:
    """Whether an object can't be changed in this way, and is of a kind that a change means to run again.

    The template of a Job can't be changed.
    """
    return kind == ObjectKind("batch/v1", "Job") and "field is immutable" in error.message


def takeover_text(error: Conflict) -> str:
    """Whose fields are taken over, in the API's words without its count of them."""
    # Apply failed with 1 conflict: conflict with "kubectl-edit" using apps/v1: .spec.replicas
    words = error.message
    return words.partition(": ")[2] if words.startswith("Apply failed") else words


def _lacks_account(words: str) -> bool:
    """Whether a new namespace has no account for its pods yet."""
    return "error looking up service account" in words and 'serviceaccount "default" not found' in words
