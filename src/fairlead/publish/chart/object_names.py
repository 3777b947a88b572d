"""Names of objects in other objects: a name that knows which kind of object it names."""

from __future__ import annotations

from typing import NamedTuple

from fairlead.model.kubernetes.customization import CustomizableObjects
from fairlead.publish.chart.leaves import Text
from fairlead.records import record


class ObjectName(str):
    """The name of a Kubernetes object, where another object names it.

    It is the text of the name, and written as such. Because it knows its kind, a walk over any object finds what the
    object names, wherever that stands: so a rename can be followed, and a broken name be reported.

    Args:
        kind: The kind of the named object, such as ``Deployment``.
        name: Its name.
    """

    __slots__ = ("kind",)
    kind: str

    def __new__(cls, kind: str, name: str) -> ObjectName:
        """Make the name."""
        named = super().__new__(cls, name)
        named.kind = kind
        return named

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]
        """What a copy is made of: functions of a definition copy objects."""
        return self.kind, str(self)


class ObjectKey(NamedTuple):
    """What tells an object of a chart from the others."""

    kind: str
    name: Text


class ObjectIdentity(NamedTuple):
    """What another object has to say to refer to one."""

    api_version: str
    kind: str
    name: Text


@record
class RemovedObject:
    """An object that a function of the definition removed or renamed.

    Args:
        owner: The resource whose object it was.
        successor: What it is now; None where it was removed.
    """

    owner: CustomizableObjects
    successor: ObjectIdentity | None
