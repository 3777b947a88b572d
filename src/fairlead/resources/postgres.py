"""PostgreSQL servers and their databases. Variables, ports and paths are those of the official image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from fairlead.model.endpoints.endpoint import EndpointSpec
from fairlead.model.kubernetes.customization import CustomizableObjects
from fairlead.model.locations import user_location
from fairlead.model.names import derived_name
from fairlead.model.parameter import Generate, Parameter, given_parameter
from fairlead.model.programs.image import Image
from fairlead.model.values.value import Expression, Value, ValueLike, ref
from fairlead.resources.container import Container

IMAGE = "postgres:15-bookworm"
"""The image of a server, unless the definition names another."""
MAKE_DATABASE = """\
SELECT format('CREATE DATABASE %I', :'name')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \\gexec
"""
"""What psql is told, from its standard input, so that there is a database of the name in its variable ``name``."""


class Postgres(Container):
    """A PostgreSQL server.

    Args:
        name: The resource's name.
        image: The image to run.
        user: The superuser's name.
        password: Its password; by default a generated parameter ``<name>-password`` that is stored.
    """

    kind: ClassVar[str] = "Postgres"
    default_icon: ClassVar[str] = "database"
    driver: ClassVar[str | None] = "fairlead.drivers.postgres:PostgresDriver"
    # What its entrypoint needs before it gives up being root.
    capabilities: ClassVar[tuple[str, ...] | None] = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID")
    image_user: ClassVar[int | None] = 999
    alpine_user: ClassVar[int | None] = 70
    scratch_folders: ClassVar[tuple[str, ...]] = ("/var/run/postgresql",)
    keeps_own_data: ClassVar[bool] = True
    sends_telemetry: ClassVar[bool] = False
    data_path: ClassVar[str | None] = "/var/lib/postgresql/data"
    # A new disk may hold lost+found, and Postgres makes its files in an empty folder only.
    data_subpath: ClassVar[str | None] = "data"
    data_variable: ClassVar[str | None] = "PGDATA"
    first_start_variables: ClassVar[Mapping[str, str]] = {
        "POSTGRES_USER": "ALTER ROLE … RENAME TO …",
        "POSTGRES_PASSWORD": "ALTER ROLE … PASSWORD '…'",
    }
    # By TCP, because while it makes its first databases the server listens on its socket only.
    ready_command: ClassVar[tuple[str, ...]] = ("sh", "-c", 'exec pg_isready -q -h 127.0.0.1 -U "$POSTGRES_USER"')

    def __init__(
        self,
        name: str,
        *,
        image: str | Image = IMAGE,
        user: str | Parameter = "postgres",
        password: Parameter | None = None,
    ) -> None:
        super().__init__(name, image)
        known_user = isinstance(user, Parameter) or self._text("Postgres", "user", user)
        self.user: str | Parameter = user if known_user else "postgres"
        self.password = given_parameter(self, "password", password) or self.adopt(
            Parameter(derived_name(self.name, "password"), Generate(), secret=True)
        )
        self._imply_endpoint(EndpointSpec("tcp", "tcp", user_location(), target_port=5432))
        self.with_environment("POSTGRES_USER", self.user)
        self.with_environment("POSTGRES_PASSWORD", self.password)

    def add_database(self, name: str, database_name: str | None = None) -> PostgresDatabase:
        """A database on this server, created when it is missing.

        Args:
            name: The resource's name.
            database_name: The database's own name; by default the resource's.
        """
        return self.adopt(PostgresDatabase(name, self, database_name))

    @property
    def connection_string(self) -> Value:
        """The URI of the server."""
        return self.uri(None)

    @property
    def connection_properties(self) -> Mapping[str, ValueLike]:
        """Host, port, user name, password and URI."""
        tcp = self.endpoint("tcp")
        return {
            "HOST": tcp.host,
            "PORT": tcp.port,
            "USERNAME": self.user,
            "PASSWORD": self.password,
            "URI": self.uri(None),
        }

    def uri(self, database: str | None) -> Expression:
        """The URI of a database, or of the server."""
        tcp = self.endpoint("tcp")
        parts = {"user": self.user, "password": self.password, "host": tcp.host, "port": tcp.port}
        if database is None:
            return ref("postgresql://{user:uri}:{password:uri}@{host}:{port}", **parts)
        return ref("postgresql://{user:uri}:{password:uri}@{host}:{port}/{name:uri}", name=database, **parts)


class PostgresDatabase(CustomizableObjects):
    """A database of a :class:`Postgres` server.

    Args:
        name: The resource's name.
        server: The server it is on.
        database_name: The database's own name; by default the resource's.
    """

    kind: ClassVar[str] = "Postgres database"
    default_icon: ClassVar[str] = "database"
    driver: ClassVar[str | None] = "fairlead.drivers.postgres:DatabaseDriver"
    cluster_kind: ClassVar[str | None] = "fairlead.publish.kinds.postgres:DatabaseClusterKind"
    created_by_job: ClassVar[bool] = True
    left_behind: ClassVar[str] = "its data stays on the server"

    def __init__(self, name: str, server: Postgres, database_name: str | None = None) -> None:
        super().__init__(name)
        self.server = server
        self.database_name = self._optional_text("add_database", "database_name", database_name) or self.name
        self.wait_for(server)

    @property
    def made_from(self) -> str:
        """Its name on its server."""
        return f"{self.database_name} on {self.server.name}"

    @property
    def connection_string(self) -> Value:
        """The URI of the database."""
        return self.server.uri(self.database_name)

    @property
    def connection_properties(self) -> Mapping[str, ValueLike]:
        """The server's properties, with the database's name and URI."""
        return {
            **self.server.connection_properties,
            "URI": self.connection_string,
            "DATABASENAME": self.database_name,
        }
