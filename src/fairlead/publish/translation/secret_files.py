"""Files that look secret: never copied into a chart, but required as values when it is installed."""

from __future__ import annotations

import re
from collections.abc import Collection
from fnmatch import fnmatchcase

from fairlead.digests import hex_digest
from fairlead.model.programs.workload import Workload
from fairlead.publish.chart.leaves import Text, encode
from fairlead.publish.chart.sections import Section
from fairlead.publish.chart.values_yaml import ValuesYaml

#: Names of files that hold secrets as a rule. PEM files can be looked into, and may be public certificates.
PATTERNS = (".env*", "*.env", "*.key", "*.pem", "*.p12", "*.pfx", "*.jks")
_READABLE = ("*.pem",)
#: And those of them that are no text, so that a value can only hold their base64.
_BINARY = ("*.p12", "*.pfx", "*.jks")
_NOT_IN_KEYS = r"[^-._a-zA-Z0-9]+"
_PRIVATE_KEY = rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"


def is_secret_name(path: str, *, unreadable_only: bool = False) -> bool:
    """Whether a file looks secret by its name; its case makes no difference.

    Args:
        path: The file.
        unreadable_only: Leave out files whose contents tell whether they are secret.
    """
    return _is_one_of(path, PATTERNS) and not (unreadable_only and _is_one_of(path, _READABLE))


def holds_private_key(content: bytes) -> bool:
    """Whether contents have a private key in PEM format in them."""
    return re.search(_PRIVATE_KEY, content) is not None


def _is_one_of(path: str, patterns: Collection[str]) -> bool:
    name = path.rstrip("/").rpartition("/")[2].lower()
    return any(fnmatchcase(name, pattern) for pattern in patterns)


class SecretFiles:
    """The values of one chart that hold the contents of files.

    Args:
        values: Where the values of the chart are declared.
        taken: The names of the app's parameters, which have the same section of values.yaml.
    """

    def __init__(self, values: ValuesYaml, taken: Collection[str]) -> None:
        self._values = values
        self._files: dict[str, tuple[str, str] | None] = dict.fromkeys(taken)

    def value(self, workload: Workload, source: str) -> Text:
        """The required value with the contents of a file, which is not read.

        Args:
            workload: The workload that gets the file.
            source: The file, relative to the app file's folder.
        """
        is_binary = _is_one_of(source, _BINARY)
        value = self._values.declare(
            Section.SECRETS.value(self._key(workload, source)),
            "",
            comment=f"The contents of {source}{', in base64' if is_binary else ''}.",
            required=True,
            file=None if is_binary else source,
        )
        return encode(value, "binary") if is_binary else value

    def _key(self, workload: Workload, source: str) -> str:
        """``<resource>-<file>``, with a checksum where another file, or a parameter, has that name."""
        file = workload.name, source
        name = source.rpartition("/")[2]
        key = f"{workload.name}-{re.sub(_NOT_IN_KEYS, '-', name)}"
        if self._files.setdefault(key, file) != file:
            key += f"-{hex_digest(source.encode('utf-8', 'surrogatepass'))[:8]}"
        return key
