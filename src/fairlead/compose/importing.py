"""From compose files to the text of an app file that builds a definition.

What the definition would not accept is taken out again and told: its own rules judge, so there is no second set.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from fairlead.compose.app_file import AppFileText, write_app_file
from fairlead.compose.reading.files import Files
from fairlead.compose.reading.loading import load, read_variables
from fairlead.compose.reading.tree import Entries, Scalar
from fairlead.compose.translation.plans import AppPlan, ServicePlan
from fairlead.compose.translation.project import translate
from fairlead.compose.translation.report import Remark
from fairlead.compose.writing.expressions import Call
from fairlead.definition import Definition
from fairlead.errors import ComposeFileError, DefinitionError, ModelError

#: The name that an app file has while it is tried.
_TRIED = "<imported app file>"


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import gives.

    Args:
        text: The text of the app file.
        remarks: What it does not say as the compose files do, which also stands at its foot.
    """

    text: str
    remarks: Sequence[Remark]


def import_compose(
    paths: Sequence[str],
    files: Files,
    *,
    name: str,
    env_files: Sequence[str] = (),
    profiles: Collection[str] = (),
) -> Imported:
    """The app file for compose files.

    Args:
        paths: The files, each of which overrides those before it, relative to the folder of the app file.
        files: That folder.
        name: What the app is called where the files don't say.
        env_files: The files that give variables their values.
        profiles: The profiles whose services are in no group.

    Raises:
        ComposeFileError: The files have mistakes; all of them are in its ``errors``.
    """
    variables = read_variables(env_files, files)
    project = load(paths, files, variables)
    variables.setdefault("COMPOSE_PROJECT_NAME", _project_name(project, name))
    active = {*profiles, *filter(None, variables.get("COMPOSE_PROFILES", "").split(","))}
    plan = translate(project, paths, variables["COMPOSE_PROJECT_NAME"], files, active)
    while True:
        written = write_app_file(plan)
        mistakes = _mistakes(written.text, plan.function)
        if not mistakes:
            return Imported(written.text, plan.remarks)
        _take_out(mistakes, written, plan)


def _project_name(project: Entries, name: str) -> str:
    """What Compose calls a project: what the file says, else the folder's name as far as it is allowed."""
    given = project.entries.get("name")
    if isinstance(given, Scalar) and given.text and "$" not in given.text:
        return given.text
    return re.sub(r"[^a-z0-9_-]", "", name.lower()).lstrip("_-") or name


def _mistakes(text: str, function: str) -> Sequence[ModelError]:
    """What is wrong with an app file, by the rules of definitions; evaluating one touches nothing."""
    names: dict[str, Any] = {"__name__": "imported"}
    exec(compile(text, _TRIED, "exec"), names)  # noqa: S102 - the text was written here
    definition: Definition = names[function]
    try:
        definition.build("run")
        definition.build("publish")
    except DefinitionError as error:
        return error.errors
    return ()


def _take_out(mistakes: Sequence[ModelError], written: AppFileText, plan: AppPlan) -> None:
    """Take the calls out that mistakes are about, and report them as lost.

    Raises:
        ComposeFileError: A mistake is about something that can't be left out.
    """
    removed = False
    unplaced: list[ModelError] = []
    for mistake in mistakes:
        entry = written.calls.get(mistake.line)
        if entry is not None and entry[1] in entry[0]:
            entry[0].remove(entry[1])
            plan.remarks += _remarks(entry[1], mistake)
            removed = True
        elif entry is None:
            unplaced.append(_placed(mistake, written.starts.get(mistake.line)))
    if not removed:
        raise ComposeFileError(unplaced or list(mistakes))


def _remarks(call: Call, mistake: ModelError) -> list[Remark]:
    reason = f"{call.method}() does not take it: {mistake.message}"
    return [Remark("lost", origin, None, reason) for origin in (call.origin, *call.beside)]


def _placed(mistake: ModelError, service: ServicePlan | None) -> ModelError:
    """A mistake with the place of its service in the compose file."""
    if service is None:
        return ModelError(mistake.message, resource=mistake.resource, remedy=mistake.remedy)
    place = service.section.node.place
    return ModelError(
        mistake.message, resource=service.service, file=place.file, line=place.line, remedy=mistake.remedy
    )
