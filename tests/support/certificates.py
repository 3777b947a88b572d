"""Certificates of a test's own."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path


def make_certificates(folder: Path, host: str) -> None:
    """An authority, and a certificate of it that both sides use."""
    (folder / "names").write_text(f"subjectAltName=DNS:{host}\n")
    for command in (
        "req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=authority -keyout ca-key.pem -out ca.pem",
        "req -newkey rsa:2048 -nodes -subj /CN=engine -keyout key.pem -out request.pem",
        "x509 -req -in request.pem -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 1 -extfile names -out cert.pem",
    ):
        subprocess.run(["openssl", *command.split()], cwd=folder, capture_output=True, check=True)


def server_context(folder: Path) -> ssl.SSLContext:
    """A server with these certificates, which asks for the client's."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(folder / "ca.pem"))
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context
