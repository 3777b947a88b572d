"""From the tree of a project to the plan of an app file."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from fairlead.compose.reading.files import Files as FilesOfProject
from fairlead.compose.reading.mistakes import Mistakes, stop
from fairlead.compose.reading.tree import Entries, Node, Place, is_null
from fairlead.compose.translation.desk import Desk
from fairlead.compose.translation.mounts import close_files
from fairlead.compose.translation.naming import Names, python_name
from fairlead.compose.translation.ordering import in_order
from fairlead.compose.translation.plans import AppPlan
from fairlead.compose.translation.report import Report
from fairlead.compose.translation.section import Section
from fairlead.compose.translation.services import Services, translate_services
from fairlead.compose.translation.sharing import share
from fairlead.compose.translation.variables import VariableBook

_NAMED = ("services", "jobs", "volumes", "networks", "configs", "secrets", "models")


def translate(
    project: Entries, sources: Sequence[str], name: str, files: FilesOfProject, profiles: Collection[str] = ()
) -> AppPlan:
    """The plan of an app file for a project.

    Args:
        project: The tree of its files.
        sources: These files.
        name: What the app is called where the files don't say.
        files: The folder of the app file.
        profiles: The profiles that are always on.

    Raises:
        ComposeFileError: The files have mistakes; all of them are in its ``errors``.
    """
    fixed: frozenset[str] = frozenset()
    while True:  # what is fixed grows with each pass, and seldom after the first
        attempt = _Attempt(project, sources, name, files, frozenset(profiles), fixed)
        plan = attempt.plan()
        if attempt.book.seen_fixed <= fixed:
            attempt.mistakes.check()
            return plan
        fixed |= attempt.book.seen_fixed


class _Attempt:
    """One pass over a project, which knows what variables have to be constants from the pass before."""

    def __init__(
        self,
        project: Entries,
        sources: Sequence[str],
        name: str,
        files: FilesOfProject,
        profiles: frozenset[str],
        fixed: frozenset[str],
    ) -> None:
        self._sources = sources
        self._name = name
        self._profiles = profiles
        self.mistakes = Mistakes()
        self._report = Report()
        self._names = Names()
        self.book = VariableBook(self._names, self._report, self.mistakes, fixed)
        self._desk = Desk(files, self._report, self.mistakes, self.book)
        self._top = Section(project, "", self._desk)

    def plan(self) -> AppPlan:
        named = {key: self._named(key) for key in _NAMED}
        if not named["services"] and not named["jobs"]:
            place = self._top.node.place
            raise stop("there are no services", Place(place.file, place.line), "Write some below 'services:'.")
        given = self._top.text("name")
        function = python_name(given or self._name)
        if given and function != given:
            self._report.changed("name", self._top.place("name"), f"the app is called {function!r}, as Python takes it")
        self.book.python.add(function)
        services = translate_services(named["services"], named, self._profiles, self._desk, self._names)
        self._close(named, services)
        shared = share(list(services.plans.values()), self.book.python)
        return AppPlan(
            function,
            self._sources,
            list(self.book.constants.values()),
            list(self.book.plans()),
            list(services.programs.images.values()),
            in_order(services.plans, services.needs),
            services.routes,
            self._report.remarks,
            shared,
        )

    def _named(self, key: str) -> Mapping[str, Node]:
        section = self._top.section(key)
        return section.node.entries if section is not None else {}

    def _close(self, named: Mapping[str, Mapping[str, Node]], services: Services) -> None:
        """Report what no service has a use for."""
        self._top.unneeded("version", "Compose takes no notice of it either")
        for key in ("configs", "secrets"):
            close_files(key, named[key], self._desk, services.files.used)
        for name, node in named["volumes"].items():
            self._close_volume(name, node, name in services.mounts.used)
        for name, node in named["networks"].items():
            self._close_other("networks", name, node, "all resources of an app share one network")
        for name, node in named["models"].items():
            reason = "models are no resources; add_external_service() tells the address of a server"
            self._report.lost(f"models.{name}", node.place, reason)
        self._top.close()
        self.book.close()

    def _close_volume(self, name: str, node: Node, is_used: bool) -> None:
        path = f"volumes.{name}"
        if not is_used:
            self._report.unneeded(path, node.place, "no service uses it")
        else:
            reason = "the app has a volume of its own under this name; what Compose's holds has to be copied into it"
            self._report.changed(path, node.place, reason)
        if not isinstance(node, Entries):
            return
        volume = Section(node, path, self._desk)
        volume.lost("name", "the volume is one of the app, so data in the old one has to be copied")
        volume.lost("external", "the volume is one of the app, so data in the old one has to be copied")
        is_usual = volume.text("driver") == "local"
        for key in ("driver_opts",) if is_usual else ("driver", "driver_opts"):
            volume.lost(key, "volumes are the engine's usual ones; add_persistent_volume() says more for a cluster")
        if is_usual:
            volume.unneeded("driver", "it is the engine's usual one")
        volume.lost("labels", "volumes have the labels by which they are found")
        volume.close()

    def _close_other(self, key: str, name: str, node: Node, reason: str) -> None:
        path = f"{key}.{name}"
        if is_null(node) or (isinstance(node, Entries) and not node.entries):
            self._report.unneeded(path, node.place, reason)
        elif isinstance(node, Entries):
            section = Section(node, path, self._desk)
            for inner in node.entries:
                if not inner.startswith("x-"):
                    section.lost(inner, reason)
