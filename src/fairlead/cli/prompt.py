"""Asking a person for the parameters that nothing else gives a value."""

from __future__ import annotations

import click

from fairlead.cli.start_choice import StartChoice
from fairlead.cli.terminal import say, style
from fairlead.model.app import App
from fairlead.model.parameter import Parameter
from fairlead.runtime.plan import plan_run
from fairlead.runtime.run_options import RunOptions, parameter_sources
from fairlead.runtime.store.instance import already_running, running_instance
from fairlead.runtime.store.project_settings import app_identity, find_settings
from fairlead.runtime.values.parameters import missing


def ask_for_missing(app: App, choice: StartChoice, parameter_values: dict[str, str]) -> dict[str, str]:
    """Ask for the values that the run needs and nothing gives; an empty answer leaves a parameter without one.

    Args:
        app: The app.
        choice: What is to be run.
        parameter_values: Values that the command line gives.

    Returns:
        The given values and the answers.

    Raises:
        AlreadyRunning: The app has a host already, so nothing needs to be asked.
        DefinitionError: What is to start can't do without a member of a group that nobody asked for.
    """
    settings = find_settings(app.directory)
    app_id = app_identity(app, settings)
    if (running := running_instance(app_id)) is not None:
        raise already_running(running)
    sources = parameter_sources(app, RunOptions(parameters=parameter_values), app_id, settings)
    plan = plan_run(app, choice.selected, choice.excluded, groups=choice.groups)
    needed = {start.name for start in plan.starts if start.automatic}
    asked = [parameter for parameter in missing(app, sources) if parameter.name in needed]
    answers = dict(parameter_values)
    if asked:
        say(
            f"{style(app.name, bold=True)} needs {'a value' if len(asked) == 1 else f'{len(asked)} values'}; an empty "
            "answer leaves it for later."
        )
    for parameter in asked:
        value = _ask(parameter)
        if value:
            answers[parameter.name] = value
            sources.give(parameter, value, store=click.confirm("  Store it for the next runs?", default=True))
    return answers


def _ask(parameter: Parameter) -> str:
    text = f"  {parameter.name}"
    if parameter.description:
        text += f" ({parameter.description})"
    answer: str = click.prompt(text, default="", show_default=False, hide_input=parameter.secret)
    return answer
