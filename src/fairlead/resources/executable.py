"""Programs of this machine, run as processes."""

from __future__ import annotations

import os
from signal import Signals
from typing import ClassVar, Literal, Self, TypeAlias, get_args

from fairlead.model.locations import mistake
from fairlead.model.programs.image import refuse_options_of_image
from fairlead.model.programs.inputs import Argument
from fairlead.model.programs.program import JobProgram
from fairlead.model.programs.workload import Workload, refuse_secret_arguments

Stdin: TypeAlias = Literal["open", "closed"]


class Executable(Workload):
    """A program that runs as a process of this machine.

    Args:
        name: The resource's name.
        command: What to run, found on PATH, or a path relative to ``cwd`` when it holds a slash.
        cwd: The folder to run it in, relative to the app file's folder.
        *args: Its first arguments.
    """

    kind: ClassVar[str] = "Executable"
    driver: ClassVar[str | None] = "fairlead.drivers.process:ExecutableDriver"
    default_port_variable: ClassVar[str | None] = "PORT"
    #: What the image of a published app is made from, for kinds that need no Dockerfile.
    default_base_image: ClassVar[str | None] = None
    #: The signal that asks it to end, where the definition names none.
    default_stop_signal: ClassVar[str] = "SIGTERM"
    #: Whether all its processes get that signal at once, as by Ctrl+C in a terminal: reloaders lose their child's last
    #: words otherwise. Job workers lose the running job by it.
    signals_group: ClassVar[bool] = False

    def __init__(self, name: str, command: str, cwd: str | os.PathLike[str] = ".", *args: Argument) -> None:
        super().__init__(name)
        self.command = command if self._text(type(self).__name__, "command", command) else ""
        cwd = os.fspath(cwd) if isinstance(cwd, os.PathLike) else cwd
        self.cwd = cwd if self._text(type(self).__name__, "its folder", cwd) else "."
        self.base_image: str | None = None
        #: Whether all its processes get the stop signal at once; None leaves it to the kind.
        self.stop_group: bool | None = None
        #: What it finds in its standard input; None means closed for what runs to its end, and open for anything else.
        self.stdin: Stdin | None = None
        self.with_args(*args)

    def _new_job(self, name: str, program: JobProgram) -> Workload:
        """A program in the same folder: the same one, or the one that is named."""
        program.refuse(name, self.kind, "script", "module")
        return Executable(name, program.command or self.command, self.cwd)

    @property
    def made_from(self) -> str:
        """Its program."""
        return self.command

    @property
    def own_folder(self) -> str:
        """The folder that it runs in."""
        return self.cwd

    def with_base_image(self, image: str) -> Self:
        """Say what the image is made from that a published app gets.

        Args:
            image: ``[registry/]repository[:tag][@digest]``; it has to have the program's language.
        """
        self._declare("with_base_image")
        if self.default_base_image is None:
            mistake(
                f"with_base_image(): no image is made for the kind {self.kind!r}",
                resource=self.name,
                remedy="Name the whole image: with_image(…).",
            )
        elif self._text("with_base_image", "image", image):
            self.base_image = image.strip()
        return self

    def with_stop_signal(self, signal: str | Signals, *, group: bool | None = None) -> Self:
        """Ask it to end by another signal than its kind's.

        Args:
            signal: Such as ``"SIGINT"``, ``"INT"`` or ``signal.SIGINT``.
            group: Whether all its processes get it at once, as by Ctrl+C in a terminal; by default only the first, and
                its children when it has ended without them.
        """
        super().with_stop_signal(signal)
        if group is not None:
            self.stop_group = self._flag("with_stop_signal", "group", group)
        return self

    def with_stdin(self, stdin: Stdin) -> Self:
        """Say what it finds in its standard input.

        Args:
            stdin: ``open`` for a pipe in which nothing comes and which ends with the run, for watchers, which end when
                their input does; ``closed`` for nothing at all, so that a program that reads to the end goes on. By
                default ``closed`` for a Job and for what another resource waits to see complete, else ``open``.
        """
        self._declare("with_stdin")
        if self._one_of("with_stdin", "stdin", stdin, get_args(Stdin)):
            self.stdin = stdin
        return self

    def _finish(self) -> None:
        """Report what a process can't have: secrets in its arguments, and ports that would clash."""
        super()._finish()
        refuse_secret_arguments(self, "process")
        if self.built_image is not None and self.base_image not in (None, self.built_image.base_image):
            refuse_options_of_image(self, self.built_image, ["with_base_image()"])
        for spec in self.endpoints.values():
            if self.replicas > 1 and spec.target_port is not None:
                mistake(
                    f"endpoint {spec.name!r} has target_port={spec.target_port}, which {self.replicas} replicas "
                    "can't all listen on",
                    resource=self.name,
                    where=spec.where,
                    remedy="Leave target_port out; each replica gets its own in the variable named by env=.",
                )
            elif self.replicas == 1 and spec.port and spec.target_port and spec.port != spec.target_port:
                mistake(
                    f"endpoint {spec.name!r} has port={spec.port} and target_port={spec.target_port}, and nothing "
                    "stands between the two for a process",
                    resource=self.name,
                    where=spec.where,
                    remedy="Give one of them only.",
                )
            elif spec.protocol == "udp" and self.replicas > 1:
                mistake(
                    f"endpoint {spec.name!r} is UDP, which is not balanced over replicas",
                    resource=self.name,
                    where=spec.where,
                    remedy="Use one replica.",
                )
