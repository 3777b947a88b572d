"""Docker and Podman, by the Docker Engine API.

Podman answers the same API, with differences that are taken care of in here and nowhere else: it loses lines of a
followed log when the container ends, writes ``host-gateway`` literally into a hosts file, and words its errors in its
own way.
"""

from fairlead.engines.docker.engine import DockerEngine
from fairlead.engines.docker.transport.connection import connect

__all__ = ["DockerEngine", "connect"]
