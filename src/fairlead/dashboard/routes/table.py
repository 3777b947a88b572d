"""All routes of the control API, in one table."""

from __future__ import annotations

from fairlead.dashboard.documents.app import AppDocument
from fairlead.dashboard.documents.logs import LogHistogram
from fairlead.dashboard.documents.parameters import ParameterList
from fairlead.dashboard.documents.source import SourceDocument
from fairlead.dashboard.model_document import ModelDocument
from fairlead.dashboard.request import Parameter
from fairlead.dashboard.route import Route
from fairlead.dashboard.routes.app import reload_app, show_app, show_model, show_openapi, stop_run
from fairlead.dashboard.routes.causes import list_causes
from fairlead.dashboard.routes.clusters import show_cluster
from fairlead.dashboard.routes.commands import run_command
from fairlead.dashboard.routes.logs import DEFAULT_BUCKETS, count_lines, list_lines
from fairlead.dashboard.routes.parameters import forget_parameter, list_parameters, reveal_parameter, set_parameter
from fairlead.dashboard.routes.resources import (
    list_events,
    list_resources,
    prepare_exec,
    reveal_variable,
    show_resource,
    wait_for_resource,
)
from fairlead.dashboard.routes.source import show_source
from fairlead.dashboard.routes.telemetry.table import TELEMETRY_ROUTES
from fairlead.dashboard.routes.watch import watch
from fairlead.dashboard.schema import (
    ANYTHING,
    CAUSES,
    FLAG,
    GAP,
    LINE,
    MESSAGE,
    OPEN_LINE,
    REMOVAL,
    SNAPSHOT,
    TEXT,
    TEXTS_BY_NAME,
    WATCH_LINE,
    an_object,
    any_of,
    list_of,
    or_null,
    schema_of,
)
from fairlead.model.observation.cluster import ClusterDocument
from fairlead.runtime.events.event import ResourceEvent
from fairlead.runtime.lifecycle.external_waits import CONDITIONS
from fairlead.runtime.reload.result import Reload

_FOLLOW = Parameter("follow", "Go on with what comes, one object per line, until the run ends.", "flag")
_NAMED_VALUE = an_object({"name": TEXT, "value": TEXT})

ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path="/api/app",
        handler=show_app,
        name="showApp",
        summary="What runs: app, app file, process, when it began, git branch, engine, the address of its page.",
        answer=schema_of(AppDocument),
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
        path="/api/reload",
        handler=reload_app,
        name="reloadApp",
        summary="Read the app file again and apply what differs, or only tell that. With mistakes nothing changes.",
        body=an_object({}, check={**FLAG, "description": "Whether to apply nothing."}),
        answer=schema_of(Reload),
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
        path="/api/watch",
        handler=watch,
        name="watch",
        summary="All that the page shows of resources, as it changes: snapshots, causes, events and usage.",
        answer=None,
        item=WATCH_LINE,
    ),
    Route(
        method="GET",
        path="/api/causes",
        handler=list_causes,
        name="listCauses",
        summary="What needs a person, worst first.",
        answer=an_object({"causes": CAUSES}),
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
        path="/api/resources/{id}/events",
        handler=list_events,
        name="listEvents",
        summary="What has happened to a resource in this run, the newest last.",
        answer=an_object({"events": list_of(schema_of(ResourceEvent))}),
    ),
    Route(
        method="GET",
        path="/api/resources/{id}/source",
        handler=show_source,
        name="showSource",
        summary="The lines of the app file that declare a resource.",
        answer=schema_of(SourceDocument),
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
        method="GET",
        path="/api/logs/histogram",
        handler=count_lines,
        name="countLines",
        summary="How many of the kept lines have which level, by time and by resource.",
        query=(
            Parameter("name", "A resource, by its name or id.", many=True),
            Parameter("buckets", f"How many steps of time there may be; {DEFAULT_BUCKETS} by default.", "number"),
            Parameter("follow", "Answer again once a second, while it changes, one object per line.", "flag"),
        ),
        answer=schema_of(LogHistogram),
        item=schema_of(LogHistogram),
    ),
    Route(
        method="GET",
        path="/api/clusters/{name}",
        handler=show_cluster,
        name="showCluster",
        summary="A cluster that is up: its nodes, workloads with their pods, and events.",
        answer=schema_of(ClusterDocument),
        query=(Parameter("follow", "Answer again when it changes, at most once a second, until it stops.", "flag"),),
        item=schema_of(ClusterDocument),
    ),
    Route(
        method="GET",
        path="/api/parameters",
        handler=list_parameters,
        name="listParameters",
        summary="All parameters: their values, where these come from, who uses them, and where values are kept.",
        answer=schema_of(ParameterList),
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
        path="/api/parameters/{name}/forget",
        handler=forget_parameter,
        name="forgetParameter",
        summary="Remove the stored value of a parameter; the run goes on with it.",
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
