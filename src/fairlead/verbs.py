"""A definition with its verbs: ``@apphost``, and what ``shop.main()``, ``shop.publish()`` and ``shop.start()`` do.

It is on top of the package, so that the verbs have real signatures. What a verb takes is imported when it is called:
an app file that is only loaded gets the definition and nothing that runs or publishes it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, overload

from fairlead.app import AppBuilder
from fairlead.definition import Definition
from fairlead.model.wait import WaitBehavior, WaitBehaviorText

if TYPE_CHECKING:
    from fairlead.engines.containers import ContainerEngine
    from fairlead.publish.publisher import PublishResult
    from fairlead.testing.run import testing

FormatName: TypeAlias = Literal["helm", "manifests", "kustomize"]
"""What an app can be published as."""


class Apphost(Definition):
    """A definition: a function that describes an app, and the verbs that can be done with it.

    Args:
        function: Gets an :class:`AppBuilder`; called anew for each run, publish and test.
        name: The app's name; by default the function's.
        file: The app file; by default the one that holds the function.
    """

    def publish(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        target: str | None = None,
        format: FormatName = "helm",
        check: bool = False,
        strict: bool = False,
        values: Mapping[str, Any] | None = None,
        groups: Collection[str] = (),
    ) -> PublishResult:
        """Publish the app: the same as ``fairlead publish``.

        Args:
            path: The output folder; by default ``fairlead-output`` beside the app file.
            target: Name of the environment to publish for; by default all of them.
            format: What to write: ``helm``, ``manifests`` or ``kustomize``.
            check: Write nothing; only tell what would change.
            strict: Whether a warning is an error.
            values: Values for the formats manifests and kustomize; a chart gets them from helm.
            groups: The groups that are published beside those that each environment asks for; ``*`` for all.

        Raises:
            DefinitionError: The definition has mistakes; publish errors that don't follow from them come with them.
            PublishError: It can't be published as it stands.
            UsageError: There is no such environment, format or group, or the format takes no values.
        """
        from fairlead.publish.definition import build_for_publishing
        from fairlead.publish.publisher import publish

        app = build_for_publishing(self, target)
        return publish(
            app, path, target=target, format=format, check=check, strict=strict, values=values, groups=groups
        )

    def start(
        self,
        *,
        parameters: Mapping[str, str] | None = None,
        exclude: Collection[str] = (),
        select: Collection[str] = (),
        groups: Collection[str] = (),
        behavior: WaitBehavior | WaitBehaviorText = WaitBehavior.FAIL_FAST,
        engine: ContainerEngine | None = None,
    ) -> testing:
        """Run the app inside a program: ``async with shop.start() as app:``, or ``with`` where no event loop runs.

        See :class:`fairlead.testing.testing`.

        Args:
            parameters: Values of parameters by name.
            exclude: Names of resources that are not started.
            select: Names of the resources to start, with what they need; all when empty.
            groups: The groups whose members start as well, ``*`` for all.
            behavior: What waits do when their target fails.
            engine: What is used instead of this machine's container engine.
        """
        from fairlead.testing.run import testing

        return testing(
            self,
            parameters=parameters,
            exclude=exclude,
            select=select,
            groups=groups,
            behavior=behavior,
            engine=engine,
        )

    def main(self, argv: Sequence[str] | None = None) -> None:
        """Be the command line of this app: ``python apphost.py run``, with the verbs of ``fairlead``.

        Args:
            argv: The arguments; by default those of the process.

        Raises:
            SystemExit: With the exit code of the verb.
            AppFileError: The app file calls this while it is being loaded.
            UsageError: An event loop runs here, as in a notebook.
        """
        from fairlead.cli.interrupts import quiet_interrupts

        with quiet_interrupts():
            from fairlead.cli.main import main

        main(argv, own_apphost=self)


@overload
def apphost(function: Callable[[AppBuilder], None], /) -> Apphost: ...
@overload
def apphost(*, name: str | None = None) -> Callable[[Callable[[AppBuilder], None]], Apphost]: ...


def apphost(
    function: Callable[[AppBuilder], None] | None = None, /, *, name: str | None = None
) -> Apphost | Callable[[Callable[[AppBuilder], None]], Apphost]:
    """Make a function the definition of an app.

    Args:
        function: Describes the app to the :class:`AppBuilder` it gets.
        name: The app's name; by default the function's.
    """
    if function is None:
        return lambda decorated: Apphost(decorated, name)
    return Apphost(function, name)
