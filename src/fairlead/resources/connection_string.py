"""Connection strings that come from outside, or that are composed in the definition."""

from __future__ import annotations

from typing import ClassVar

from fairlead.model.argument_checks import kind_of
from fairlead.model.locations import mistake
from fairlead.model.names import derived_name
from fairlead.model.parameter import Parameter
from fairlead.model.resource import Resource
from fairlead.model.values.value import Value


class ConnectionString(Resource):
    """A connection string to something that the definition does not run.

    Args:
        name: The resource's name; consumers see ``ConnectionStrings__<name>``.
        value: The string, composed by ``ref``; None makes it a secret parameter of the same name with
            ``-connection-string`` behind it.
    """

    kind: ClassVar[str] = "Connection string"
    default_icon: ClassVar[str] = "external"
    driver: ClassVar[str | None] = "fairlead.drivers.connection_string:ConnectionStringDriver"
    passive: ClassVar[bool] = True

    def __init__(self, name: str, value: Value | None = None) -> None:
        super().__init__(name)
        if value is not None and not isinstance(value, Value):
            mistake(
                f"the value of a connection string must be a deferred value, not {kind_of(value)}",
                resource=self.name,
                remedy='Write ref("…{x}…", x=…), or leave it out to have it given as a parameter.',
            )
            value = None
        self.value: Value = value or self.adopt(Parameter(derived_name(self.name, "connection-string"), secret=True))

    @property
    def connection_string(self) -> Value:
        """The string."""
        return self.value
