"""Values that a user gives to a running app, or asks to see."""

from __future__ import annotations

from fairlead.errors import UsageError
from fairlead.model.parameter import Parameter
from fairlead.runtime.lifecycle.run import Run
from fairlead.runtime.lifecycle.supervisor import Supervisor
from fairlead.runtime.values.parameters import ParameterSources, forgotten_text


class UserValues:
    """The parameters and variables of one run.

    Args:
        run: The run.
        supervisor: Its resources.
        sources: Where its parameters come from.
    """

    def __init__(self, run: Run, supervisor: Supervisor, sources: ParameterSources) -> None:
        self._run = run
        self._supervisor = supervisor
        self.sources = sources

    async def set_parameter(self, name: str, value: str, *, store: bool = False) -> None:
        """Give a parameter a value, and let what waits for it go on.

        Args:
            name: The parameter.
            value: Its value.
            store: Whether to keep it for later runs.

        Raises:
            UsageError: There is no such parameter.
            StateError: It can't be stored.
        """
        parameter = self._parameter(name)
        self.sources.give(parameter, value, store=store)
        self._note_value(parameter, "was given a value" + (", which is kept for later runs" if store else ""))
        await self._supervisor.runner(parameter.name).restart()

    async def forget_parameter(self, name: str) -> str:
        """Remove the stored value of a parameter; the run goes on with it.

        Returns:
            What that means for the next run.

        Raises:
            UsageError: There is no such parameter, or no value of it is stored.
            StateError: The stored secrets can't be read or written.
        """
        parameter = self._parameter(name)
        self.sources.forget(parameter)
        self._note_value(parameter, "its stored value was removed")
        await self._supervisor.runner(parameter.name).restart()
        return forgotten_text(parameter)

    def _note_value(self, parameter: Parameter, text: str) -> None:
        snapshot = self._run.bus.current(parameter.name)
        self._run.events.record_one(snapshot, "value", "idle", text[0].upper() + text[1:])

    def reveal_parameter(self, name: str) -> str:
        """The value of a parameter in clear; of a secret one its log says that it was shown.

        Raises:
            UsageError: There is no such parameter.
            ValueMissing: Nothing gives it a value.
            StateError: The stored secrets can't be read.
        """
        parameter = self._parameter(name)
        value = self.sources.find(parameter).value
        if parameter.secret:
            self._log_reveal(parameter.name, parameter.name)
        return value

    def reveal_variable(self, resource: str, name: str) -> str:
        """A variable of a resource's last start in clear; of a secret one the resource's log says that it was shown.

        Raises:
            UsageError: The resource had no such variable.
        """
        variables = self._run.environments.get(resource, {})
        if name not in variables:
            raise UsageError(f"its last start had no variable {name!r}", resource=resource)
        if any(variable.secret for variable in self._run.bus.current(resource).environment if variable.name == name):
            self._log_reveal(resource, name)
        return variables[name]

    def _log_reveal(self, resource: str, name: str) -> None:
        self._run.logs.log(resource).write(f"{name} was shown to the dashboard")

    def _parameter(self, name: str) -> Parameter:
        parameter = self._run.app[self._supervisor.runner(name).name]
        if not isinstance(parameter, Parameter):
            raise UsageError("it is no parameter", resource=parameter.name)
        return parameter
