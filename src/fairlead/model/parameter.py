"""Parameters: values that come from outside the definition, secret ones among them."""

from __future__ import annotations

from typing import ClassVar

from fairlead.model.argument_checks import kind_of
from fairlead.model.locations import mistake
from fairlead.model.names import variable_form
from fairlead.model.resource import Resource
from fairlead.model.values.plain_value import PlainValue, is_plain_value, to_text
from fairlead.model.values.value import Value
from fairlead.records import record


@record
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
        default: The value when nothing else gives one, as text, a number, a truth value (``true``, ``false``) or other
            plain data; ``Generate()`` makes one up and stores it.
        secret: Whether it must never be shown.
        description: What it is for, shown where it is asked for.
        publish_default: Whether the default goes into what is published. A secret's default never does, except the
            empty text, which says that the secret may be left out.
    """

    kind: ClassVar[str] = "Parameter"
    default_icon: ClassVar[str] = "parameter"
    driver: ClassVar[str | None] = "fairlead.drivers.parameter:ParameterDriver"
    passive: ClassVar[bool] = True
    starts_with_parent: ClassVar[bool] = True

    def __init__(
        self,
        name: str,
        default: PlainValue | Generate | None = None,
        *,
        secret: bool = False,
        description: str = "",
        publish_default: bool = True,
    ) -> None:
        super().__init__(name)
        if is_plain_value(default):
            default = to_text(default)
        if isinstance(default, Generate):
            self._number("Generate", "length", default.length, 8)
        elif default is not None and not isinstance(default, str):
            mistake(
                f"the default of a parameter must be text, not {kind_of(default)}",
                resource=self.name,
                remedy="Give text, Generate(), or leave it out to have it asked for.",
            )
            default = None
        if not isinstance(description, str):
            mistake(
                f"the description of a parameter must be text, not {kind_of(description)}",
                resource=self.name,
                remedy="Say what the parameter is for, or leave it out.",
            )
        self.default = default
        self.description = description
        self.publish_default = self._flag("Parameter", "publish_default", publish_default)
        self._secret = self._flag("Parameter", "secret", secret)

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


def given_parameter(owner: Resource, what: str, value: object) -> Parameter | None:
    """The parameter that a kind was given for something, or None where it was given none; reports a wrong one."""
    if value is None or isinstance(value, Parameter):
        return value
    mistake(
        f"{type(owner).__name__}() needs a parameter as {what}, not {kind_of(value)}",
        resource=owner.name,
        remedy="Make one: app.add_parameter(name, secret=True).",
    )
    return None
