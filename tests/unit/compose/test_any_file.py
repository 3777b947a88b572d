"""Any file that is valid by the specification's schema can be imported, and nothing of it is lost in silence."""

from __future__ import annotations

import copy
import re
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.compose_import import app_of, code_of, import_text
from tests.support.compose_schema import SERVICES, compose_files, leaves

from fairlead.compose.importing import Imported
from fairlead.compose.reading.interpolation import fill, parse_template
from fairlead.errors import ComposeFileError

_PAIRS = re.compile(
    r"(environment|labels|annotations|args|sysctls|additional_contexts|options|networks|depends_on)\[\d+\]$"
)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(compose_files())
def test_any_file_gives_an_app_file_that_builds(file: dict[str, Any]) -> None:
    """What comes of a file must import, and build for a run and for publishing, with a resource for each service."""
    imported = import_text(yaml.safe_dump(file, sort_keys=False, allow_unicode=True))
    for mode in ("run", "publish"):
        app = app_of(imported, mode)
        containers = [resource for resource in app.resources if resource.kind == "Container"]
        assert len(containers) == len(file["services"]) + len(file.get("jobs", {}))
    assert not [remark for remark in imported.remarks if "no key of this name" in remark.reason]


@settings(suppress_health_check=list(HealthCheck))
@given(compose_files(), st.data())
def test_nothing_of_any_file_is_lost_in_silence(file: dict[str, Any], data: st.DataObject) -> None:
    """Another value must give another app file, or a remark about its place."""
    all_leaves = [(path, value) for path, value in leaves(file) if value is not None]
    path, value = data.draw(st.sampled_from(all_leaves))
    imported = import_text(yaml.safe_dump(file, sort_keys=False, allow_unicode=True))
    if is_told(imported, path, value):
        return
    changed = copy.deepcopy(file)
    put(changed, path, other(value))
    try:
        again = import_text(yaml.safe_dump(changed, sort_keys=False, allow_unicode=True))
    except ComposeFileError:
        return
    assert code_of(again) != code_of(imported) or is_told(again, path, other(value)), path


def is_told(imported: Imported, path: str, value: Any) -> bool:
    """Whether a remark is about a place, or about something that it belongs to."""
    paths = [path]
    if _PAIRS.search(path) is not None:  # a list of names, or of names with values, is told of by these names
        written = fill(parse_template(str(value)), {})
        paths.append(f"{path.rpartition('[')[0]}.{written.partition('=')[0]}")
    return any(
        (path == remark.path or path.startswith((f"{remark.path}.", f"{remark.path}[")))
        and not re.fullmatch(rf"services\.({'|'.join(map(re.escape, SERVICES))})", remark.path)
        for remark in imported.remarks
        for path in paths
    )


def other(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    known = ("service_started", "service_healthy"), ("tcp", "udp"), ("bind", "tmpfs"), ("start-first", "stop-first")
    for one, two in known:
        if value in (one, two):
            return two if value == one else one
    return re.sub(r"\d+", lambda number: str(int(number[0]) + 1), value) if re.search(r"\d", value) else f"{value}zz"


def put(file: Any, path: str, value: Any) -> None:
    """Write a value at a path."""
    names = [*SERVICES, "cache.v2"]
    steps = re.findall("|".join([*map(re.escape, names), r"[^.\[\]]+"]), path)
    for step in steps[:-1]:
        file = file[int(step) if isinstance(file, list) else step]
    file[int(steps[-1]) if isinstance(file, list) else steps[-1]] = value
