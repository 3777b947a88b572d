"""Parameters: values that come from outside the definition, secret ones among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fairlead.model.declaring import mistake
from fairlead.model.names import variable_form
from fairlead.model.resource import Resource
from fairlead.model.value import Value


@dataclass(frozen=True, slots=True)
class Generate:
    """A default that is made up once and then stored, so that data written with it stays readable.

    Args:
        length: Number of characters, at least 8. The default has about 128 bits.
    """

    length: int = 22


class Parameter(Resource, Value):
    """A value from outside: command line, environment, stored secrets, ``pyproject.toml``, default, or a prompt.

    Args:
        name: Follows the rules of resource names; the environment variable is ``FAIRLEAD_PARAMETER_<NAME>``.
        default: The value when nothing else gives one; ``Generate()`` makes one up and stores it.
        secret: Whether it must never be shown.
        description: What it is for, shown where it is asked for.
        publish_default: Whether the default goes into what is published. A secret's default never does.
    """

    kind: ClassVar[str] = "Parameter"
    driver: ClassVar[str | None] = "fairlead.drivers.parameter:ParameterDriver"

    def __init__(
        self,
        name: str,
        default: str | Generate | None = None,
        *,
        secret: bool = False,
        description: str = "",
        publish_default: bool = True,
    ) -> None:
        super().__init__(name)
        if isinstance(default, (int, float)) and not isinstance(default, bool):
            default = str(default)
        if default is not None and not isinstance(default, (str, Generate)):
            mistake(
                f"the default of a parameter must be text, not {type(default).__name__}",
                resource=self.name,
                remedy="Give text, Generate(), or leave it out to have it asked for.",
            )
            default = None
        if isinstance(default, Generate) and default.length < 8:
            mistake(f"Generate({default.length}) is too short", resource=self.name, remedy="Take 8 or more.")
        self.default = default
        self._secret = bool(secret)
        self.description = description
        self.publish_default = publish_default

    @property
    def secret(self) -> bool:
        """Whether it must never be shown."""
        return self._secret

    @property
    def variable(self) -> str:
        """The environment variable that can give its value."""
        return f"FAIRLEAD_PARAMETER_{variable_form(self.name)}"

    def describe(self) -> str:
        """The parameter's name, as the definition would spell it."""
        return f"parameter {self.name!r}"

    __repr__ = Value.__repr__  # a resource has one of its own, which comes first otherwise
