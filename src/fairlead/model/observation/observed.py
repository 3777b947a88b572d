"""Observed children: objects that a driver finds below its resource while it runs, such as the pods of a cluster."""

from __future__ import annotations

from dataclasses import dataclass

from fairlead.errors import with_remedy
from fairlead.model.health import HealthStatus
from fairlead.model.observation.snapshot import Snapshot, Url
from fairlead.model.observation.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedChild:
    """What a driver has observed of one child. Texts that are kept out of logs are masked in it too.

    Args:
        kind: What it is called in tables, such as ``Pod``; in lower case a part of its id.
        name: Its name, unique for its kind and namespace.
        namespace: Its namespace, if it is in one.
        parent: The id of the observed child, or the name of the resource, that it is shown below; by default its owner.
        state: What it is doing.
        health: None unless it runs and something checks it.
        reason: Why it is as it is, in words; empty when all is well.
        remedy: What to do about it; shown behind the reason, which is without it.
        raw: What the engine or cluster itself said, where the reason puts it into other words.
        word: Its own word for what is the matter, which takes the place of the state, such as ``ImagePullBackOff``.
            One that has a word needs a person.
        exit_code: How it ended, if it ended with an exit code.
        urls: Links to it.
        icon: What it looks like on the dashboard, such as ``pod``, ``workload`` or ``node``.
        properties: What else is shown of it, in order.
        started_at: When it became Running, in seconds since the epoch.
        stopped_at: When it ended.
    """

    kind: str
    name: str
    namespace: str | None = None
    parent: str | None = None
    state: State = State.RUNNING
    health: HealthStatus | None = None
    reason: str = ""
    remedy: str = ""
    raw: str = ""
    word: str = ""
    exit_code: int | None = None
    urls: tuple[Url, ...] = ()
    icon: str | None = None
    properties: tuple[tuple[str, str], ...] = ()
    started_at: float | None = None
    stopped_at: float | None = None

    def id_below(self, owner: str) -> str:
        """Its id, ``<owner>/<kind>/<namespace or ->/<name>``.

        Args:
            owner: The name of the resource whose driver observes it.

        Raises:
            ValueError: A part is empty or holds a slash.
        """
        parts = (owner, self.kind.lower().replace(" ", "-"), self.namespace or "-", self.name)
        if any(not part or "/" in part for part in parts):
            raise ValueError(f"an observed child of {owner} has an empty part, or a slash, in its id: {parts}")
        return "/".join(parts)

    def snapshot(self, owner: str) -> Snapshot:
        """It as a snapshot below its owner.

        Raises:
            ValueError: A part of its id is empty or holds a slash, or it is shown below itself.
        """
        id = self.id_below(owner)
        if self.parent == id:
            raise ValueError(f"the observed child {id} is to be shown below itself")
        return Snapshot(
            name=self.name,
            kind=self.kind,
            id=id,
            origin="observed",
            owner=owner,
            parent=self.parent or owner,
            state=self.state,
            health=self.health,
            ready=self.health in (None, HealthStatus.HEALTHY),
            reason=with_remedy(self.reason, self.remedy),
            remedy=self.remedy,
            raw=self.raw,
            word=self.word,
            exit_code=self.exit_code,
            urls=self.urls,
            icon=self.icon,
            properties=self.properties + ((("namespace", self.namespace),) if self.namespace else ()),
            started_at=self.started_at,
            stopped_at=self.stopped_at,
        )
