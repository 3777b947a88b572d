"""The Job that makes a database on its server, as a run does: unless it is there already."""

from __future__ import annotations

from typing import Any

from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.leaves import Text, When, WithDefault, encode
from fairlead.publish.chart.names import object_name
from fairlead.publish.chart.object_names import ObjectName
from fairlead.publish.chart.ports import Port
from fairlead.publish.chart.properties import Given
from fairlead.publish.images.image_names import image_fields
from fairlead.publish.workloads.config_and_secret import checksums
from fairlead.publish.workloads.pod import Pod
from fairlead.publish.workloads.security import security_context
from fairlead.publish.workloads.variables import PodVariables, existing_secret
from fairlead.resources.postgres import MAKE_DATABASE, PostgresDatabase

# The server may still be starting, and another run of this Job may have been cut off at any point.
_SCRIPT = f"""\
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


def database_pod(chart: Chart, database: PostgresDatabase, server: PodVariables, port: Port, policy: Given) -> Pod:
    """The pod that makes a database, with the server's own image and credentials.

    Args:
        chart: The chart it is in.
        database: The database.
        server: The environment of its server.
        port: Where the server listens.
        policy: The pull policy for images that have none of their own.
    """
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
        "securityContext": {
            **security_context(database.server),
            "capabilities": {"drop": ["ALL"]},
            "runAsNonRoot": True,
            "runAsUser": 65534,
        },
    }
    return Pod(name=name, container=container, annotations=checksums(chart, database.server, shown, secret))
