"""Services that run elsewhere: an address, and whether it answers."""

from __future__ import annotations

from typing import ClassVar, Self
from urllib.parse import urlsplit

from fairlead.model.consumer import Consumer, Contribution
from fairlead.model.declaring import mistake
from fairlead.model.health import HttpCheck
from fairlead.model.names import variable_form
from fairlead.model.resource import Resource
from fairlead.model.value import Value, ValueLike


class ExternalService(Resource):
    """A service that somebody else runs.

    Args:
        name: The resource's name.
        url: Its address; a parameter or other value when it is known only later.
    """

    kind: ClassVar[str] = "External service"
    driver: ClassVar[str | None] = "fairlead.drivers.external:ExternalDriver"

    def __init__(self, name: str, url: str | Value) -> None:
        super().__init__(name)
        self.url: str | Value = url
        if not isinstance(url, Value) and self._text("add_external_service", "url", url):
            parts = urlsplit(url)
            if not parts.scheme or not parts.netloc:
                mistake(
                    f"{url!r} is not an absolute address",
                    resource=self.name,
                    remedy='Give scheme and host: "https://api.example.com".',
                )

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
        if not isinstance(path, str) or not path.startswith("/"):
            mistake(
                f"with_http_health_check() got the path {path!r}",
                resource=self.name,
                remedy="Give a path that starts with '/'.",
            )
        else:
            self.health_checks.append(HttpCheck(path, status, self.url))
        return self

    def contribute(self, consumer: Consumer) -> Contribution:
        """Its address under the names of service discovery; the key is ``default`` where the scheme is known later."""
        name = consumer.connection_name or self.name
        key = self.scheme or "default"
        variables: dict[str, ValueLike] = {
            f"services__{name}__{key}__0": self.url,
            f"{variable_form(name)}_{'URL' if self.scheme is None else self.scheme.upper()}": self.url,
        }
        return Contribution(env=variables)
