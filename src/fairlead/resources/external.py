"""Services that run elsewhere: an address, and whether it answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Self
from urllib.parse import urlsplit

from fairlead.model.endpoints.consumer import Contribution
from fairlead.model.health import HttpCheck
from fairlead.model.locations import Location, mistake
from fairlead.model.names import variable_form
from fairlead.model.resource import Consumer, Resource
from fairlead.model.values.value import Value, ValueLike


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.scheme and parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # a bracket without its other half, or a port out of range
        return False


class ExternalService(Resource):
    """A service that somebody else runs.

    Args:
        name: The resource's name.
        url: Its address; a parameter or other value when it is known only later.
    """

    kind: ClassVar[str] = "External service"
    default_icon: ClassVar[str] = "external"
    driver: ClassVar[str | None] = "fairlead.drivers.external:ExternalDriver"
    cluster_kind: ClassVar[str | None] = "fairlead.publish.kinds.external:ExternalClusterKind"
    passive: ClassVar[bool] = True

    def __init__(self, name: str, url: str | Value) -> None:
        super().__init__(name)
        self.url: str | Value = ""
        if isinstance(url, Value):
            self.url = url
        elif self._text("ExternalService", "url", url):
            if _is_address(url):
                self.url = url
            else:
                mistake(
                    f"{url!r} is not an absolute address",
                    resource=self.name,
                    remedy='Give scheme and host: "https://api.example.com".',
                )

    @property
    def made_from(self) -> str:
        """Its address, where the definition has it."""
        return "" if isinstance(self.url, Value) else self.url.partition("://")[2].rstrip("/")

    @property
    def scheme(self) -> str | None:
        """The scheme of the address, or None when that is known only later."""
        return None if isinstance(self.url, Value) else urlsplit(self.url).scheme

    def with_http_health_check(self, path: str = "/", status: int = 200) -> Self:
        """Healthy when a GET below its address answers with a status.

        Args:
            path: Starts with ``/``.
            status: The status that means healthy.
        """
        self._declare("with_http_health_check")
        valid = self._path("with_http_health_check", "path", path)
        if self._number("with_http_health_check", "status", status, 100, 599) and valid:
            self.health_checks.append(HttpCheck(path, status, self.url))
        return self

    def _given_values(self) -> Iterator[tuple[object, Location]]:
        """Also its address."""
        yield from super()._given_values()
        yield self.url, self.where

    def contribute(self, consumer: Consumer) -> Contribution:
        """Its address under the names of service discovery; the key is ``default`` where the scheme is known later."""
        name = consumer.connection_name or self.name
        key = self.scheme or "default"
        variables: dict[str, ValueLike] = {
            f"services__{name}__{key}__0": self.url,
            f"{variable_form(name)}_{'URL' if self.scheme is None else self.scheme.upper()}": self.url,
        }
        return Contribution(env=variables)
