"""How an image is built, as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from fairlead.model.values.value import ValueLike
from fairlead.records import each, record

#: What no image should hold; BuildKit reads it when it lies beside the Dockerfile. It names all that looks secret but
#: PEM files, which are public certificates as often as keys.
IGNORE = """\
**/.git
**/.venv
**/venv
**/__pycache__
**/*.pyc
**/.pytest_cache
**/.mypy_cache
**/.ruff_cache
**/node_modules
**/.env*
**/*.env
**/*.key
**/*.p12
**/*.pfx
**/*.jks
**/fairlead-output
"""


@record
class ImageBuild:
    """How one image is built.

    Args:
        resource: The name of the resource that it is named after: its program, or the image that programs share.
        image: What it is called, with its tag.
        context: The folder that is sent to the engine, relative to the app file's.
        dockerfile: The Dockerfile, relative to the context; where ``text`` is not None, relative to the output folder.
        text: A Dockerfile that Fairlead makes.
        target: The stage to build; None for the last.
        args: Build arguments.
        secrets: What its Dockerfile finds while it is built, by id.
        platform: What it is for, such as ``linux/amd64``; None where the definition does not say.
        programs: The names of the programs that share it; empty for that of one program.
    """

    resource: str
    image: str
    context: str
    dockerfile: str
    text: str | None = None
    target: str | None = None
    args: Mapping[str, ValueLike] = each(factory=dict)
    secrets: Mapping[str, ValueLike] = each(factory=dict)
    platform: str | None = None
    programs: Sequence[str] = ()

    def values(self) -> Iterator[ValueLike]:
        """Its arguments and secrets, which may be deferred."""
        yield from self.args.values()
        yield from self.secrets.values()

    @property
    def names(self) -> set[str]:
        """The names, in lower case, of the resources that it is built for."""
        return {name.lower() for name in (self.resource, *self.programs)}

    # Two builds are the same only if they are one, since values in their arguments can't be compared.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    @property
    def files(self) -> dict[str, str]:
        """What belongs into the output folder, by path."""
        return {} if self.text is None else {self.dockerfile: self.text, f"{self.dockerfile}.dockerignore": IGNORE}
