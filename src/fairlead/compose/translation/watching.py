"""``develop.watch``: what happens when files change."""

from __future__ import annotations

from fairlead.compose.reading.tree import Entries
from fairlead.compose.translation.plans import ServicePlan
from fairlead.compose.translation.section import Section
from fairlead.compose.writing.expressions import Call, Expression, listed, literal, text

_ACTIONS = {action: action for action in ("rebuild", "restart", "sync", "sync+restart")} | {"sync+exec": "sync"}


def add_watching(plan: ServicePlan) -> None:
    """Let a service react to changes of files."""
    develop = plan.section.section("develop")
    if develop is None:
        return
    for path, node in develop.items("watch"):
        if isinstance(node, Entries):
            _add_watch(plan, Section(node, path, develop.desk))
        else:
            develop.desk.mistakes.wrong_kind(path, node, "a mapping with 'path' and 'action'")
    develop.close()


def _add_watch(plan: ServicePlan, watch: Section) -> None:
    folder, action, target = watch.scalar("path"), watch.text("action") or "", watch.scalar("target")
    ignored = [watch.desk.plain(node, path).removeprefix("./") for path, node in watch.texts("ignore")]
    watch.lost("include", "all below the path is watched, but for what is ignored")
    watch.lost("exec", "no command runs after a sync; the action restart starts the program again")
    watch.take("initial_sync")
    if "initial_sync" in watch:
        watch.unneeded("initial_sync", "what differs is copied at the start")
    watch.close()
    known = _ACTIONS.get(action)
    if folder is None or known is None:
        reason = "it has no path" if folder is None else f"{action!r} is no action"
        watch.desk.report.lost(watch.path, watch.node.place, reason)
        return
    if action == "sync+exec":
        watch.lost("action", "files are copied, and what has to happen then is the program's own")
    keywords: list[tuple[str, Expression]] = [("action", literal(known))]
    if known.startswith("sync") and target is not None:
        keywords.append(("target", watch.desk.fixed(target)))
    elif known.startswith("sync"):
        watch.desk.report.lost(watch.path, watch.node.place, "it has no target to copy to")
        return
    elif target is not None:
        watch.lost("target", "nothing is copied")
    if ignored:
        keywords.append(("ignore", listed(text(pattern) for pattern in ignored)))
    where = watch.desk.path(folder, watch.at("path"))
    plan.calls.append(Call("with_watch", (where,), tuple(keywords), watch.path))
