"""The Job that makes a database on its server, as a run does: unless it is there already."""

from __future__ import annotations

from typing import Any

from fairlead.model.resource import Resource
from fairlead.publish.chart.leaves import Text, When, WithDefault, encode
from fairlead.publish.chart.names import object_name
from fairlead.publish.chart.object_names import ObjectName
from fairlead.publish.chart.pod import Pod
from fairlead.publish.chart.pod_variables import PodVariables
from fairlead.publish.chart.ports import Port
from fairlead.publish.cluster_kind import ClusterKind
from fairlead.publish.context import PlanningContext
from fairlead.publish.images.image_names import image_fields
from fairlead.publish.workloads.config_and_secret import checksums
from fairlead.publish.workloads.security import client_context
from fairlead.publish.workloads.variables import existing_secret
from fairlead.resources.postgres import MAKE_DATABASE, PostgresDatabase

# The server may still be starting, and another run of this Job may have been cut off at any point.
_SCRIPT = f"""\
set -eu
trap 'exit 143' TERM
until pg_isready --quiet; do
  echo "waiting for $PGHOST:$PGPORT"
  sleep 1
done
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --set=name="$DATABASE_NAME" --dbname=postgres <<'SQL'
{MAKE_DATABASE}SQL
echo "the database $DATABASE_NAME is there"
"""
#: The server's variables that give its user and password, and those that its tools read.
_CREDENTIALS = {"POSTGRES_USER": "PGUSER", "POSTGRES_PASSWORD": "PGPASSWORD"}


class DatabaseClusterKind(ClusterKind):
    """A database: a Job creates it with the server's own image and credentials."""

    def job_pod(self, resource: Resource, server: PodVariables, context: PlanningContext) -> Pod:
        """The pod that creates a database."""
        assert isinstance(resource, PostgresDatabase)
        port = context.ports[resource.server.name]["tcp"]
        return _database_pod(context, resource, server, port)


def _database_pod(context: PlanningContext, database: PostgresDatabase, server: PodVariables, port: Port) -> Pod:
    chart, policy = context.chart, context.environment.properties.default_image_pull_policy
    name, server_name = object_name(database.name), object_name(database.server.name)
    variables: list[dict[str, Any]] = [
        {"name": "PGHOST", "value": ObjectName("Service", server_name)},
        {"name": "PGPORT", "value": str(port.number)},
        {"name": "DATABASE_NAME", "value": encode(database.database_name, "dollars")},
    ]
    shown: dict[str, Text | When] = {}
    secret: dict[str, Text | When] = {}
    for theirs, ours in _CREDENTIALS.items():
        if theirs in server.secret:
            source = WithDefault(existing_secret(chart.values, database.server), ObjectName("Secret", server_name))
            variables.append({"name": ours, "valueFrom": {"secretKeyRef": {"name": source, "key": theirs}}})
            secret[theirs] = server.secret[theirs]
        elif theirs in server.config:
            selector = {"name": ObjectName("ConfigMap", server_name), "key": theirs}
            variables.append({"name": ours, "valueFrom": {"configMapKeyRef": selector}})
            shown[theirs] = server.config[theirs]
    container = {
        "name": name,
        **image_fields(chart, database.server, policy),
        "command": ["sh", "-c", encode(_SCRIPT, "dollars")],
        "env": variables,
        "securityContext": client_context(chart),
    }
    return Pod(
        name=name,
        resource=database.name,
        container=container,
        annotations=checksums(chart, database.server, shown, secret),
    )
