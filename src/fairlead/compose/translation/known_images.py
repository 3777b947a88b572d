"""What is known of images that compose files use much: the ports that they listen on without a word about them."""

from __future__ import annotations

from typing import NamedTuple

#: Ports by the last word of a repository.
PORTS: dict[str, tuple[int, ...]] = {
    "postgres": (5432,),
    "postgresql": (5432,),
    "pgvector": (5432,),
    "postgis": (5432,),
    "timescaledb": (5432,),
    "pgbouncer": (6432,),
    "redis": (6379,),
    "valkey": (6379,),
    "keydb": (6379,),
    "mysql": (3306,),
    "mariadb": (3306,),
    "rabbitmq": (5672, 15672),
    "mongo": (27017,),
    "memcached": (11211,),
    "nats": (4222,),
    "kafka": (9092,),
    "zookeeper": (2181,),
    "elasticsearch": (9200,),
    "opensearch": (9200,),
    "clickhouse-server": (8123, 9000),
    "minio": (9000, 9001),
    "qdrant": (6333,),
    "mailpit": (1025, 8025),
    "mailhog": (1025, 8025),
    "nginx": (80,),
    "httpd": (80,),
    "caddy": (80,),
}
#: Ports at which a program most likely speaks HTTP.
WEB = frozenset(
    {
        *(80, 3000, 3001, 3030, 4000, 4200, 5000, 5173, 5555, 6333, 8000, 8001, 8008, 8025, 8080, 8081, 8088, 8090),
        *(8123, 8888, 9001, 9090, 9200, 9411, 15672, 16686),
    }
)
WEB_TLS = frozenset((443, 8443, 9443))


class DataFolder(NamedTuple):
    """Where an image keeps its data, and the variable that names the folder."""

    path: str
    variable: str


#: Images that put no data into a folder with something in it, by the last word of a repository.
DATA_FOLDERS = dict.fromkeys(
    ("postgres", "pgvector", "postgis", "timescaledb"), DataFolder("/var/lib/postgresql/data", "PGDATA")
)
#: What starts the programs of these images, and prepares them for it.
ENTRYPOINT = "docker-entrypoint.sh"
#: The programs of images that take a command of options only, by the last word of a repository.
OPTION_TAKERS = {
    "redis": "redis-server",
    "valkey": "valkey-server",
    "postgres": "postgres",
    "mysql": "mysqld",
    "mariadb": "mariadbd",
}


def image_word(image: str) -> str:
    """The last word of an image's repository: ``postgres`` for ``docker.io/library/postgres:16``."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[0]


def usual_ports(image: str) -> tuple[int, ...]:
    """The ports of an image that are known; none for most."""
    return PORTS.get(image_word(image), ())
