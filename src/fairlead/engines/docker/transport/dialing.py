"""Which way leads to an engine."""

from __future__ import annotations

import ssl
from collections.abc import Mapping

from fairlead.engines.docker.transport.connectors import TcpTransport, Transport, UnixTransport
from fairlead.engines.docker.transport.discovery import Candidate
from fairlead.engines.docker.transport.ssh import SshTransport
from fairlead.errors import EngineUnavailable


def transport_to(candidate: Candidate, environment: Mapping[str, str]) -> Transport:
    """The way to an engine.

    Args:
        candidate: Where it is.
        environment: The user's environment, for the ``ssh`` command.

    Raises:
        EngineUnavailable: Its address has an unknown form, or its certificates can't be used.
    """
    scheme = candidate.address.partition("://")[0]
    if candidate.socket is not None:
        return UnixTransport(str(candidate.socket))
    if scheme in ("tcp", "http", "https"):
        return TcpTransport(candidate.address, _tls(candidate))
    if scheme == "ssh":
        return SshTransport(candidate, environment)
    raise EngineUnavailable(
        f"no container engine: '{candidate.address}', from {candidate.source}, is no address of one.",
        remedy="It has to begin with unix://, tcp:// or ssh://.",
    )


def _tls(candidate: Candidate) -> ssl.SSLContext | None:
    if candidate.certificates is None:
        return None
    folder = candidate.certificates
    try:
        folder.stat()
        authority = folder / "ca.pem"
        context = ssl.create_default_context(cafile=str(authority) if authority.exists() else None)
        if not candidate.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if (folder / "cert.pem").exists():
            context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    except OSError as error:  # an SSLError is one
        raise EngineUnavailable(
            f"no container engine: the certificates for {candidate} in {folder} can't be used ({error}).",
            remedy="Give the folder that holds ca.pem, cert.pem and key.pem as DOCKER_CERT_PATH.",
        ) from error
    return context
