"""A definition: the function that describes an app, evaluated anew for each run, publish and test."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR, unwrap
from pathlib import Path

from fairlead.app import AppBuilder, load_kinds
from fairlead.errors import DefinitionError, ModelError
from fairlead.model.app import App
from fairlead.model.endpoints.consumer import Mode, ModeText
from fairlead.model.locations import collecting, error_location, mistake, user_location
from fairlead.model.names import NAME_REMEDY, name_problem
from fairlead.model.values.value import DeferredValueError

#: Stands for the app file where there is none.
_INTERACTIVE = "<interactive>"


class Definition:
    """The function that describes an app, with the app's name and file. The verbs are in :mod:`fairlead.verbs`.

    Args:
        function: Gets an :class:`AppBuilder`; called anew for each run, publish and test.
        name: The app's name; by default the function's.
        file: The app file; by default the one that holds the function. A function of a notebook, or one that was typed
            in, is in no file: its folders start at the working folder, which tells the app from others, too.
    """

    def __init__(
        self,
        function: Callable[[AppBuilder], None],
        name: str | None = None,
        file: str | os.PathLike[str] | None = None,
    ) -> None:
        self.function = function
        inner = unwrap(function) if callable(function) else None
        code = getattr(inner, "__code__", None)
        if code is None or code.co_flags & (CO_COROUTINE | CO_GENERATOR | CO_ASYNC_GENERATOR):
            place = user_location()
            raise ModelError(
                f"an app is defined by a plain function, not by {function!r}",
                file=place.file,
                line=place.line,
                remedy="Write @apphost above def shop(app: AppBuilder) -> None; only callbacks may be async.",
            )
        load_kinds(code)
        self.name: str = getattr(function, "__name__", code.co_name) if name is None else name
        self._source: str = code.co_filename
        is_in_file = "__file__" in getattr(inner, "__globals__", ())
        self.file = Path(os.path.realpath(file or (self._source if is_in_file else _INTERACTIVE)))
        self.__doc__ = function.__doc__

    def build(self, mode: Mode | ModeText = Mode.RUN) -> App:
        """Evaluate the definition.

        Args:
            mode: What for: ``"run"`` or ``"publish"``.

        Raises:
            DefinitionError: It has mistakes; all of them are in its ``errors``. An exception that ended the definition
                is the last of them, and the cause of the error.
        """
        builder = AppBuilder(self.name, self.file, Mode(mode))
        with collecting(self.name, self._source) as errors:
            if problem := name_problem(self.name):
                mistake(problem, remedy=f'{NAME_REMEDY} Or give the app one: @apphost(name="shop").')
            try:
                self.function(builder)
                app = builder._finish()
            except (Exception, SystemExit) as error:  # what it said before it broke off is still reported
                errors.extend(_as_mistakes(error, self.name))
                builder._check_so_far()
                raise DefinitionError(errors) from error
        if errors:
            raise DefinitionError(errors, app)
        return app


def _as_mistakes(error: Exception | SystemExit, app_name: str) -> Sequence[ModelError]:
    """An exception that ended a definition, as mistakes with a place."""
    if isinstance(error, DefinitionError):
        return error.errors
    place = error.where if isinstance(error, DeferredValueError) else error_location(error)
    if isinstance(error, ModelError):  # a third-party kind may raise one without knowing the place
        file, line = (error.file, error.line) if error.file else (place.file, place.line)
        return [
            ModelError(error.message, resource=error.resource or app_name, file=file, line=line, remedy=error.remedy)
        ]
    if isinstance(error, DeferredValueError):
        text, remedy = error.message, "The definition stopped there."
    elif isinstance(error, SystemExit):
        code = "" if error.code is None else repr(error.code)
        text = f"the definition called sys.exit({code})"
        remedy = "Raise an error that says what is wrong; the definition stopped there."
    else:
        text = f"the definition raised {type(error).__name__}: {error}"
        remedy = "Correct that line; the definition stopped there."
    return [ModelError(text, resource=app_name, file=place.file, line=place.line, remedy=remedy)]
