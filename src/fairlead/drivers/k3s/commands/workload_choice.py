"""Which workload a user means."""

from __future__ import annotations

from collections.abc import Iterable

from fairlead.engines.kube import ObjectRef
from fairlead.errors import UsageError
from fairlead.model.names import listing, nearest


def choose_workload(text: str, workloads: Iterable[ObjectRef]) -> ObjectRef:
    """The workload that a user means.

    Args:
        text: Its name, with as much of ``<cluster>/<kind>/<namespace>/<name>`` in front of it as tells it apart:
            ``web``, ``deployment/web``, ``shop/web`` or ``deployment/shop/web``. The case of the kind does not matter.
        workloads: The workloads of the cluster.

    Raises:
        UsageError: There is none, or several.
    """
    by_path = {path_of(workload): workload for workload in workloads}
    words = [word.lower() for word in text.strip("/").split("/")]
    meant = [path for path in by_path if _matches(words, path.split("/"))]
    if len(meant) == 1:
        return by_path[meant[0]]
    if meant:
        raise UsageError(f"{text!r} may be {listing(meant)}", remedy=f"Write one of them in full, such as {meant[0]}.")
    guess = nearest(text, [*by_path, *(path.rpartition("/")[2] for path in by_path)])
    remedy = f"Did you mean {guess!r}?" if guess else f"There are {listing(by_path)}." if by_path else None
    raise UsageError(f"there is no workload {text!r} that could be restarted", remedy=remedy)


def path_of(workload: ObjectRef) -> str:
    """A workload as ``<kind>/<namespace>/<name>``, which is the end of its id in the tree."""
    return f"{workload.kind.kind.lower()}/{workload.namespace}/{workload.name}"


def _matches(words: list[str], path: list[str]) -> bool:
    kind, namespace, name = path
    match words:
        case [word]:
            return word == name
        case [first, word]:
            return word == name and first in (kind, namespace)
        case [*_, a, b, word] if len(words) <= 4:
            return (a, b, word) == (kind, namespace, name)
    return False
