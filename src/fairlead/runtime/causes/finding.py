"""Finding the causes: what needs a person, from the snapshots of all resources. Pure.

A resource that failed, lacks something or is unhealthy by itself is a cause. One that is so for the sake of another is
an effect, and is counted by its cause. Links lead from what is held up to what holds it up:

- a resource that waits, or failed because of a wait, to what it waits for;
- what is made of others (a workload, a Helm release, a resource with replicas) to those of them that are in trouble;
- a part of something (a database, a pod) to that, or to its node, when that has failed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from fairlead.model.health import HealthStatus
from fairlead.model.observation.snapshot import Snapshot
from fairlead.model.observation.state import State
from fairlead.runtime.causes.cause import Cause
from fairlead.runtime.causes.graph import Links, effects_of, root_causes
from fairlead.runtime.causes.rows import Row, Rows
from fairlead.runtime.causes.troubles import Trouble, judge, replica_trouble
from fairlead.runtime.causes.words import cause_of


@dataclass(frozen=True, slots=True)
class Roles:
    """What the definition says of resources, by name, as far as it tells who is the cause of whose trouble.

    Args:
        aggregates: Those that are nothing but what is observed below them, such as Helm releases.
        parts: Those without which their parent is not complete, such as the agents of a cluster.
    """

    aggregates: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Findings:
    """The causes at one moment.

    Args:
        causes: The causes, worst first.
        outdated_at: When the passing of time alone makes others of them, in seconds since 1970; None for never.
    """

    causes: tuple[Cause, ...]
    outdated_at: float | None = None

    def is_outdated(self, now: float) -> bool:
        """Whether time alone has made others of them."""
        return self.outdated_at is not None and now >= self.outdated_at


def find_causes(
    snapshots: Sequence[Snapshot],
    now: float,
    roles: Roles | None = None,
    last_line: Callable[[str, str | None], str] = lambda id, source: "",
) -> Findings:
    """Find what needs a person.

    Args:
        snapshots: The present snapshots, in the order of the definition.
        now: The time, in seconds since 1970.
        roles: What the definition says.
        last_line: Gives the last line that a resource, or one replica of it, has written; empty where there is none.
    """
    search = _Search(Rows(snapshots), now, roles or Roles())
    search.judge_all()
    search.link_all()
    found = [
        (row, trouble, effects, cause_of(row, trouble, effects, search.rows, last_line, now))
        for row, trouble, effects in search.causes()
    ]
    found.sort(key=lambda each: (each[1].is_error is False, -len(each[2]), search.rows.order[each[0].snapshot.id]))
    return Findings(tuple(cause for *_, cause in found), search.outdated_at)


@dataclass(slots=True)
class _Search:
    """One search: what is in trouble, and who is held up by whom."""

    rows: Rows
    now: float
    roles: Roles
    outdated_at: float | None = None
    troubles: dict[str, Trouble] = field(default_factory=dict)
    troubled_rows: dict[str, Row] = field(default_factory=dict)
    waiting: dict[str, str] = field(default_factory=dict)
    links: Links = field(default_factory=Links)

    def causes(self) -> Iterator[tuple[Row, Trouble, list[str]]]:
        """The rows that are causes, what is the matter with each, and the names of those that wait for it."""
        for id in root_causes(list(self.troubles), self.links):
            names = [self.waiting[effect] for effect in effects_of(id, self.links, self.waiting)]
            yield self.troubled_rows[id], self.troubles[id], names

    # What is in trouble

    def judge_all(self) -> None:
        for snapshot in self.rows.snapshots.values():
            judgement = judge(snapshot, self.now)
            if judgement.changes_at is not None:
                self.outdated_at = min(judgement.changes_at, self.outdated_at or judgement.changes_at)
            if judgement.trouble is not None and not self._is_made_good(snapshot):
                self._note(self.rows.row(snapshot.id), judgement.trouble)
            if judgement.trouble is Trouble.UNHEALTHY:
                self._judge_replicas(snapshot)

    def _note(self, row: Row, trouble: Trouble) -> None:
        self.troubles[row.id] = trouble
        self.troubled_rows[row.id] = row

    def _is_made_good(self, snapshot: Snapshot) -> bool:
        """Whether it is an observed one whose workload is well without it, such as a pod that was replaced."""
        parent = self.rows.snapshots.get(snapshot.parent or "")
        if parent is None or snapshot.origin == "declared" or parent.origin == "declared":
            return False
        has_finished = parent.state is State.FINISHED and parent.exit_code in (0, None)
        return has_finished or (parent.state is State.RUNNING and parent.health is HealthStatus.HEALTHY)

    def _judge_replicas(self, snapshot: Snapshot) -> None:
        """Replicas in trouble beside others that are well are causes by themselves."""
        troubles = {replica: trouble for replica in snapshot.replicas if (trouble := replica_trouble(replica))}
        if not 0 < len(troubles) < len(snapshot.replicas):
            return
        for replica, trouble in troubles.items():
            self._note(Row(replica.id, replica.id, snapshot, replica), trouble)
            self.links.add(snapshot.id, replica.id)

    # Who is held up by whom

    def link_all(self) -> None:
        for snapshot in self.rows.snapshots.values():
            self._link_waits(snapshot)
            if snapshot.origin == "observed":
                self._link_observed(snapshot)
            elif snapshot.parent is not None:
                self._link_child(snapshot, snapshot.parent)
        self._link_engines()

    def _link_waits(self, snapshot: Snapshot) -> None:
        is_waiting = snapshot.state is State.WAITING and snapshot.origin == "declared"
        if not is_waiting and snapshot.failure != "DependencyFailed":
            return
        for wait in snapshot.waits:
            target = self.rows.snapshots.get(wait.resource)
            if not wait.satisfied and target is not None:
                self.waiting[snapshot.id] = snapshot.name
                self.links.add(snapshot.id, target.id)
                if is_waiting and target.id not in self.troubles and _is_idle(target):
                    self._note(self.rows.row(target.id), Trouble.IDLE)

    def _link_observed(self, snapshot: Snapshot) -> None:
        if snapshot.id not in self.troubles:
            return
        is_of_cluster = snapshot.kind == "Node"
        for ancestor in self.rows.ancestors(snapshot):
            is_of_cluster |= ancestor.kind == "Namespace"
            if ancestor.origin == "observed" or ancestor.name in self.roles.aggregates:
                self.links.add(ancestor.id, snapshot.id)
            elif self._has_failed(ancestor.id):
                self.links.add(snapshot.id, ancestor.id)
            elif is_of_cluster:
                self.links.add(ancestor.id, snapshot.id)
        node = f"{snapshot.owner}/node/-/{dict(snapshot.properties).get('node', '')}"
        if node in self.troubles:
            self.links.add(snapshot.id, node)

    def _link_child(self, snapshot: Snapshot, parent: str) -> None:
        if snapshot.id not in self.troubles or parent not in self.troubles:
            return
        if snapshot.name in self.roles.parts and not self._has_failed(parent):
            self.links.add(parent, snapshot.id)
        elif snapshot.name not in self.roles.aggregates:
            self.links.add(snapshot.id, parent)

    def _has_failed(self, id: str) -> bool:
        return id in self.troubles and self.troubles[id] is not Trouble.UNHEALTHY

    def _link_engines(self) -> None:
        """An engine that is down is one cause for all that need it."""
        without = [id for id, trouble in self.troubles.items() if trouble is Trouble.NO_ENGINE]
        without.sort(key=lambda id: not self.rows.snapshots[id].failure)  # one that failed tells more of the engine
        for id in without[1:]:
            self.links.add(id, without[0])
            self.waiting.setdefault(id, self.rows.snapshots[id].name)


def _is_idle(target: Snapshot) -> bool:
    """Whether nothing is on its way to make it what others wait for: a person has to start it."""
    if target.state is State.NOT_STARTED:
        return target.stop_requested or bool(target.reason)
    return target.state.is_terminal
