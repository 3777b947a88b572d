"""All routes of the control API, in one table."""

from __future__ import annotations

from fairlead.dashboard.model_document import ModelDocument
from fairlead.dashboard.request import Parameter
from fairlead.dashboard.route import Route
from fairlead.dashboard.routes.app import show_app, show_model, show_openapi, stop_run
from fairlead.dashboard.routes.commands import run_command
from fairlead.dashboard.routes.logs import list_lines
from fairlead.dashboard.routes.parameters import reveal_parameter, set_parameter
from fairlead.dashboard.routes.resources import (
    list_resources,
    prepare_exec,
    reveal_variable,
    show_resource,
    wait_for_resource,
)
from fairlead.dashboard.routes.telemetry.table import TELEMETRY_ROUTES
from fairlead.dashboard.schema import (
    ANYTHING,
    FLAG,
    GAP,
    LINE,
    MESSAGE,
    OPEN_LINE,
    REMOVAL,
    SNAPSHOT,
    TEXT,
    TEXTS_BY_NAME,
    an_object,
    any_of,
    list_of,
    or_null,
    schema_of,
)
from fairlead.runtime.lifecycle.external_waits import CONDITIONS
from fairlead.runtime.store.instance import RunRecord

_FOLLOW = Parameter("follow", "Go on with what comes, one object per line, until the run ends.", "flag")
_NAMED_VALUE = an_object({"name": TEXT, "value": TEXT})

ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path="/api/app",
        handler=show_app,
        name="showApp",
        summary="What runs: app, app file, process, when it began, the address of its page.",
        answer=an_object({**schema_of(RunRecord)["properties"], "dashboard": or_null(TEXT)}),
    ),
    Route(
        method="GET",
        path="/api/model",
        handler=show_model,
        name="showModel",
        summary="What the definition says of each resource; secrets are masked.",
        answer=schema_of(ModelDocument),
    ),
    Route(
        method="GET",
        path="/api/openapi.json",
        handler=show_openapi,
        name="showOpenapi",
        summary="This document.",
        answer={"type": "object"},
    ),
    Route(
        method="POST",
        path="/api/stop",
        handler=stop_run,
        name="stopRun",
        summary="End the run.",
        answer=MESSAGE,
    ),
    Route(
        method="GET",
        path="/api/resources",
        handler=list_resources,
        name="listResources",
        summary="The snapshots of all resources; followed, then each change, and the removals of observed ones.",
        answer=an_object({"resources": list_of(SNAPSHOT)}),
        query=(_FOLLOW,),
        item=any_of(SNAPSHOT, REMOVAL),
    ),
    Route(
        method="GET",
        path="/api/resources/{id}",
        handler=show_resource,
        name="showResource",
        summary="One snapshot.",
        answer=SNAPSHOT,
    ),
    Route(
        method="GET",
        path="/api/resources/{id}/wait",
        handler=wait_for_resource,
        name="waitForResource",
        summary="The snapshot of a resource, once it meets a condition.",
        answer=SNAPSHOT,
        query=(
            Parameter("for", "The condition; healthy by default.", choices=CONDITIONS),
            Parameter("timeout", "Seconds to wait at most; no limit by default.", "number"),
        ),
    ),
    Route(
        method="POST",
        path="/api/resources/{id}/commands/{command}",
        handler=run_command,
        name="runCommand",
        summary="Run start, stop, restart or one of its own commands. A command of its own ends with the request.",
        body=an_object({}, inputs={"type": "object", "description": "Values by the names of the inputs."}),
        answer=an_object({"message": or_null(TEXT), "data": ANYTHING}),
    ),
    Route(
        method="POST",
        path="/api/resources/{id}/exec",
        handler=prepare_exec,
        name="prepareExec",
        summary="What to run on this machine so that a command runs where the resource does, with secrets in clear.",
        body=an_object({"argv": list_of(TEXT)}, terminal=FLAG),
        answer=an_object({"argv": list_of(TEXT), "env": TEXTS_BY_NAME, "cwd": TEXT}),
    ),
    Route(
        method="POST",
        path="/api/resources/{id}/environment/{name}/reveal",
        handler=reveal_variable,
        name="revealVariable",
        summary="One environment variable of a resource's last start, in clear.",
        answer=_NAMED_VALUE,
    ),
    Route(
        method="GET",
        path="/api/logs",
        handler=list_lines,
        name="listLines",
        summary="Lines of all declared resources, or of those that are named, in the order in which they were written.",
        query=(
            Parameter("name", "A resource, by its name or id.", many=True),
            Parameter("tail", "Only the last so many lines of each.", "number"),
            Parameter("after", "Only what comes behind this cursor; lines that are lost meanwhile make a gap."),
            _FOLLOW,
            Parameter("open", "Follow also lines that have no end yet, each time they change.", "flag"),
        ),
        answer=an_object({"lines": list_of(any_of(LINE, GAP)), "open": list_of(OPEN_LINE), "cursor": TEXT}),
        item=any_of(LINE, GAP, OPEN_LINE),
    ),
    Route(
        method="POST",
        path="/api/parameters/{name}",
        handler=set_parameter,
        name="setParameter",
        summary="Give a parameter a value; resources that wait for it continue.",
        body=an_object({"value": TEXT}, store={**FLAG, "description": "Whether to keep it for later runs."}),
        answer=MESSAGE,
    ),
    Route(
        method="POST",
        path="/api/parameters/{name}/reveal",
        handler=reveal_parameter,
        name="revealParameter",
        summary="The value of one parameter, in clear.",
        answer=_NAMED_VALUE,
    ),
    *TELEMETRY_ROUTES,
)
